import HTTP2

/// How a body of gRPC-Web is written.
enum WebFormat: Equatable {
  case binary
  /// The same bytes in base64.
  case text

  var contentType: String {
    switch self {
    case .binary: "application/grpc-web+proto"
    case .text: "application/grpc-web-text+proto"
    }
  }

  /// Reads a content type; nil for what is not gRPC-Web or is for messages other than protobuf.
  init?(contentType value: some Collection<UInt8>) {
    let type = value.prefix { $0 != 0x3B && $0 != 0x20 && $0 != 0x09 }.map(Self.lowercase)
    switch String(decoding: type, as: UTF8.self) {
    case "application/grpc-web", "application/grpc-web+proto": self = .binary
    case "application/grpc-web-text", "application/grpc-web-text+proto",
      "application/grpc-web-text-base64":
      self = .text
    default: return nil
    }
  }

  /// Reads `accept`: the first that is named; nil when none is.
  init?(accept value: [UInt8]) {
    let named = value.split(separator: 0x2C).lazy
      .map { $0.drop { $0 == 0x20 || $0 == 0x09 } }.compactMap(WebFormat.init(contentType:))
    guard let first = named.first else { return nil }
    self = first
  }

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
  }
}

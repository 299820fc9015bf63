import HTTP2

/// How the answer to a request of gRPC-Web is written: the trailers are its last message, and in
/// text each message is an encoding of its own, so that it can be read as soon as it is there.
// A class, so that the calls of others hold no more than one pointer for it.
final class WebAnswer: Sendable {
  private static let trailersFlag: UInt8 = 0x80
  private static let exposed = ["grpc-status", "grpc-message", "grpc-status-details-bin"]

  let format: WebFormat
  /// What the browser is told of the page's origin.
  let origin: HeaderFields
  private let isExposing: Bool

  /// - Parameter grant: what the page's origin may; nil when the request named none.
  init(_ format: WebFormat, grant: HeaderFields?) {
    self.format = format
    var origin = grant ?? HeaderFields()
    origin.append("vary", "origin")
    self.origin = origin
    isExposing = grant != nil
  }

  /// The header block of an answer, of what it would be for gRPC.
  func head(_ fields: HeaderFields) -> HeaderFields {
    var head = HeaderFields()
    var names = Self.exposed
    fields.visit { name, value in
      if name.equals("content-type") { return head.append("content-type", format.contentType) }
      let name = name.text
      head.append(name, bytes: value.array)
      if !name.hasPrefix(":"), !names.contains(name) { names.append(name) }
    }
    head.append(contentsOf: origin)
    if isExposing {
      head.append("access-control-expose-headers", names.joined(separator: ","))
    }
    return head
  }

  /// Bytes of a header block for gRPC whose `head` has at most `limit`.
  static func roomInHead(_ limit: Int) -> Int {
    // Each name is there a second time, and there is what the origin is told.
    (limit - 1024) / 2
  }

  /// A message with its prefix in text; nil when it is written as gRPC writes it.
  func textChunk(_ message: [UInt8]) -> OutboundChunk? {
    format == .text ? Self.text(flag: 0, message) : nil
  }

  /// The trailers as the last message: lines as in HTTP/1, with nothing behind the last of them.
  func trailers(_ fields: HeaderFields) -> OutboundChunk {
    var block: [UInt8] = []
    fields.visit { name, value in
      name.withUnsafeBytes { block += $0 }
      block += [0x3A, 0x20]
      value.withUnsafeBytes { block += $0 }
      block += [0x0D, 0x0A]
    }
    switch format {
    case .text: return Self.text(flag: Self.trailersFlag, block)
    case .binary: return OutboundChunk(body: Self.framed(flag: Self.trailersFlag, block))
    }
  }

  private static func text(flag: UInt8, _ payload: [UInt8]) -> OutboundChunk {
    OutboundChunk(body: Base64.encode(framed(flag: flag, payload), isPadded: true))
  }

  private static func framed(flag: UInt8, _ payload: [UInt8]) -> [UInt8] {
    let length = UInt32(truncatingIfNeeded: payload.count)
    let prefix = [flag] + (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) }
    return prefix + payload
  }
}

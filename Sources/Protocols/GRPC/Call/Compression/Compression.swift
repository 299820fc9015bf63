import HTTP2

/// How the messages of a call may be coded; each message says by a flag whether it is.
///
/// https://github.com/grpc/grpc/blob/master/doc/compression.md
package enum Compression: Sendable {
  case identity
  case gzip

  /// What both of our sides take, as `grpc-accept-encoding` says it.
  static let accepted = "identity,gzip"

  /// The name in `grpc-encoding`.
  var name: String {
    switch self {
    case .identity: "identity"
    case .gzip: "gzip"
    }
  }

  /// Reads a name of `grpc-encoding`; nil for one that we do not know.
  init?(_ name: RawSpan) {
    if name.equals("identity") {
      self = .identity
    } else if name.equals("gzip") {
      self = .gzip
    } else {
      return nil
    }
  }

  /// Whether a list of names, as in `grpc-accept-encoding`, has gzip in it.
  static func isGzip(in list: RawSpan) -> Bool {
    list.withUnsafeBytes { bytes in
      bytes.split(separator: 0x2C).contains { part in
        let name = part.drop { $0 == 0x20 || $0 == 0x09 }
        return name.starts(with: "gzip".utf8)
          && name.dropFirst(4).allSatisfy { $0 == 0x20 || $0 == 0x09 }
      }
    }
  }
}

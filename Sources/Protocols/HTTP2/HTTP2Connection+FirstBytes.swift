import Reactor

/// What the first bytes of a connection tell of a peer that does not speak HTTP/2.
struct Stranger {
  let failure: HandshakeFailure
  /// What tells the peer in its own terms; empty for nothing.
  var answer: [UInt8] = []

  /// It is answered by an empty SETTINGS frame, so that it sees that this is not TLS.
  fileprivate static let speaksTLS = Stranger(
    failure: HandshakeFailure(.notCleartext, "the client speaks TLS on a cleartext port"),
    answer: [0, 0, 0, 4, 0, 0, 0, 0, 0])

  /// RFC 9110 section 15.6.6: the version of the request is not served.
  fileprivate static let speaksHTTP1 = Stranger(
    failure: HandshakeFailure(.notHTTP2, "the client speaks HTTP/1, not HTTP/2"),
    answer: {
      let text =
        "This port speaks HTTP/2, as gRPC does, from the first byte: it takes no HTTP/1.\n"
      let head =
        "HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-type: text/plain\r\n"
        + "content-length: \(text.utf8.count)\r\nconnection: close\r\n\r\n"
      return Array((head + text).utf8)
    }())
}

extension HTTP2Connection {
  /// Where the version of a request of HTTP/1 has to stand.
  private static let maxRequestLineBytes = 8_192

  /// Who speaks, when it cannot be HTTP/2; nil when it may be.
  ///
  /// A server on a cleartext port meets the records of a TLS handshake, a client on a TLS port
  /// meets an alert, and either port of a server meets programs that speak HTTP/1.
  func stranger(_ bytes: RawSpan) -> Stranger? {
    guard bytes.byteCount > 0 else { return nil }
    switch (bytes.unsafeLoad(as: UInt8.self), role) {
    case (22, .server): return .speaksTLS
    case (21, .client):
      return Stranger(
        failure: HandshakeFailure(
          .notCleartext, "the server speaks TLS on this port, not cleartext"))
    case (0x41...0x5A, .server): return Self.isHTTP1(bytes) ? .speaksHTTP1 : nil
    default: return nil
    }
  }

  /// Whether the first line ends with the version of a request of HTTP/1.
  private static func isHTTP1(_ bytes: RawSpan) -> Bool {
    bytes.withUnsafeBytes { bytes in
      let line = bytes.prefix(maxRequestLineBytes).prefix { $0 != 0x0A && $0 != 0x0D }
      return line.suffix(9).starts(with: " HTTP/1.".utf8)
    }
  }
}

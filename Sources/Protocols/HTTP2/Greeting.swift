import Reactor

/// A peer that does not speak HTTP/2.
struct Stranger: Equatable {
  let failure: HandshakeFailure
  /// What tells the peer in its own terms; empty for nothing.
  var answer: [UInt8] = []

  /// It is answered by an empty SETTINGS frame, so that it sees that this is not TLS.
  static let speaksTLS = Stranger(
    failure: HandshakeFailure(.notCleartext, "the client speaks TLS on a cleartext port"),
    answer: [0, 0, 0, 4, 0, 0, 0, 0, 0])

  /// A client that meets an alert.
  static let answersTLS = Stranger(
    failure: HandshakeFailure(
      .notCleartext, "the server speaks TLS on this port, not cleartext"))

  /// RFC 9110 section 15.6.6: the version of the request is not served.
  static let speaksHTTP1 = Stranger(
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

/// The first bytes of a connection, which tell whether the peer speaks HTTP/2 at all, however they
/// are cut.
struct Greeting {
  /// The client's preface (RFC 9113 section 3.4).
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  private let role: HTTP2Session.Role
  private let isSecure: Bool
  /// Bytes of the preface that have come.
  private var count = 0
  /// Whether nothing more is to be looked at.
  private(set) var isOver = false

  init(_ role: HTTP2Session.Role, isSecure: Bool) {
    (self.role, self.isSecure) = (role, isSecure)
  }

  /// Looks at what comes next; returns the stranger that it shows. What is neither HTTP/2 nor
  /// anything known is over too: the session says what is wrong with it.
  mutating func take(_ bytes: RawSpan) -> Stranger? {
    guard !isOver, bytes.byteCount > 0 else { return nil }
    return bytes.withUnsafeBytes { bytes in
      if count == 0, let stranger = speakerOfTLS(bytes[0]) {
        isOver = true
        return stranger
      }
      return role == .server ? compare(bytes) : end()
    }
  }

  private mutating func end() -> Stranger? {
    isOver = true
    return nil
  }

  private func speakerOfTLS(_ first: UInt8) -> Stranger? {
    guard !isSecure else { return nil }
    switch (first, role) {
    case (22, .server): return .speaksTLS
    case (21, .client): return .answersTLS
    default: return nil
    }
  }

  private mutating func compare(_ bytes: UnsafeRawBufferPointer) -> Stranger? {
    for (place, byte) in bytes.enumerated() {
      guard count < Self.preface.count else { return end() }
      guard byte == Self.preface[count] else {
        isOver = true
        let begins = Self.preface.prefix(count) + bytes[place...].prefix(Self.preface.count)
        return Self.isRequest(begins) ? .speaksHTTP1 : nil
      }
      count += 1
    }
    return count == Self.preface.count ? end() : nil
  }

  /// Whether a text begins with a method, as far as it goes: letters, and a space behind them.
  private static func isRequest(_ text: some Collection<UInt8>) -> Bool {
    let method = text.prefix { (0x41...0x5A).contains($0) }
    guard (1...16).contains(method.count) else { return false }
    return text.dropFirst(method.count).first.map { $0 == 0x20 } ?? true
  }
}

import Reactor
import Testing

@testable import HTTP2

@Suite("The first bytes of a connection")
struct GreetingTests {
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// What a greeting says of bytes that come in pieces of one size.
  private func stranger(
    _ bytes: [UInt8], _ role: HTTP2Session.Role = .server, isSecure: Bool = false, pieces: Int
  ) -> Stranger? {
    var greeting = Greeting(role, isSecure: isSecure)
    var rest = bytes[...]
    while !rest.isEmpty, !greeting.isOver {
      let piece = Array(rest.prefix(pieces))
      rest = rest.dropFirst(pieces)
      if let stranger = greeting.take(piece.span.bytes) { return stranger }
    }
    return nil
  }

  @Test(
    "requests of HTTP/1 are known however they are cut", arguments: [1, 2, 3, 5, 1_000],
    ["GET / HTTP/1.1\r\n\r\n", "POST /x HTTP/1.0\r\n", "PRIX / HTTP/1.1", "PUT ", "P X"])
  func http1(pieces: Int, text: String) {
    #expect(stranger(Array(text.utf8), pieces: pieces) == .speaksHTTP1)
    #expect(stranger(Array(text.utf8), isSecure: true, pieces: pieces) == .speaksHTTP1)
  }

  @Test("the preface is no stranger's, and what follows is not looked at", arguments: 1...30)
  func preface(pieces: Int) {
    #expect(stranger(Self.preface + Array("GET / HTTP/1.1".utf8), pieces: pieces) == nil)
    #expect(stranger(Array(Self.preface.prefix(pieces)), pieces: 1) == nil)
  }

  @Test(
    "what is nothing known is left to the session", arguments: [1, 1_000],
    ["get / HTTP/1.1", "\r\nGET / HTTP/1.1", "G\0T", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "\u{7F}"])
  func garbage(pieces: Int, text: String) {
    // A single letter may be the begin of a method: a longer look is not worth the wait.
    if pieces == 1, text.hasPrefix("G") || text.hasPrefix("A") { return }
    #expect(stranger(Array(text.utf8), pieces: pieces) == nil)
  }

  @Test("TLS in cleartext is known on both sides, and within TLS it is none")
  func tls() {
    #expect(stranger([22, 3, 1], pieces: 1) == .speaksTLS)
    #expect(stranger([21, 3, 1], .client, pieces: 1) == .answersTLS)
    #expect(stranger([22, 3, 1], isSecure: true, pieces: 1) == nil)
    #expect(stranger([0, 0, 18, 4], .client, pieces: 4) == nil)
  }
}

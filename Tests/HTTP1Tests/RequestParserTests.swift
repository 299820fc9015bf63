import Testing

@testable import HTTP1

@Suite("Request parser")
struct RequestParserTests {
  private func parse(_ text: String, limits: HTTP1Limits = HTTP1Limits()) throws -> HTTP1Request? {
    var parser = RequestParser(limits: limits)
    parser.append(Array(text.utf8).span.bytes)
    return try parser.next()
  }

  private func status(_ text: String, limits: HTTP1Limits = HTTP1Limits()) -> Int? {
    do {
      _ = try parse(text, limits: limits)
      return nil
    } catch {
      return (error as? HTTP1Refusal)?.status
    }
  }

  @Test("a request is the same wherever the stream is cut")
  func splits() throws {
    let text = "\r\nPOST /v1/x?q=1 HTTP/1.1\r\nHost: a\r\ncontent-LENGTH:  5 \r\n\r\nhelloGET"
    let bytes = Array(text.utf8)
    for cut in 0...bytes.count {
      var parser = RequestParser()
      parser.append(Array(bytes[..<cut]).span.bytes)
      var found = try parser.next()
      parser.append(Array(bytes[cut...]).span.bytes)
      if found == nil { found = try parser.next() }
      let request = try #require(found)
      #expect(request.method == "POST" && request.path == "/v1/x")
      #expect(request.header("Content-Length") == "5")
      #expect(request.body == Array("hello".utf8) && request.keepsAlive)
      #expect(try parser.next() == nil)
      #expect(parser.bufferedBytes == 3)
    }
  }

  @Test("pipelined requests come one after the other")
  func pipelined() throws {
    var parser = RequestParser()
    let one = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    parser.append(Array((one + one + one).utf8).span.bytes)
    for _ in 0..<3 { #expect(try parser.next()?.target == "/a") }
    #expect(try parser.next() == nil)
  }

  @Test(
    "what is not HTTP is refused",
    arguments: [
      "\u{16}\u{3}\u{1}garbage", "GET\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET x HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
      "GET / SPDY/1\r\nHost: a\r\n\r\n", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ])
  func garbage(text: String) { #expect(status(text) == 400) }

  @Test("what is too long or not spoken here has its own status")
  func limits() {
    var small = HTTP1Limits()
    small.requestLineBytes = 40
    small.headBytes = 200
    small.bodyBytes = 10
    small.headerCount = 3
    let host = "HTTP/1.1\r\nHost: a\r\n"
    #expect(status("GET /" + String(repeating: "a", count: 60), limits: small) == 414)
    #expect(status("GET / \(host)X: " + String(repeating: "b", count: 300), limits: small) == 431)
    #expect(status("GET / \(host)A: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits: small) == 431)
    #expect(status("POST / \(host)Content-Length: 11\r\n\r\n", limits: small) == 413)
    #expect(
      status("POST / \(host)Content-Length: 99999999999999999999999\r\n\r\n", limits: small) == 413)
    #expect(status("POST / \(host)Transfer-Encoding: chunked\r\n\r\n") == 411)
    #expect(status("POST / \(host)Expect: miracles\r\n\r\n") == 417)
    #expect(status("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505)
  }

  @Test("after a refusal nothing is read")
  func failsForEver() {
    var parser = RequestParser()
    parser.append(Array("(\r\n\r\n".utf8).span.bytes)
    #expect(throws: HTTP1Refusal.self) { try parser.next() }
    parser.append(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8).span.bytes)
    #expect(throws: HTTP1Refusal.self) { try parser.next() }
  }

  @Test("connections are kept as the versions say")
  func keepAlive() throws {
    #expect(try parse("GET / HTTP/1.0\r\n\r\n")?.keepsAlive == false)
    #expect(try parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")?.keepsAlive == true)
    #expect(
      try parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n")?.keepsAlive == false)
  }

  @Test("random bytes never do more than be refused")
  func random() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var parser = RequestParser()
      for _ in 0..<4 {
        let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
        parser.append(bytes.span.bytes)
        _ = try? parser.next()  // Only a crash would be wrong.
      }
    }
  }
}

import HTTP2
import Testing

@testable import GRPC

@Suite("gRPC-Web: how requests are read and answers written")
struct WebCodingTests {
  /// Decodes text that comes in pieces of `step` bytes; nil when it is not base64.
  private func decode(_ text: String, step: Int) -> (bytes: [UInt8], isWhole: Bool)? {
    var decoder = Base64Stream()
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(step))
      guard let decoded = decoder.decode(piece.span.bytes) else { return nil }
      bytes += decoded
      rest = rest.dropFirst(step)
    }
    return (bytes, decoder.isWhole)
  }

  @Test("base64 is decoded wherever it is cut, encodings behind each other too")
  func base64() throws {
    for length in 0...9 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: 251 &* $0 &+ 3) }
      let text = String(decoding: Base64.encode(bytes, isPadded: true), as: UTF8.self)
      #expect(text.utf8.count % 4 == 0)
      for step in 1...13 {
        let decoded = try #require(decode(text + text + "AAAA", step: step))
        #expect(decoded.bytes == bytes + bytes + [0, 0, 0] && decoded.isWhole)
      }
    }
  }

  @Test("what is not base64 is refused, what ends inside a group is not whole")
  func notBase64() {
    for text in ["=", "A=", "A===", "AA=A", "AB C", "AAAA\n", "A-AA", "\u{E9}AAA", "AA==="] {
      for step in 1...5 { #expect(decode(text, step: step) == nil, "\(text)") }
    }
    for text in ["A", "AA", "AAA", "AA=", "AAAAA"] {
      #expect(decode(text, step: 2)?.isWhole == false)
    }
  }

  @Test("the content types of the protocol are known, others are not")
  func formats() {
    func format(_ type: String) -> WebFormat? { WebFormat(contentType: Array(type.utf8)) }
    for type in [
      "application/grpc-web", "application/grpc-web+proto", "Application/gRPC-Web ; charset=utf-8",
    ] { #expect(format(type) == .binary) }
    for type in [
      "application/grpc-web-text", "application/grpc-web-text+proto",
      "application/grpc-web-text-base64", "application/grpc-web-text;q=1",
    ] { #expect(format(type) == .text) }
    for type in [
      "application/grpc", "application/grpc-web+json", "application/grpc-web-textual", "",
    ] { #expect(format(type) == nil) }
    #expect(WebFormat(accept: Array("*/*".utf8)) == nil)
    #expect(WebFormat(accept: Array("text/html, application/grpc-web-text;q=1".utf8)) == .text)
    #expect(WebFormat(accept: Array("application/grpc-web+proto".utf8)) == .binary)
  }

  /// Origins with these, and the texts that are none.
  private func origins(_ texts: [String]) -> (origins: WebOrigins, refused: [String]) {
    var origins = WebOrigins()
    let refused = texts.filter { !origins.allow($0) }
    return (origins, refused)
  }

  @Test("origins are compared as browsers write them")
  func origins() throws {
    let (origins, refused) = origins([
      "HTTPS://Dash.Example:443", "http://localhost:8080", "http://[::1]:80", "app://x.y",
    ])
    #expect(refused.isEmpty)
    for text in [
      "https://dash.example", "http://localhost:8080", "http://[::1]", "app://x.y",
    ] {
      let grant = try #require(origins.grant(text))
      #expect(grant.first("access-control-allow-origin") == text)
      #expect(grant.first("access-control-allow-credentials") == "true")
    }
    for text in [
      "http://dash.example", "https://dash.example.evil", "https://evil/https://dash.example",
      "http://localhost", "null", "", "*",
    ] { #expect(origins.grant(text) == nil) }
    let none = [
      "dash.example", "https://", "https://a/", "https://a/b", "https://a:0", "https://a:x",
      "https://a:70000", "https://a:+1", "https://a b", "://a", "null", "", "https://a?b",
      "https://\u{FC}.example", "https://u@h", "https://*.example", "http://[]", "1x://a",
      "https://" + String(repeating: "a", count: 300),
    ]
    #expect(self.origins(none).refused == none)
  }

  @Test("any origin may call without credentials, one that is named with them")
  func anyOrigin() throws {
    let origins = origins(["*", "https://named.example"]).origins
    let any = try #require(origins.grant("https://other.example"))
    #expect(any == HeaderFields(["access-control-allow-origin": "*"]))
    #expect(origins.grant("null") == any)
    let named = try #require(origins.grant("https://named.example"))
    #expect(named.first("access-control-allow-credentials") == "true")
  }

  @Test("a preflight repeats the names that it asks for, unless they are none or too many")
  func preflight() {
    let grant = HeaderFields(["access-control-allow-origin": "*"])
    func names(_ requested: String?) -> String? {
      let answer = Preflight.answer(grant, requested: requested.map { Array($0.utf8) })
      #expect(answer.first(":status") == "204")
      #expect(answer.first("access-control-allow-methods") == "POST")
      #expect(answer.first("vary")?.hasPrefix("origin") == true)
      return answer.first("access-control-allow-headers")
    }
    #expect(names("authorization,X-Mine") == "authorization,X-Mine")
    for odd in [nil, "", "a\u{E9}", "a;b", String(repeating: "a", count: 4097)] {
      #expect(names(odd)?.contains("authorization") == true)
    }
  }

  @Test("what a browser says of itself does not reach the call, what the page says does")
  func translation() throws {
    let origins = origins(["https://a.example"]).origins
    let fields = HeaderFields([
      ":method": "POST", ":path": "/a/b", "content-type": "application/grpc-web-text",
      "origin": "https://a.example", "cookie": "secret=1", "referer": "https://a.example/x",
      "sec-fetch-mode": "cors", "accept-language": "de", "x-grpc-web": "1",
      "grpc-accept-encoding": "gzip", "authorization": "Bearer x", "grpc-timeout": "1S",
      "x-user-agent": "grpc-web-javascript/0.1", "mine": "kept",
    ])
    guard case .call(let request) = WebRequest.parse(fields, origins) else {
      Issue.record("no call")
      return
    }
    #expect(request.format == .text && request.answer.format == .text)
    #expect(
      request.fields
        == HeaderFields([
          ":method": "POST", ":path": "/a/b", "authorization": "Bearer x", "grpc-timeout": "1S",
          "x-user-agent": "grpc-web-javascript/0.1", "mine": "kept",
          "content-type": "application/grpc", "te": "trailers",
        ]))
  }

  @Test("the header block of an answer exposes to the page what it has, within its bound")
  func head() {
    let grant = HeaderFields(["access-control-allow-origin": "https://a.example"])
    var fields = HeaderFields([
      ":status": "200", "content-type": "application/grpc", "grpc-status": "0", "mine": "x",
    ])
    let head = WebAnswer(.text, grant: grant).head(fields)
    #expect(head.first("content-type") == "application/grpc-web-text+proto")
    #expect(
      head.first("access-control-expose-headers")
        == "grpc-status,grpc-message,grpc-status-details-bin,mine")
    #expect(head.first("vary") == "origin")
    #expect(
      WebAnswer(.binary, grant: nil).head(fields).first("access-control-expose-headers") == nil)
    for index in 0..<50 { fields.append("a-name-that-is-long-\(index)", "") }
    let large = WebAnswer(.binary, grant: grant).head(fields)
    #expect(fields.listBytes <= WebAnswer.roomInHead(2 * fields.listBytes + 1024))
    #expect(large.listBytes <= 2 * fields.listBytes + 1024)
  }
}

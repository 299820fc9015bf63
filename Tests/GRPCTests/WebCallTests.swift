import HTTP2
import Testing

@testable import GRPC

@Suite("Calls by gRPC-Web")
struct WebCallTests {
  private static let origin: KeyValuePairs = ["origin": "https://dash.example"]

  private func configuration() -> ServerConfiguration {
    var configuration = ServerConfiguration()
    var origins = WebOrigins()
    _ = origins.allow("https://dash.example")
    configuration.webOrigins = origins
    return configuration
  }

  private func web(
    _ fixture: Fixture, _ path: String = "Unary", type: String = "application/grpc-web+proto",
    extra: KeyValuePairs<String, String> = origin, body: [UInt8] = [0, 0, 0, 0, 1, 42],
    http2: HTTP2Configuration = .init(), finishes: Bool = true
  ) async throws -> RawAnswer {
    try await sendRaw(
      fixture, path: "/test.Echo/\(path)", contentType: type, te: nil, extra: extra, body: body,
      http2: http2, finishes: finishes)
  }

  private func trailers(_ lines: String) -> [UInt8] {
    [0x80, 0, 0, 0, UInt8(lines.utf8.count)] + Array(lines.utf8)
  }

  private func text(_ parts: [UInt8]...) -> [UInt8] {
    parts.flatMap { Base64.encode($0, isPadded: true) }
  }

  private let textType = "application/grpc-web-text+proto"

  @Test("a unary call is answered by its message and the trailers behind it")
  func binary() async throws {
    try await withFixture(server: configuration()) { (fixture) async throws in
      let answer = try await web(fixture)
      #expect(answer.headers.first(":status") == "200")
      #expect(answer.headers.first("content-type") == "application/grpc-web+proto")
      #expect(answer.headers.first("access-control-allow-origin") == "https://dash.example")
      #expect(answer.body == [0, 0, 0, 0, 1, 42] + trailers("grpc-status: 0\r\n"))
      #expect(answer.trailers.isEmpty && answer.reset == .noError)
      // Who is no browser names no origin.
      let other = try await web(fixture, extra: [:])
      #expect(other.body == answer.body)
      #expect(other.headers.first("access-control-allow-origin") == nil)
    }
  }

  @Test("text is read in padded pieces, and each message of the answer is one")
  func text() async throws {
    try await withFixture(server: configuration()) { (fixture) async throws in
      let answer = try await web(
        fixture, "Count", type: textType, body: text([0, 0], [0, 0, 2], [0, 2]))
      #expect(answer.headers.first("content-type") == textType)
      #expect(
        answer.body
          == text(
            [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], trailers("grpc-status: 0\r\n")))
      // The answer is what `accept` names, whatever the request is.
      let mixed = try await web(fixture, extra: ["accept": "application/grpc-web-text"])
      #expect(mixed.body == text([0, 0, 0, 0, 1, 42], trailers("grpc-status: 0\r\n")))
    }
  }

  @Test("errors before the first message are in the headers, with HTTP 200")
  func errors() async throws {
    try await withFixture(server: configuration()) { (fixture) async throws in
      let answer = try await web(fixture, "Fail")
      #expect(answer.headers.first(":status") == "200")
      #expect(answer.headers.first("grpc-status") == "5")
      #expect(answer.headers.first("grpc-message") == "no 100%25 '%C3%BC' here%0A")
      #expect(
        answer.headers.first("access-control-expose-headers")
          == "grpc-status,grpc-message,grpc-status-details-bin,reason")
      #expect(answer.body.isEmpty)
      let unknown = try await web(fixture, "Nothing")
      #expect(unknown.headers.first("grpc-status") == "12")
      #expect(unknown.headers.first("access-control-allow-origin") == "https://dash.example")
      let late = try await web(fixture, "Hang", extra: ["grpc-timeout": "1n"])
      #expect(late.headers.first("grpc-status") == "4")
      // A request has no trailers among its messages.
      let flagged = try await web(fixture, body: [0x80, 0, 0, 0, 0])
      #expect(flagged.headers.first("grpc-status") == "13")
    }
  }

  @Test("methods that take a stream are refused with the reason")
  func streams() async throws {
    try await withFixture(server: configuration()) { (fixture) async throws in
      for path in ["Total", "Chat"] {
        let answer = try await web(fixture, path)
        #expect(answer.headers.first("grpc-status") == "12")
        #expect(answer.headers.first("grpc-message")?.contains("stream of messages") == true)
      }
    }
  }

  @Test("text that is none, ends too early or holds too much ends its call")
  func badText() async throws {
    var configuration = configuration()
    configuration.maxRequestBytes = 1000
    try await withFixture(server: configuration) { (fixture) async throws in
      let message = Array("AAAAAAEq".utf8)
      for path in ["Unary", "Count"] {
        let bodies: [[UInt8]] = [
          Array("AAAA!AAAA".utf8), message + [0x41], message.dropLast(2), [0x3D],
        ]
        for body in bodies {
          let answer = try await web(fixture, path, type: textType, body: body)
          #expect(answer.headers.first("grpc-status") == "13", "\(body)")
        }
      }
      let large = [0, 0, 0, 0x03, 0xE9] + [UInt8](repeating: 7, count: 1001)
      let answer = try await web(fixture, type: textType, body: text(large))
      #expect(answer.headers.first("grpc-status") == "8")
      #expect(try await web(fixture, type: textType, body: message).body.count > 0)
    }
  }

  @Test("a large text moves through the windows, the request's and the answer's")
  func windows() async throws {
    try await withFixture(server: configuration()) { (fixture) async throws in
      let framed = [0, 0, 0x10, 0, 0] + [UInt8](repeating: 1, count: 0x10_0000)
      let answer = try await web(fixture, type: textType, body: text(framed))
      #expect(answer.body == text(framed, trailers("grpc-status: 0\r\n")))
    }
  }

  @Test("a message that comes too slowly ends its call, text too")
  func slow() async throws {
    var configuration = configuration()
    configuration.http2.messageTimeout = .milliseconds(50)
    try await withFixture(server: configuration) { (fixture) async throws in
      let answer = try await web(
        fixture, type: textType, body: Array("AAAAAAE".utf8), finishes: false)
      #expect(answer.headers.first("grpc-status") == "4")
    }
  }

  @Test("a preflight is answered without a call, an origin that may not call gets 403")
  func preflight() async throws {
    try await withFixture(server: configuration()) { (fixture) async throws in
      func ask(_ method: String, _ extra: KeyValuePairs<String, String>) async throws -> RawAnswer {
        try await sendRaw(
          fixture, path: "/test.Echo/Unary", method: method, contentType: nil, te: nil,
          extra: extra, body: [])
      }
      let answer = try await ask(
        "OPTIONS",
        [
          "origin": "https://dash.example", "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,content-type,x-grpc-web",
        ])
      #expect(answer.headers.first(":status") == "204")
      #expect(answer.headers.first("access-control-allow-origin") == "https://dash.example")
      #expect(
        answer.headers.first("access-control-allow-headers")
          == "authorization,content-type,x-grpc-web")
      #expect(answer.body.isEmpty && answer.reset == .noError)
      let evil: KeyValuePairs = [
        "origin": "https://evil.example", "access-control-request-method": "POST",
      ]
      let refused = try await ask("OPTIONS", evil)
      #expect(refused.headers.first(":status") == "403")
      #expect(refused.headers.first("access-control-allow-origin") == nil)
      #expect(try await ask("OPTIONS", [:]).headers.first(":status") == "405")
      #expect(try await ask("OPTIONS", Self.origin).headers.first(":status") == "405")
      let called = try await web(fixture, extra: ["origin": "https://evil.example"])
      #expect(called.headers.first(":status") == "403" && called.status == nil)
    }
  }

  @Test("a request that names two origins is refused, whichever they are")
  func twoOrigins() async throws {
    let told = Shared<[String]>([])
    var configuration = configuration()
    configuration.originRefused = { _, origin in told.update { $0.append(origin) } }
    try await withFixture(server: configuration) { (fixture) async throws in
      let good = "https://dash.example"
      for other in [good, "https://evil.example"] {
        for pair in [(good, other), (other, good)] {
          let called = try await web(fixture, extra: ["origin": pair.0, "origin": pair.1])
          #expect(called.headers.first(":status") == "403" && called.status == nil)
          let asked = try await sendRaw(
            fixture, path: "/test.Echo/Unary", method: "OPTIONS", contentType: nil, te: nil,
            extra: [
              "origin": pair.0, "origin": pair.1, "access-control-request-method": "POST",
            ], body: [])
          #expect(asked.headers.first(":status") == "403")
          #expect(asked.headers.first("access-control-allow-origin") == nil)
        }
      }
      // Each refusal is told of, once.
      #expect(told.value.count == 8 && told.value.contains("https://evil.example"))
    }
  }

  @Test("bodies that are encoded as a whole and messages other than protobuf are HTTP 415")
  func unsupported() async throws {
    try await withFixture(server: configuration()) { (fixture) async throws in
      let encoded = try await web(
        fixture, extra: ["content-encoding": "gzip", "origin": "https://dash.example"])
      #expect(encoded.headers.first(":status") == "415")
      #expect(encoded.headers.first("accept-encoding") == "identity")
      #expect(encoded.headers.first("access-control-allow-origin") != nil)
      let json = try await web(fixture, type: "application/grpc-web+json")
      #expect(json.headers.first(":status") == "415")
    }
  }

  @Test("metadata that the browser does not take is left out, the status is not")
  func headerBound() async throws {
    try await withFixture(server: configuration()) { (fixture) async throws in
      var http2 = HTTP2Configuration()
      http2.maxHeaderListBytes = 2000
      let answer = try await web(fixture, "Verbose", http2: http2)
      #expect(answer.headers.first("grpc-status") == "5")
      #expect(answer.headers.first("filler") == nil)
    }
  }
}

import GRPC
import HTTP2
import Reactor
import Testing

@Suite("Requests that break the rules of gRPC")
struct WireTests {
  @Test("a plain request is answered, whatever the sub-type and parameters say")
  func plain() async throws {
    try await withFixture { (fixture) async throws in
      let types = [
        "application/grpc", "application/grpc+proto", "application/grpc;charset=x",
        "application/grpc+proto;charset=x",
      ]
      for type in types {
        let answer = try await sendRaw(fixture, contentType: type)
        #expect(answer.status == "0")
        #expect(answer.body == [0, 0, 0, 0, 1, 42])
        #expect(answer.reset == .noError)
      }
    }
  }

  @Test("a wrong content type is HTTP 415, a wrong method 405")
  func notGRPC() async throws {
    try await withFixture { (fixture) async throws in
      let types = [
        "text/html", "application/grpc-web", "application/json", nil, "application/grpc+json",
        "application/grpc+", "application/grpc+protobuf", "application/grpcx",
      ]
      for type in types {
        let answer = try await sendRaw(fixture, contentType: type)
        #expect(answer.headers.first(":status") == "415")
        #expect(answer.status == nil)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("application/grpc"))
      }
      let answer = try await sendRaw(fixture, method: "PUT")
      #expect(answer.headers.first(":status") == "405")
      #expect(answer.headers.first("allow") == "POST")
    }
  }

  @Test("a flag of compression that nothing announced is INTERNAL, an unknown one too")
  func flags() async throws {
    try await withFixture { (fixture) async throws in
      for flag: UInt8 in [1, 2, 255] {
        let answer = try await sendRaw(fixture, body: [flag, 0, 0, 0, 1, 42])
        #expect(answer.status == "13")
      }
    }
  }

  @Test("a request that does not take trailers is refused, one that takes more is malformed")
  func trailersHeader() async throws {
    try await withFixture { (fixture) async throws in
      #expect(try await sendRaw(fixture, te: nil).status == "13")
      let wrong = try await sendRaw(fixture, te: "gzip")
      #expect(wrong.status == nil)
      #expect(wrong.reset == .protocolError)
    }
  }

  @Test("a content length that the body does not keep is malformed")
  func contentLength() async throws {
    try await withFixture { (fixture) async throws in
      for (length, isRight) in [("6", true), ("5", false), ("7", false)] {
        let answer = try await sendRaw(fixture, extra: ["content-length": length])
        #expect(answer.status == (isRight ? "0" : nil))
        #expect(answer.reset == (isRight ? .noError : .protocolError))
      }
    }
  }

  @Test("no message, two messages and half a message are refused")
  func counts() async throws {
    try await withFixture { (fixture) async throws in
      let bodies: [[UInt8]] = [
        [], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 2, 1], [0, 0, 0],
      ]
      let statuses = ["12", "12", "13", "13"]
      for path in ["/test.Echo/Unary", "/test.Echo/Count"] {
        for (body, status) in zip(bodies, statuses) {
          #expect(try await sendRaw(fixture, path: path, body: body).status == status)
        }
      }
    }
  }

  @Test("a streaming handler gets the message that came together with the end")
  func messageWithEnd() async throws {
    try await withFixture { (fixture) async throws in
      let answer = try await sendRaw(
        fixture, path: "/test.Echo/Count", body: [0, 0, 0, 0, 2, 1, 3])
      #expect(answer.status == "0")
      #expect(answer.body.count == 3 * 1005)
      let two = try await sendRaw(
        fixture, path: "/test.Echo/Count", body: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
      #expect(two.status == "12")
    }
  }

  @Test("malformed timeouts and metadata are INVALID_ARGUMENT")
  func badFields() async throws {
    try await withFixture { (fixture) async throws in
      for timeout in ["", "S", "1", "1x", "123456789S", "-1S"] {
        #expect(try await sendRaw(fixture, extra: ["grpc-timeout": timeout]).status == "3")
      }
      #expect(try await sendRaw(fixture, extra: ["blob-bin": "!!!"]).status == "3")
      #expect(try await sendRaw(fixture, extra: ["text": "na\u{EF}ve"]).status == "3")
      for good in ["", "AA", "AA==", "AAE=,AAE"] {
        #expect(try await sendRaw(fixture, extra: ["blob-bin": good]).status == "0")
      }
    }
  }

  @Test("what gRPC reserves does not reach the handler, and never fails the call")
  func reservedNames() async throws {
    try await withFixture { (fixture) async throws in
      let reserved: KeyValuePairs = [
        "grpc-accept-encoding": "identity,deflate,gzip,zstd", "grpc-encoding": "identity",
        "grpc-timeout": "1H", "grpc-previous-rpc-attempts": "many", "grpc-message-type": "x.Y",
        "grpc-trace-bin": "!!!", "grpc-tags-bin": "AA,?", "grpc-retry-pushback-ms": "-1",
        "grpc-internal-encoding-request": "x", "grpc-status": "7", "grpc-": "x",
        "grpcish": "mine", "x-grpc-y": "mine too",
      ]
      let answer = try await sendRaw(fixture, path: "/test.Echo/Metadata", extra: reserved)
      #expect(answer.status == "0")
      for (name, value) in reserved {
        let isOurs = name.hasPrefix("grpc-")
        #expect(answer.headers.first("got-\(name)") == (isOurs ? nil : value))
        #expect(answer.trailers.first("got-\(name)") == nil)
      }
    }
  }

  @Test("an expired deadline is DEADLINE_EXCEEDED")
  func expired() async throws {
    try await withFixture { (fixture) async throws in
      let answer = try await sendRaw(
        fixture, path: "/test.Echo/Hang", extra: ["grpc-timeout": "1n"])
      #expect(answer.status == "4")
      for timeout in ["0n", "0S"] {
        let answer = try await sendRaw(fixture, extra: ["grpc-timeout": timeout])
        #expect(answer.status == "4")
      }
    }
  }

  @Test("the longest timeout is not in the past")
  func longTimeout() async throws {
    try await withFixture { (fixture) async throws in
      let answer = try await sendRaw(fixture, extra: ["grpc-timeout": "99999999H"])
      #expect(answer.status == "0")
    }
  }

  @Test("metadata that the client does not take is left out, the status is not")
  func clientHeaderBound() async throws {
    try await withFixture { (fixture) async throws in
      var configuration = HTTP2Configuration()
      configuration.maxHeaderListBytes = 300
      let echoed: KeyValuePairs = ["text": String(repeating: "x", count: 300)]
      let answer = try await sendRaw(
        fixture, path: "/test.Echo/Metadata", extra: echoed, http2: configuration)
      #expect(answer.status == "8")
      #expect(answer.headers.first("got-text") == nil)
      let failed = try await sendRaw(
        fixture, path: "/test.Echo/Verbose", http2: configuration)
      #expect(failed.status == "5")
      #expect(failed.headers.first("grpc-status-details-bin") == nil)
      let whole = try await sendRaw(fixture, path: "/test.Echo/Verbose")
      #expect(whole.headers.first("grpc-status-details-bin") != nil)
      #expect(whole.headers.first("grpc-message")?.utf8.count ?? 0 > 300)
    }
  }

  @Test("a header list that is too large is RESOURCE_EXHAUSTED")
  func largeHeaders() async throws {
    try await withFixture { (fixture) async throws in
      let value = String(repeating: "x", count: 30_000)
      let answer = try await sendRaw(fixture, extra: ["filler": value])
      #expect(answer.status == "8")
    }
  }

  @Test("trailers that are too large end the call and its handler")
  func largeTrailers() async throws {
    try await withFixture { (fixture) async throws in
      let filler = HeaderFields(["filler": String(repeating: "x", count: 30_000)])
      let answer = try await sendRaw(fixture, path: "/test.Echo/Deaf", trailers: filler)
      #expect(answer.status == "8")
      await fixture.witness.cancelled.wait()
    }
  }
}

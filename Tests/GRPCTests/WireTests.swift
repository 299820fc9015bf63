import GRPC
import HTTP2
import Reactor
import Testing

/// What a raw request got back.
struct RawAnswer: Sendable {
  var headers = HeaderFields()
  var trailers = HeaderFields()
  var body: [UInt8] = []
  var reset: HTTP2ErrorCode?

  var status: String? { trailers.first("grpc-status") ?? headers.first("grpc-status") }
}

/// Sends one request byte by byte as given, without our client's rules.
// @unchecked: everything is touched on the loop only, before `done` is resumed.
private final class RawRequest: HTTP2ConnectionDelegate, HTTP2StreamHandler, @unchecked Sendable {
  private let fields: HeaderFields
  private let body: [UInt8]
  private let trailers: HeaderFields?
  private var connection: HTTP2Connection?
  private var stream: HTTP2Stream?
  private var answer = RawAnswer()
  private var done: CheckedContinuation<RawAnswer, Never>?

  init(_ fields: HeaderFields, _ body: [UInt8], trailers: HeaderFields? = nil) {
    self.fields = fields
    self.body = body
    self.trailers = trailers
  }

  func start(_ socket: Socket, _ done: CheckedContinuation<RawAnswer, Never>) {
    self.done = done
    let connection = HTTP2Connection(socket, configuration: .init(), delegate: self)
    self.connection = connection
    do {
      try connection.start(.client)
      stream = try connection.request(fields, handler: self)
    } catch { Issue.record(error) }
    stream?.send(OutboundChunk(body: body))
    stream?.finish(trailers: trailers)
  }

  func streamReceivedHeaders(_ fields: HeaderFields) { answer.headers = fields }
  func streamReceivedTrailers(_ fields: HeaderFields) { answer.trailers = fields }
  func streamReceivedEnd() {}
  func streamHeadersTooLarge() {}
  func streamBecameWritable() {}

  func streamReceivedData(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { answer.body += Array($0) }
    stream?.consume(bytes.byteCount)
  }

  func streamClosed(_ code: HTTP2ErrorCode) {
    answer.reset = code
    let done = done
    self.done = nil
    connection?.socket.loop.execute { [self] in connection?.abort(.noError, "done") }
    done?.resume(returning: answer)
  }

  func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream) {}
  func connectionIsDraining(_ connection: HTTP2Connection) {}
  func connectionIsReady(_ connection: HTTP2Connection) {}
  func connectionClosed(_ connection: HTTP2Connection, _ reason: String) {}
}

@Suite("Requests that break the rules of gRPC")
struct WireTests {
  private func send(
    _ fixture: Fixture, path: String = "/test.Echo/Unary", method: String = "POST",
    contentType: String? = "application/grpc", extra: KeyValuePairs<String, String> = [:],
    body: [UInt8] = [0, 0, 0, 0, 1, 42], trailers: HeaderFields? = nil
  ) async throws -> RawAnswer {
    var fields = HeaderFields([
      ":method": method, ":scheme": "http", ":path": path, ":authority": "test",
    ])
    if let contentType { fields.append("content-type", contentType) }
    for (name, value) in extra { fields.append(name, value) }
    let request = RawRequest(fields, body, trailers: trailers)
    let loop = fixture.clientLoop
    let address = fixture.address
    return await withCheckedContinuation { done in
      loop.execute {
        Socket.connect(to: address, loop: loop, timeout: .seconds(5)) { result in
          if let socket = try? result.get() { request.start(socket, done) }
        }
      }
    }
  }

  @Test("a plain request is answered, whatever the sub-type and parameters say")
  func plain() async throws {
    try await withFixture { (fixture) async throws in
      for type in ["application/grpc", "application/grpc+proto", "application/grpc;charset=x"] {
        let answer = try await send(fixture, contentType: type)
        #expect(answer.status == "0")
        #expect(answer.body == [0, 0, 0, 0, 1, 42])
        #expect(answer.reset == .noError)
      }
    }
  }

  @Test("a wrong content type is HTTP 415, a wrong method 405")
  func notGRPC() async throws {
    try await withFixture { (fixture) async throws in
      for type in ["text/html", "application/grpc-web", "application/json", nil] {
        let answer = try await send(fixture, contentType: type)
        #expect(answer.headers.first(":status") == "415")
        #expect(answer.status == nil)
      }
      let answer = try await send(fixture, method: "PUT")
      #expect(answer.headers.first(":status") == "405")
    }
  }

  @Test("a flag of compression that nothing announced is INTERNAL, an unknown one too")
  func flags() async throws {
    try await withFixture { (fixture) async throws in
      for flag: UInt8 in [1, 2, 255] {
        let answer = try await send(fixture, body: [flag, 0, 0, 0, 1, 42])
        #expect(answer.status == "13")
      }
    }
  }

  @Test("an unknown compression is UNIMPLEMENTED, identity is fine")
  func compression() async throws {
    try await withFixture { (fixture) async throws in
      #expect(try await send(fixture, extra: ["grpc-encoding": "gzip"]).status == "12")
      #expect(try await send(fixture, extra: ["grpc-encoding": "identity"]).status == "0")
    }
  }

  @Test("no message, two messages and half a message are refused")
  func counts() async throws {
    try await withFixture { (fixture) async throws in
      let bodies: [[UInt8]] = [
        [], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 2, 1], [0, 0, 0],
      ]
      for body in bodies { #expect(try await send(fixture, body: body).status == "13") }
      for path in ["/test.Echo/Count"] {
        #expect(try await send(fixture, path: path, body: []).status == "13")
      }
    }
  }

  @Test("a streaming handler gets the message that came together with the end")
  func messageWithEnd() async throws {
    try await withFixture { (fixture) async throws in
      let answer = try await send(
        fixture, path: "/test.Echo/Count", body: [0, 0, 0, 0, 2, 1, 3])
      #expect(answer.status == "0")
      #expect(answer.body.count == 3 * 1005)
      let two = try await send(
        fixture, path: "/test.Echo/Count", body: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
      #expect(two.status == "13")
    }
  }

  @Test("malformed timeouts and binary metadata are INVALID_ARGUMENT")
  func badFields() async throws {
    try await withFixture { (fixture) async throws in
      for timeout in ["", "S", "1", "1x", "123456789S", "-1S"] {
        #expect(try await send(fixture, extra: ["grpc-timeout": timeout]).status == "3")
      }
      #expect(try await send(fixture, extra: ["blob-bin": "!!!"]).status == "3")
      for good in ["", "AA", "AA==", "AAE=,AAE"] {
        #expect(try await send(fixture, extra: ["blob-bin": good]).status == "0")
      }
    }
  }

  @Test("an expired deadline is DEADLINE_EXCEEDED")
  func expired() async throws {
    try await withFixture { (fixture) async throws in
      let answer = try await send(
        fixture, path: "/test.Echo/Hang", extra: ["grpc-timeout": "1n"])
      #expect(answer.status == "4")
    }
  }

  @Test("a header list that is too large is RESOURCE_EXHAUSTED")
  func largeHeaders() async throws {
    try await withFixture { (fixture) async throws in
      let value = String(repeating: "x", count: 30_000)
      let answer = try await send(fixture, extra: ["filler": value])
      #expect(answer.status == "8")
    }
  }

  @Test("trailers that are too large end the call and its handler")
  func largeTrailers() async throws {
    try await withFixture { (fixture) async throws in
      let filler = HeaderFields(["filler": String(repeating: "x", count: 30_000)])
      let answer = try await send(fixture, path: "/test.Echo/Deaf", trailers: filler)
      #expect(answer.status == "8")
      await fixture.witness.cancelled.wait()
    }
  }
}

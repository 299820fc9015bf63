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
  private let http2: HTTP2Configuration
  private let reads: Bool
  private let finishes: Bool
  private var connection: HTTP2Connection?
  private var stream: HTTP2Stream?
  private var answer = RawAnswer()
  private var done: CheckedContinuation<RawAnswer, Never>?

  init(
    _ fields: HeaderFields, _ body: [UInt8], trailers: HeaderFields?, http2: HTTP2Configuration,
    reads: Bool, finishes: Bool
  ) {
    self.reads = reads
    self.finishes = finishes
    self.http2 = http2
    self.fields = fields
    self.body = body
    self.trailers = trailers
  }

  func start(_ socket: Socket, _ done: CheckedContinuation<RawAnswer, Never>) {
    self.done = done
    let connection = HTTP2Connection(socket, configuration: http2, delegate: self)
    self.connection = connection
    do {
      try connection.start(.client)
      stream = try connection.request(fields, handler: self)
    } catch { Issue.record(error) }
    stream?.send(OutboundChunk(body: body))
    if finishes { stream?.finish(trailers: trailers) }
  }

  func streamReceivedHeaders(_ fields: HeaderFields) { answer.headers = fields }
  func streamReceivedTrailers(_ fields: HeaderFields) { answer.trailers = fields }
  func streamReceivedEnd() {}
  func streamHeadersTooLarge() {}
  func streamBecameWritable() {}

  func streamReceivedData(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { answer.body += Array($0) }
    if reads { stream?.consume(bytes.byteCount) }
  }

  func streamClosed(_ code: HTTP2ErrorCode) {
    answer.reset = code
    let done = done
    self.done = nil
    connection?.socket.loop.execute { [self] in
      connection?.abort(Goodbye(.shutdown, .noError, "done"))
    }
    done?.resume(returning: answer)
  }

  func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream) {}
  func connectionIsDraining(_ connection: HTTP2Connection) {}
  func connectionIsReady(_ connection: HTTP2Connection) {}
  func connectionClosed(_ connection: HTTP2Connection, _ reason: String) {}
}

/// Sends a request as given and returns what comes back.
func sendRaw(
  _ fixture: Fixture, path: String = "/test.Echo/Unary", method: String = "POST",
  contentType: String? = "application/grpc", te: String? = "trailers",
  extra: KeyValuePairs<String, String> = [:], body: [UInt8] = [0, 0, 0, 0, 1, 42],
  trailers: HeaderFields? = nil, http2: HTTP2Configuration = .init(), reads: Bool = true,
  finishes: Bool = true
) async throws -> RawAnswer {
  var fields = HeaderFields([
    ":method": method, ":scheme": "http", ":path": path, ":authority": "test",
  ])
  if let contentType { fields.append("content-type", contentType) }
  if let te { fields.append("te", te) }
  for (name, value) in extra { fields.append(name, value) }
  let request = RawRequest(
    fields, body, trailers: trailers, http2: http2, reads: reads, finishes: finishes)
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

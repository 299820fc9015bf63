import GRPC
import HTTP2
import Reactor
import Testing

/// How a server that follows no rules answers every request.
struct RawResponse: Sendable {
  var headers: HeaderFields?
  var body: [UInt8] = []
  var trailers: HeaderFields?
  /// Ends the stream so instead, behind what was said before.
  var reset: HTTP2ErrorCode?
  /// Leaves the stream open.
  var hangs = false
  /// The headers of each request.
  var seen: Shared<[HeaderFields]>?
}

// @unchecked: everything is touched on the loop only, but for what is never changed.
private final class RawServerConnection: HTTP2ConnectionDelegate, HTTP2StreamHandler,
  @unchecked Sendable
{
  let response: RawResponse
  var connection: HTTP2Connection?
  private var stream: HTTP2Stream?

  init(_ response: RawResponse) { self.response = response }

  func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream) {
    self.stream = stream
    stream.handler = self
  }

  func streamReceivedHeaders(_ fields: HeaderFields) {
    response.seen?.update { $0.append(fields) }
    if let headers = response.headers {
      let endsStream = response.body.isEmpty && response.trailers == nil && response.reset == nil
      stream?.respond(headers, endsStream: endsStream && !response.hangs)
      stream?.send(OutboundChunk(body: response.body))
      if let trailers = response.trailers { stream?.finish(trailers: trailers) }
    }
    guard let code = response.reset else { return }
    // After the headers have been written.
    connection?.loop.schedule(after: .milliseconds(5)) { [stream] in stream?.reset(code) }
  }

  func streamReceivedData(_ bytes: RawSpan) { stream?.consume(bytes.byteCount) }
  func streamReceivedTrailers(_ fields: HeaderFields) {}
  func streamReceivedEnd() {}
  func streamHeadersTooLarge() {}
  func streamBecameWritable() {}
  func streamClosed(_ code: HTTP2ErrorCode) {}
  func connectionIsDraining(_ connection: HTTP2Connection) {}
  func connectionIsReady(_ connection: HTTP2Connection) {}
  func connectionClosed(_ connection: HTTP2Connection, _ reason: String) { self.connection = nil }
}

/// Runs `body` with a channel to a server that answers as given.
func withRawServer(
  _ response: RawResponse, http2: HTTP2Configuration = .init(),
  _ body: (ClientChannel) async throws -> Void
) async throws {
  let group = try EventLoopGroup(count: 1)
  let loop = try EventLoop(name: "client")
  let held = Shared<[RawServerConnection]>([])
  let listener = try Listener(SocketAddress.parse("127.0.0.1:0"), group: group) {
    let server = RawServerConnection(response)
    let connection = HTTP2Connection(
      Socket($0, peer: $1, loop: $2), configuration: http2, delegate: server)
    server.connection = connection
    held.update { $0.append(server) }
    do { try connection.start(.server) } catch { Issue.record(error) }
  }
  let channel = ClientChannel(target: listener.address.description, loop: loop)
  let result: Result<Void, any Error>
  do { result = .success(try await body(channel)) } catch { result = .failure(error) }
  await channel.close()
  listener.close()
  for server in held.value {
    group.loops[0].execute { server.connection?.close("the test is over") }
  }
  loop.shutdown()
  group.shutdown()
  try result.get()
}

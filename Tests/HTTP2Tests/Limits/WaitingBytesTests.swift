import HTTP2
import Reactor
import Testing

@Suite("Bytes that wait")
struct WaitingBytesTests {
  /// A server whose streams each answer with as much as they may, and a client that reads nothing.
  private func stuckPair(
    queueBytes: Int = 1_000_000, ledgers: HTTP2Ledgers? = nil
  ) throws -> Pair {
    var (client, server) = (HTTP2Configuration(), HTTP2Configuration())
    client.streamWindowBytes = 0
    server.connectionQueueBytes = queueBytes
    return try Pair(client: client, server: server, ledgers: ledgers) { handler in
      let fill = { (stream: HTTP2Stream) in
        while stream.isWritable {
          stream.send(OutboundChunk(body: [UInt8](repeating: 1, count: 30_000)))
        }
      }
      handler.onHeaders = { stream, _ in
        stream.respond(.ok, endsStream: false)
        fill(stream)
      }
      handler.onWritable = fill
    }
  }

  private func queued(_ pair: Pair) -> Int {
    pair.server.handlers.map { $0.stream?.queuedBytes ?? 0 }.reduce(0, +)
  }

  @Test("answers that nobody reads have a bound over all streams of a connection")
  func connectionQueue() throws {
    let pair = try stuckPair()
    for _ in 0..<100 { _ = try pair.client.request() }
    try pair.run()
    #expect(queued(pair) >= 1_000_000 && queued(pair) < 1_030_000)
  }

  @Test("a stream that waited for others goes on when they have ended")
  func wakesUp() throws {
    let pair = try stuckPair()
    let requests = try (0..<100).map { _ in try pair.client.request() }
    try pair.run()
    #expect(pair.server.handlers[99].stream?.queuedBytes == 0)
    for request in requests.prefix(99) { request.stream?.reset(.cancel) }
    try pair.run()
    #expect(pair.server.handlers[99].stream?.queuedBytes ?? 0 > 0)
    #expect(pair.server.session.openStreams == 1)
  }

  @Test("all connections together have a bound, and those that hold little are served on")
  func ledger() throws {
    let ledgers = HTTP2Ledgers(
      inbound: ByteLedger(limitBytes: .max), outbound: ByteLedger(limitBytes: 500_000))
    let greedy = try stuckPair(queueBytes: .max, ledgers: ledgers)
    for _ in 0..<50 { _ = try greedy.client.request() }
    try greedy.run()
    #expect(queued(greedy) >= 500_000 && queued(greedy) < 600_000)
    let modest = try stuckPair(queueBytes: .max, ledgers: ledgers)
    _ = try modest.client.request()
    try modest.run()
    #expect(queued(modest) > 0 && queued(modest) < 100_000)
    greedy.server.session.close()
    #expect(ledgers.outbound.bytes <= 100_000)
    modest.server.session.close()
    #expect(ledgers.outbound.bytes == 0)
  }

  @Test("handlers that keep too many bytes are told so, and what they give back counts")
  func heldBytes() throws {
    var configuration = HTTP2Configuration()
    configuration.connectionBufferBytes = 100_000
    let pair = try Pair(server: configuration)
    for _ in 0..<3 { _ = try pair.client.request() }
    try pair.run()
    let streams = pair.server.handlers.compactMap(\.stream)
    #expect(streams[0].hold(60_000))
    #expect(streams[1].hold(40_000))
    #expect(!streams[2].hold(1))
    #expect(streams[0].hold(10_000))
    #expect(streams[2].hold(50_000))
    streams[2].reset(.cancel)
    try pair.run()
    #expect(streams[1].hold(90_000))
  }
}

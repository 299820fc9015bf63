import Reactor
import Testing

@testable import HTTP2

@Suite("Size of windows")
struct WindowEstimatorTests {
  @Test("a window that holds the peer back doubles, up to its bound")
  func grows() {
    let clock = ManualClock()
    var estimator = WindowEstimator(windowBytes: 1000, maxBytes: 6000)
    var sizes: [Int] = []
    for _ in 0..<4 {
      _ = estimator.received(estimator.windowBytes / 2) { clock.time }
      clock.advance(.milliseconds(10))
      _ = estimator.received(estimator.windowBytes) { clock.time }
      _ = estimator.answered(at: clock.time)
      sizes.append(estimator.windowBytes)
    }
    #expect(sizes == [2000, 4000, 6000, 6000])
  }

  @Test("a window larger than what the path holds stays")
  func stays() {
    let clock = ManualClock()
    var estimator = WindowEstimator(windowBytes: 1000, maxBytes: 6000)
    let isProbed = estimator.received(250) { clock.time }
    _ = estimator.received(200) { clock.time }
    let hasGrown = estimator.answered(at: clock.time.advanced(by: .milliseconds(10)))
    #expect(isProbed && !hasGrown && estimator.windowBytes == 1000)
  }

  @Test("a longer delay alone does not make it grow again")
  func slower() {
    let clock = ManualClock()
    var estimator = WindowEstimator(windowBytes: 1000, maxBytes: 100_000)
    for (delay, expected) in [(10, 2000), (100, 2000)] {
      _ = estimator.received(estimator.windowBytes / 2) { clock.time }
      _ = estimator.received(estimator.windowBytes) { clock.time }
      clock.advance(.milliseconds(delay))
      _ = estimator.answered(at: clock.time)
      #expect(estimator.windowBytes == expected)
    }
  }

  @Test("probes without a result become rare, and little data needs none")
  func rareProbes() {
    let clock = ManualClock()
    var estimator = WindowEstimator(windowBytes: 1000, maxBytes: 6000)
    var probes = 0
    for _ in 0..<1000 {
      clock.advance(.milliseconds(10))
      guard estimator.received(400, { clock.time }) else { continue }
      probes += 1
      _ = estimator.answered(at: clock.time)
    }
    #expect(probes == 7)
    var quiet = WindowEstimator(windowBytes: 1000, maxBytes: 6000)
    let isProbed = quiet.received(249) { clock.time }
    #expect(!isProbed)
  }

  /// Round trips that an upload takes.
  private func upload(_ total: Int, _ pair: Pair, _ clock: ManualClock) throws -> Int {
    let request = try pair.client.request()
    request.stream?.send(OutboundChunk(body: [UInt8](repeating: 1, count: total)))
    request.stream?.finish()
    var rounds = 0
    while pair.server.handlers.first?.body.count ?? 0 < total, rounds < 1000 {
      try pair.carryOnce()
      clock.advance(.milliseconds(20))
      rounds += 1
    }
    return rounds
  }

  @Test("windows grow no further than all connections together may")
  func shared() throws {
    let clock = ManualClock()
    let ledgers = HTTP2Ledgers(
      inbound: ByteLedger(limitBytes: 16_777_216), outbound: ByteLedger(limitBytes: .max))
    let first = try Pair(ledgers: ledgers, serverClock: clock)
    _ = try upload(20_000_000, first, clock)
    #expect(first.server.session.streamWindowBytes == 4_194_304)
    let second = try Pair(ledgers: ledgers, serverClock: clock)
    _ = try upload(20_000_000, second, clock)
    #expect(second.server.session.streamWindowBytes < 1_048_576)
    first.server.session.close()
    let third = try Pair(ledgers: ledgers, serverClock: clock)
    _ = try upload(20_000_000, third, clock)
    #expect(third.server.session.streamWindowBytes > 1_048_576)
  }

  @Test("an upload makes a server's windows grow, and the client uses them")
  func upload() throws {
    let clock = ManualClock()
    let pair = try Pair(serverClock: clock)
    let rounds = try upload(20_000_000, pair, clock)
    #expect(pair.server.session.streamWindowBytes == 4_194_304)
    // At the first window it would take 306 round trips.
    #expect(rounds < 70)
  }

  @Test("a handler that does not read leaves the window as it is")
  func unread() throws {
    let pair = try Pair { $0.takesData = false }
    try pair.run()
    let request = try pair.client.request()
    request.stream?.send(OutboundChunk(body: [UInt8](repeating: 1, count: 3_000_000)))
    try pair.run()
    #expect(pair.server.session.streamWindowBytes == 65_536)
    #expect(pair.server.handlers[0].body.count == 65_536)
  }
}

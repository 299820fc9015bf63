import Reactor
import RedisClient
import Storage
import TestServers
import Testing

@testable import RedisCache

@Suite("Signals that wake other replicas", .serialized)
struct RunSignalTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "signals") }

  private func replica(
    _ server: RedisServer
  ) async throws -> (RedisRunSignals, AsyncStream<RunSignalEvent>.Iterator) {
    var redis = RedisConfiguration(try RedisURL(parsing: server.url))
    redis.backoff = .milliseconds(5) ... .milliseconds(20)
    let (stream, continuation) = AsyncStream.makeStream(of: RunSignalEvent.self)
    let signals = RedisRunSignals(redis, loop: loop)
    await signals.start { continuation.yield($0) }
    return (signals, stream.makeAsyncIterator())
  }

  @Test("every replica hears of the newest commit of every run")
  func hearing() async throws {
    let server = try RedisServer()
    var (one, own) = try await replica(server)
    var (other, heard) = try await replica(server)
    #expect(await own.next() == .resumed)
    #expect(await heard.next() == .resumed)
    for number in 1...500 {
      for run in 0..<3 { one.publish(RunSignal(runID: "run-\(run)", commitNumber: Int64(number))) }
    }
    for isOwn in [true, false] {
      var newest: [String: Int64] = [:]
      while newest.count < 3 || newest.values.contains(where: { $0 < 500 }) {
        let event = isOwn ? await own.next() : await heard.next()
        guard case .signal(let signal) = event else { continue }
        #expect(signal.commitNumber >= newest[signal.runID] ?? 0)
        newest[signal.runID] = signal.commitNumber
      }
      #expect(newest == ["run-0": 500, "run-1": 500, "run-2": 500])
    }
    await one.stop()
    await other.stop()
  }

  @Test("a Redis that is gone for a while is an interruption, and later signals come again")
  func outages() async throws {
    let server = try RedisServer()
    var (signals, heard) = try await replica(server)
    #expect(await heard.next() == .resumed)
    server.kill9()
    #expect(await heard.next() == .interrupted)
    signals.publish(RunSignal(runID: "lost", commitNumber: 1))
    while await signals.droppedCount == 0 { try await loop.sleep(for: .milliseconds(1)) }
    try server.start()
    var event = await heard.next()
    while event == .interrupted { event = await heard.next() }
    #expect(event == .resumed)
    let back = RunSignal(runID: "back", commitNumber: .max)
    let telling = Task {
      while !Task.isCancelled {
        signals.publish(back)
        // Cancelled, or the connection that tells has had time to come back.
        try? await loop.sleep(for: .milliseconds(5))
      }
    }
    #expect(await heard.next() == .signal(back))
    telling.cancel()
    await telling.value
    await signals.stop()
  }

  @Test("what waits is bounded, and what cannot be carried is not sent")
  func bounds() async throws {
    // Nobody is told before the start.
    let server = try RedisServer()
    let signals = RedisRunSignals(
      RedisConfiguration(try RedisURL(parsing: server.url)), loop: loop)
    for run in 0..<10_000 { signals.publish(RunSignal(runID: "\(run)", commitNumber: 1)) }
    for id in ["", "a\nb", String(repeating: "x", count: 300)] {
      signals.publish(RunSignal(runID: id, commitNumber: 1))
    }
    let dropped = await signals.droppedCount
    #expect((10_003 - RedisRunSignals.maxWaiting - 256...10_003).contains(dropped))
    await signals.stop()
  }

  @Test("messages are read back, and lines that are none are left out")
  func messages() {
    let signals = [
      RunSignal(runID: "a b", commitNumber: -1), RunSignal(runID: "ü", commitNumber: .max),
    ]
    #expect(SignalMessage.decode(SignalMessage.encode(signals)) == signals)
    #expect(SignalMessage.decode([]) == [])
    let long = String(repeating: "x", count: 300)
    let text = "\n\n1\n1 \nx y\n 5 a\n99999999999999999999 a\n7 right\n8 \(long)"
    #expect(SignalMessage.decode(Array(text.utf8)) == [RunSignal(runID: "right", commitNumber: 7)])
    #expect(SignalMessage.decode([49, 32, 255]) == [])
  }
}

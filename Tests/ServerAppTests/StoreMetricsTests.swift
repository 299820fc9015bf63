import BenchmarkDomain
import Storage
import Synchronization
import Telemetry
import Testing

@testable import ServerApp

@Suite("Numbers of the store")
struct StoreMetricsTests {
  @Test("they are read once for any number of scrapes, and keep while the store cannot be asked")
  func cached() async throws {
    let registry = MetricRegistry()
    let metrics = StoreMetrics(registry)
    let (turns, turn) = AsyncStream.makeStream(of: Void.self)
    let (asked, ask) = AsyncStream.makeStream(of: Void.self)
    let count = Mutex(0)
    metrics.start {
      // Behind each question, once what it gave is shown.
      ask.yield()
      for await _ in turns { return }
      throw CancellationError()
    } counts: {
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number == 2 { throw StorageError(.unavailable, "The disk is away.") }
      return RunCounts(runs: [.running: number], pendingBatches: 4, leasedBatches: 5)
    }
    var questions = asked.makeAsyncIterator()
    await questions.next()
    for _ in 0..<3 {
      let text = registry.prometheusText()
      #expect(text.contains(#"benchfront_runs{state="running"} 1"#))
      #expect(text.contains(#"benchfront_runs{state="completed"} 0"#))
      #expect(text.contains(#"benchfront_batches{state="pending"} 4"#))
      #expect(text.contains(#"benchfront_batches{state="leased"} 5"#))
    }
    #expect(count.withLock { $0 } == 1)
    turn.yield()
    await questions.next()
    #expect(registry.prometheusText().contains(#"benchfront_runs{state="running"} 1"#))
    turn.yield()
    await questions.next()
    #expect(registry.prometheusText().contains(#"benchfront_runs{state="running"} 3"#))
    await metrics.stop()
  }
}

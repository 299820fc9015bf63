import BenchmarkDomain
import Storage
import Synchronization
import Telemetry

/// What stands in the store, in numbers that are a few seconds old: it is asked from time to time,
/// however often somebody scrapes.
final class StoreMetrics: Sendable {
  /// How often the store is asked.
  static let interval = Duration.seconds(5)

  private let runs: MetricFamily<Gauge>
  private let batches: MetricFamily<Gauge>
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(_ registry: MetricRegistry) {
    runs = registry.gauges("benchfront_runs", help: "Runs by state.", labels: ["state"])
    batches = registry.gauges(
      "benchfront_batches", help: "Batches that wait for an agent, and that agents have leased.",
      labels: ["state"])
  }

  /// Asks now, and behind every return of `wait` until that throws or `stop` is called.
  func start(
    wait: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) },
    counts: @escaping @Sendable () async throws -> RunCounts
  ) {
    let running = Task { [self] in
      while true {
        // A store that cannot be asked says so elsewhere; the last counts stay.
        if let counts = try? await counts() { show(counts) }
        // It throws when it is cancelled.
        do { try await wait() } catch { return }
      }
    }
    task.withLock { $0 = running }
  }

  /// Ends it, and waits for the question that is under way.
  func stop() async {
    let running = task.withLock { $0 }
    running?.cancel()
    await running?.value
  }

  private func show(_ counts: RunCounts) {
    for state in RunState.allCases {
      runs.child([state.rawValue]).set(Int64(counts.runs[state] ?? 0))
    }
    batches.child([BatchState.pending.rawValue]).set(Int64(counts.pendingBatches))
    batches.child([BatchState.leased.rawValue]).set(Int64(counts.leasedBatches))
  }
}

import BenchmarkDomain
import PostgresClient
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
  private let registry: MetricRegistry
  private let pools = Mutex<(@Sendable () async -> [PostgresPoolStatus])?>(nil)
  private let connections = Mutex<[String: Int]>([:])
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(_ registry: MetricRegistry) {
    self.registry = registry
    runs = registry.gauges("benchfront_runs", help: "Runs by state.", labels: ["state"])
    batches = registry.gauges(
      "benchfront_batches", help: "Batches that wait for an agent, and that agents have leased.",
      labels: ["state"])
  }

  /// Shows the pools of connections too, which are asked together with the store.
  func showPools(_ status: @escaping @Sendable () async -> [PostgresPoolStatus]) {
    pools.withLock { $0 = status }
    registry.observed(
      "benchfront_postgres_connections", help: "Connections to the database, and calls that wait.",
      labels: ["state"]
    ) { [self] in
      connections.withLock { $0 }.sorted { $0.key < $1.key }
        .map { .init(Double($0.value), labels: [$0.key]) }
    }
  }

  private func lookAtPools() async {
    guard let status = pools.withLock({ $0 }) else { return }
    let all = await status()
    let numbers = [
      "open": all.map(\.open).reduce(0, +), "idle": all.map(\.idle).reduce(0, +),
      "waiting": all.map(\.waiting).reduce(0, +),
    ]
    connections.withLock { $0 = numbers }
  }

  /// Asks now, and behind every return of `wait` until that throws or `stop` is called.
  func start(
    wait: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) },
    counts: @escaping @Sendable () async throws -> RunCounts
  ) {
    let running = Task { [self] in
      while true {
        // While the store fails the last counts stay; the watch over it tells why.
        if let new = try? await counts() { show(new) }
        await lookAtPools()
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

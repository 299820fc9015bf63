import Storage
import Synchronization
import Telemetry

/// How the store does, in numbers.
final class OutageGauges: Sendable {
  private struct State {
    var outage: StoreOutage?
    /// Nobody knows anything before.
    var wasLookedAt = false

    var isAvailable: Bool { wasLookedAt && outage?.isPartial ?? true }
  }

  private let state = Mutex(State())

  init(_ registry: MetricRegistry) {
    registry.observed(
      "benchfront_store_available",
      help: "1 when the store answered and took writes last, 0 when it failed or only read."
    ) { [self] in
      [.init(state.withLock { $0.isAvailable } ? 1 : 0)]
    }
    registry.observed(
      "benchfront_store_outage", help: "1 for what keeps the store from doing its part.",
      labels: ["cause"]
    ) { [self] in
      let cause = state.withLock { $0.outage?.cause }
      return OutageCause.allCases.map {
        .init($0 == cause ? 1 : 0, labels: [$0.rawValue])
      }
    }
  }

  /// What the last look found.
  func show(_ outage: StoreOutage?) {
    state.withLock { $0 = State(outage: outage, wasLookedAt: true) }
  }
}

import BenchmarkDomain
import Storage
import Synchronization
package import Telemetry

/// What the control plane of this process does, in numbers.
package final class ControlMetrics: Sendable {
  /// Why a message of samples was refused; the raw values name it in metrics.
  enum Refusal: String, CaseIterable {
    /// The lease under which they came had ended.
    case superseded
    /// They say what no request can be, or could not be read.
    case invalid
    /// No such execution, request or segment, or the execution has ended.
    case notAllowed = "not_allowed"
    /// What is stored of the execution is damaged.
    case damaged
  }

  /// Agents that have said hello and are still there.
  let agents: Gauge
  /// Messages that wait for agents to read them.
  let outbox: Gauge
  /// Messages of samples that are not committed yet.
  let waiting: Gauge
  /// About how much memory they take.
  let waitingBytes: Gauge
  private let committed: Counter
  private let repeated: Counter
  private let refusals: MetricFamily<Counter>
  private let duration: Histogram

  /// Registers them.
  package init(_ registry: MetricRegistry) {
    agents = registry.gauges(
      "benchfront_agents_connected", help: "Agents that have a session with this server."
    ).child()
    outbox = registry.gauges(
      "benchfront_agent_outbox_messages", help: "Messages that wait for agents to read them."
    ).child()
    waiting = registry.gauges(
      "benchfront_ingest_queue_messages", help: "Messages of samples that wait for their commit."
    ).child()
    waitingBytes = registry.gauges(
      "benchfront_ingest_queue_bytes",
      help: "Memory of samples that wait for their commit, at most 64 MiB."
    ).child()
    committed = registry.counters(
      "benchfront_samples_committed_total", help: "Samples that were committed."
    ).child()
    repeated = registry.counters(
      "benchfront_samples_repeated_total",
      help: "Samples that came once more and were committed before."
    ).child()
    refusals = registry.counters(
      "benchfront_sample_messages_refused_total",
      help: "Messages of samples of which nothing was committed.", labels: ["reason"])
    duration = registry.histograms(
      "benchfront_sample_commit_duration_seconds",
      help: "Time of a transaction that commits samples, of all agents together.", scale: .seconds
    ).child()
    for refusal in Refusal.allCases { _ = refusals.child([refusal.rawValue]) }
  }

  func refused(_ refusal: Refusal) { refusals.child([refusal.rawValue]).add() }

  /// A transaction took so long, with these outcomes.
  func committed(_ group: [SampleCommit], _ outcomes: [SampleCommitOutcome], in time: Duration) {
    let (seconds, attoseconds) = time.components
    duration.record(UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000))
    for (commit, outcome) in zip(group, outcomes) {
      switch outcome {
      case .committed(_, _, let new, _):
        committed.add(UInt64(new))
        repeated.add(UInt64(max(0, commit.samples.count - new)))
      case .superseded: refused(.superseded)
      case .refused: refused(.notAllowed)
      case .failed: refused(.damaged)
      }
    }
  }
}

/// A session's part of a gauge, which it takes back when it is gone.
final class GaugeShare: Sendable {
  private let gauge: Gauge
  private let own = Atomic<Int64>(0)

  init(of gauge: Gauge) { self.gauge = gauge }

  func add(_ amount: Int64) {
    gauge.add(amount)
    own.wrappingAdd(amount, ordering: .relaxed)
  }

  deinit { gauge.add(-own.load(ordering: .relaxed)) }
}

import APIBindings
package import GRPC
import Reactor
import Synchronization

/// Tells clients how loaded the server is, with the end of each call: an OrcaLoadReport in
/// `endpoint-load-metrics-bin`, for load balancers that weigh servers.
///
/// https://github.com/grpc/proposal/blob/master/A51-custom-backend-metrics.md
package final class LoadReportInterceptor: ServerInterceptor {
  /// Who is told.
  package enum Audience: String, Sendable, CaseIterable {
    /// Calls that carry `endpoint-load-metrics-format: bin`.
    case asking
    /// Every call.
    case all
  }

  /// What the process uses of the machine.
  package struct Usage: Sendable {
    /// Seconds of processor time since the process began, divided by the processors.
    package let processorSeconds: Double
    /// Share of the memory that it holds.
    package let memory: Double

    /// Makes a reading.
    package init(processorSeconds: Double, memory: Double) {
      (self.processorSeconds, self.memory) = (processorSeconds, memory)
    }
  }

  private struct Sample {
    let time: UInt64
    let usage: Usage
    let calls: Int
    let failures: Int
  }

  private struct State {
    var last: Sample
    var report: [UInt8]
  }

  /// A report is as old as this at most, and covers as much time at least.
  private static let period: UInt64 = 1_000_000_000

  private let audience: Audience
  private let usage: @Sendable () -> Usage
  private let now: @Sendable () -> UInt64
  private let calls = Atomic<Int>(0)
  private let failures = Atomic<Int>(0)
  private let state: Mutex<State>

  /// Reports to an audience; `usage` reads what the process uses, once a second at most, and `now`
  /// is a monotonic clock in nanoseconds.
  package init(
    to audience: Audience, usage: @escaping @Sendable () -> Usage,
    now: @escaping @Sendable () -> UInt64 = { MonotonicTime.now().nanoseconds }
  ) {
    (self.audience, self.usage, self.now) = (audience, usage, now)
    let usage = usage()
    let sample = Sample(time: now(), usage: usage, calls: 0, failures: 0)
    state = Mutex(
      State(last: sample, report: OrcaLoadReport(memUtilization: usage.memory).encoded()))
  }

  package func callBegan(_ context: ServerContext) throws(RPCError) {
    calls.add(1, ordering: .relaxed)
    guard audience == .all || Self.asks(context.metadata) else { return }
    try context.addTrailingMetadata("endpoint-load-metrics-bin", binary: report())
  }

  package func callEnded(_ context: ServerContext?, _ record: CallRecord) {
    if record.code != .ok, !record.isAbandoned { failures.add(1, ordering: .relaxed) }
  }

  private static func asks(_ metadata: Metadata) -> Bool {
    guard !metadata.isEmpty else { return false }
    return metadata.first("endpoint-load-metrics-format")?.lowercased() == "bin"
  }

  private func report() -> [UInt8] {
    state.withLock { state in
      let time = now()
      guard time &- state.last.time >= Self.period else { return state.report }
      let sample = Sample(
        time: time, usage: usage(), calls: calls.load(ordering: .relaxed),
        failures: failures.load(ordering: .relaxed))
      state.report = Self.report(from: state.last, to: sample).encoded()
      state.last = sample
      return state.report
    }
  }

  private static func report(from first: Sample, to last: Sample) -> OrcaLoadReport {
    let seconds = Double(last.time - first.time) / 1e9
    let spent = last.usage.processorSeconds - first.usage.processorSeconds
    return OrcaLoadReport(
      cpuUtilization: max(0, spent) / seconds, memUtilization: last.usage.memory,
      rpsFractional: Double(last.calls - first.calls) / seconds,
      eps: Double(last.failures - first.failures) / seconds)
  }
}

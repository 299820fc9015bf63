import BenchmarkDomain
import Synchronization

@testable import AgentApp

/// Answers at once, with samples of known times. No two segments begin at the same time.
struct InstantRunner: ExecutionRunner {
  private static let anchors = Atomic<Int64>(1_000_000_000)

  func prepare(_ configuration: Configuration) async throws -> EngineIdentity {
    EngineIdentity(version: "1", modelRevision: "r", isSimulated: true)
  }

  func measure(
    _ job: MeasuringJob, onStart: @escaping @Sendable (WallTime) async -> Void,
    onSample: @escaping @Sendable (RequestSample) async -> Void
  ) async throws {
    await onStart(WallTime(nanoseconds: Self.anchors.add(1, ordering: .relaxed).newValue))
    for index in job.indices {
      try Task.checkCancellation()
      let sent = UInt64(index) * 1_000_000
      await onSample(
        RequestSample(
          requestIndex: UInt32(index), segment: job.segment, outcome: .ok, httpStatus: 200,
          scheduled: sent, sent: sent, firstByte: sent + 10, firstContent: sent + 10,
          firstVisible: sent + 10, lastContent: sent + 20, end: sent + 20, outputTokens: 2,
          tokenSource: .usage, contentChunks: 2))
      await Task.yield()
    }
  }

  func shutDown() async {}
}

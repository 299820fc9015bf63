import BenchmarkDomain

@testable import AgentApp

/// Answers at once, with samples of known times.
struct InstantRunner: ExecutionRunner {
  func prepare(_ configuration: Configuration) async throws -> EngineIdentity {
    EngineIdentity(version: "1", modelRevision: "r", isSimulated: true)
  }

  func measure(
    _ job: MeasuringJob, onStart: @escaping @Sendable (WallTime) async -> Void,
    onSample: @escaping @Sendable (RequestSample) async -> Void
  ) async throws {
    await onStart(WallTime(seconds: 1))
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

import APIBindings
import Testing

@testable import CLICommands

@Suite("The live view of a run") struct WatchProgressTests {
  private func completed(_ result: Result?) -> [String] {
    var progress = WatchProgress(isTerminal: false)
    let samples = WatchRunResponse(
      event: .samples(WatchedSamples(executionId: "e", samples: [RequestSample(outcome: .ok)])))
    #expect(progress.lines(for: samples).isEmpty)
    let configuration = Configuration(
      id: "c1-x", modelId: "m", hardwareId: "h", engineId: "e", quantizationId: "q",
      workload: Workload(inputTokens: 8, outputTokens: 16, concurrency: 2))
    let change = WatchRunResponse(
      event: .execution(
        ExecutionChange(executionId: "e", configuration: configuration, state: .completed)))
    return progress.lines(for: change, result: result)
  }

  @Test("a finished configuration shows the count and the figures of its result")
  func figures() {
    let result = Result(
      requestCount: 40, errorCount: 2,
      measurements: [
        Measurement(metric: .ttft, statistic: .mean, value: 0.0123),
        Measurement(metric: .tpot, statistic: .mean, value: 0.0045),
        Measurement(metric: .outputThroughput, statistic: .total, value: 210),
      ])
    #expect(
      completed(result) == [
        "  done       m h e q 8>16 x2  "
          + "(40 requests, 2 failed: TTFT 12.3 ms, TPOT 4.50 ms, 210 TOK/S)"
      ])
  }

  @Test("where the result cannot be read, no count is claimed")
  func noResult() {
    #expect(completed(nil) == ["  done       m h e q 8>16 x2"])
  }
}

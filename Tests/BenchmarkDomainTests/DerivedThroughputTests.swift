import BenchmarkDomain
import Testing

@Suite struct DerivedThroughputTests {
  private let workload = Workload(inputTokens: 1_024, outputTokens: 101, concurrency: 8)

  private func result(_ measurements: [Measurement]) -> BenchmarkResult {
    BenchmarkResult(
      id: "r", configurationID: ConfigurationID(high: 1, low: 2),
      provenance: Provenance(kind: .imported, tool: "t", toolVersion: "1", source: "s"),
      measuredAt: nil, requestCount: 0, errorCount: 0, measurements: measurements)
  }

  @Test("a measured throughput is taken as it is") func measured() {
    let own = Measurement(metric: .outputThroughput, statistic: .total, value: 123)
    #expect(result([own]).outputThroughput(workload) == own)
  }

  @Test("without one it is derived from TTFT and TPOT, and says so") func derived() throws {
    let result = result([
      Measurement(metric: .ttft, statistic: .unstated, value: 0.5, definition: "other"),
      Measurement(metric: .tpot, statistic: .unstated, value: 0.01, definition: "other"),
    ])
    // 8 * 101 tokens in 0.5 + 0.01 * 100 = 1.5 s.
    let figure = try #require(result.outputThroughput(workload))
    #expect(abs(figure.value - 808 / 1.5) < 1e-9)
    #expect(figure.definition == "derived/closed-loop/1")
    let share = try #require(
      result.outputThroughputPerAccelerator(workload, acceleratorCount: 4))
    #expect(abs(share.value - 202 / 1.5) < 1e-9)
    #expect(share.definition == "derived/closed-loop/1")
    #expect(share.metric == .outputThroughputPerAccelerator)
  }

  @Test("an answer of one token needs no TPOT") func oneToken() throws {
    let result = result([Measurement(metric: .ttft, statistic: .mean, value: 0.25)])
    let one = Workload(inputTokens: 8, outputTokens: 1, concurrency: 2)
    #expect(result.outputThroughput(one)?.value == 8)
    #expect(result.outputThroughput(workload) == nil)
  }

  @Test("figures that make no sense derive nothing") func nonsense() {
    let zero = result([
      Measurement(metric: .ttft, statistic: .mean, value: 0),
      Measurement(metric: .tpot, statistic: .mean, value: 0),
    ])
    #expect(zero.outputThroughput(workload) == nil)
    #expect(result([]).outputThroughput(workload) == nil)
  }
}

import BenchmarkDomain
import Economics
import Testing

@Suite struct TokenCostTests {
  private let configuration = Configuration(
    modelID: "m", hardwareID: "h100-80gb-x1", engineID: "vllm", quantizationID: "fp8",
    workload: Workload(inputTokens: 1_000, outputTokens: 100, concurrency: 10))

  private func result(_ measurements: [Measurement]) -> BenchmarkResult {
    BenchmarkResult(
      id: "r", configurationID: configuration.id,
      provenance: Provenance(kind: .imported, tool: "t", toolVersion: "1", source: "s"),
      measuredAt: nil, requestCount: 0, errorCount: 0, measurements: measurements)
  }

  private let book = PriceBook(SeedPrices.entries)

  @Test("an hour's price over an hour's tokens, per million") func measured() throws {
    let throughput = Measurement(
      metric: .outputThroughput, statistic: .total, value: 1_000, sampleCount: 100,
      interval: Interval(low: 800, high: 1_250, confidence: 0.95))
    let cost = book.tokenCost(of: result([throughput]), configuration, basis: .onDemand)
    // 6.88 $/h over 3.6 million tokens an hour.
    let figure = try #require(cost.measurement)
    #expect(abs(figure.value - 6.88 / 3.6) < 1e-12)
    #expect(figure.definition == "price-book/1")
    #expect(figure.sampleCount == 100)
    let interval = try #require(figure.interval)
    #expect(abs(interval.low - 6.88 / 4.5) < 1e-12)
    #expect(abs(interval.high - 6.88 / 2.88) < 1e-12)
    #expect(cost.price?.offer == "aws p5.4xlarge")
  }

  @Test("spot is cheaper by its stated discount") func spot() throws {
    let throughput = Measurement(metric: .outputThroughput, statistic: .total, value: 1_000)
    let cost = book.tokenCost(of: result([throughput]), configuration, basis: .spot)
    #expect(abs(try #require(cost.measurement).value - 3.5776 / 3.6) < 1e-12)
  }

  @Test("a derived throughput makes a cost that says so") func derived() throws {
    let cost = book.tokenCost(
      of: result([
        Measurement(metric: .ttft, statistic: .unstated, value: 0.01),
        Measurement(metric: .tpot, statistic: .unstated, value: 0.01),
      ]), configuration, basis: .onDemand)
    // 10 * 100 tokens in 0.01 + 0.99 = 1 s.
    let figure = try #require(cost.measurement)
    #expect(abs(figure.value - 6.88 / 3.6) < 1e-9)
    #expect(figure.definition == "price-book/1 over derived/closed-loop/1")
  }

  @Test("no throughput and no price are told apart") func unknown() {
    #expect(book.tokenCost(of: result([]), configuration, basis: .onDemand) == .noThroughput)
    let throughput = Measurement(metric: .outputThroughput, statistic: .total, value: 1_000)
    let empty = PriceBook([])
    #expect(
      empty.tokenCost(of: result([throughput]), configuration, basis: .onDemand) == .noPrice)
    let zero = Measurement(metric: .outputThroughput, statistic: .total, value: 0)
    #expect(book.tokenCost(of: result([zero]), configuration, basis: .spot) == .noThroughput)
  }

  @Test("a hosted model costs its answer and the prompt before it") func hosted() throws {
    let hosted = Configuration(
      modelID: "gpt-4o", hardwareID: "", engineID: "openai", quantizationID: "unstated",
      workload: configuration.workload)
    let cost = book.tokenCost(of: result([]), hosted, basis: .spot)
    // 10 $ for a million answers' tokens, 2.5 $ for each million of the 10 million before them.
    #expect(try #require(cost.measurement).value == 35)
    #expect(cost.measurement?.definition == "list-price-with-prompt/1")
  }
}

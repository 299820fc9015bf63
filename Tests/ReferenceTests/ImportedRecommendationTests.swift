import BenchmarkDomain
import Economics
import Importers
import Ranking
import Testing

/// Llama 3.1 8B on H100, prompts of 1,024 and answers of 512 tokens: 20 imported rows.
@Suite("A recommendation over imported rows", .enabled(if: ReferenceFolder.isSet))
struct ImportedRecommendationTests {
  private struct Row {
    let item: ConfigurationResult
    let ttft: Double
    let tpot: Double
    let throughputPerAccelerator: Double
    let cost: Double

    var name: String {
      "\(item.configuration.hardwareID) c\(item.configuration.workload.concurrency)"
    }
    var criteria: [Double] { [ttft, tpot, throughputPerAccelerator, cost] }
  }

  private func rows() throws -> [Row] {
    let bundle = try importReference("results/aiconfigurator_silicon_sample.csv").bundle
    let book = PriceBook(SeedPrices.entries)
    let counts = Dictionary(
      uniqueKeysWithValues: bundle.hardware.map { ($0.id, $0.acceleratorCount) })
    return try bundle.results.filter {
      $0.configuration.modelID == "meta-llama/Llama-3.1-8B-Instruct"
        && $0.configuration.hardwareID.hasPrefix("h100-80gb-")
        && $0.configuration.workload.inputTokens == 1_024
        && $0.configuration.workload.outputTokens == 512
    }.map { item in
      let workload = item.configuration.workload
      let count = try #require(counts[item.configuration.hardwareID])
      let share = item.result.outputThroughputPerAccelerator(workload, acceleratorCount: count)
      let cost = book.tokenCost(of: item.result, item.configuration, basis: .onDemand)
      return Row(
        item: item, ttft: try #require(item.result.typical(.ttft)).value,
        tpot: try #require(item.result.typical(.tpot)).value,
        throughputPerAccelerator: try #require(share).value,
        cost: try #require(cost.measurement).value)
    }
  }

  @Test("the cheapest is one H100 at 128 in flight, and its cost follows from its row")
  func cheapest() throws {
    let rows = try rows()
    #expect(rows.count == 20)
    let best = try #require(rows.min { $0.cost < $1.cost })
    #expect(best.name == "h100-80gb-x1 c128")
    // The row: TTFT 364.321 ms, TPOT 19.257558 ms. 128 answers of 512 tokens in
    // 0.364321 + 0.019257558 * 511 = 10.204933 s are 6,421.99 tokens/s; an hour of p5.4xlarge
    // costs 6.88 $, so a million tokens cost 6.88 / (6,421.99 * 3,600) * 1,000,000 = 0.29759 $.
    #expect(abs(best.throughputPerAccelerator - 6_421.992) < 0.001)
    #expect(abs(best.cost - 0.297589) < 0.000001)
    let cost = PriceBook(SeedPrices.entries).tokenCost(
      of: best.item.result, best.item.configuration, basis: .onDemand)
    #expect(cost.measurement?.definition == TokenCost.derivedDefinition)
  }

  @Test("within 500 ms to the first token, two H100 at 64 in flight are the best compromise")
  func compromise() throws {
    let rows = try rows()
    let directions: [Direction] = [.cost, .cost, .benefit, .cost]
    let bounds = directions.indices.map { index in
      let column = rows.map { $0.criteria[index] }
      let (low, high) = (column.min() ?? 0, column.max() ?? 0)
      return directions[index] == .cost
        ? Bounds(ideal: low, antiIdeal: high) : Bounds(ideal: high, antiIdeal: low)
    }
    let admitted = rows.filter { $0.ttft <= 0.5 }
    let ranked = try Topsis.rank(
      rowMajor: admitted.flatMap(\.criteria), weights: [1, 1, 1, 1], directions: directions,
      bounds: bounds, limit: 3)
    // Computed apart with numpy from the same 20 rows: closeness 0.732265, 0.698280, 0.686662.
    #expect(
      ranked.map { admitted[$0.row].name } == [
        "h100-80gb-x2 c64", "h100-80gb-x1 c64", "h100-80gb-x1 c32",
      ])
    for (standing, score) in zip(ranked, [0.732265, 0.698280, 0.686662]) {
      #expect(abs(standing.score - score) < 0.000001)
    }
  }
}

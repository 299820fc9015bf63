import BenchmarkDomain
import Testing

@testable import RecommendService

@Suite("Questions")
struct RankingQueryTests {
  private func refusal(_ make: () throws -> RankingQuery) -> String? {
    do {
      _ = try make()
      return nil
    } catch let refusal as QueryRefusal { return refusal.field } catch { return "\(error)" }
  }

  @Test("weights that are all zero, negative or no number are refused by name")
  func weights() {
    func weighted(_ weights: Double...) -> [WeightedFigure] {
      zip([FigureKey(.ttft), FigureKey(.tpot)], weights).map { WeightedFigure($0, weight: $1) }
    }
    #expect(refusal { try RankingQuery(criteria: weighted(0, 0)) } == "criteria")
    #expect(refusal { try RankingQuery(criteria: weighted(1, -1)) } == "criteria[1].weight")
    #expect(refusal { try RankingQuery(criteria: weighted(.nan, 1)) } == "criteria[0].weight")
    #expect(refusal { try RankingQuery(criteria: weighted(.infinity, 1)) } == "criteria[0].weight")
    #expect(refusal { try RankingQuery(criteria: weighted(0, 1)) } == nil)
  }

  @Test("weights are divided by their sum, also when the sum would overflow")
  func normalized() throws {
    let huge = Double.greatestFiniteMagnitude
    let query = try RankingQuery(criteria: [
      WeightedFigure(FigureKey(.ttft), weight: huge),
      WeightedFigure(FigureKey(.tpot), weight: huge),
    ])
    #expect(query.criteria.map(\.weight) == [0.5, 0.5])
  }

  @Test("bounds that are no finite number from 0 are refused")
  func bounds() {
    #expect(
      refusal { try RankingQuery(limits: [Limit(FigureKey(.errorRate), .atMost(2))]) }
        == "objectives[0].bound")
    #expect(
      refusal { try RankingQuery(limits: [Limit(FigureKey(.errorRate), .atMost(1))]) } == nil)
    for bound in [Double.nan, .infinity, -1] {
      #expect(
        refusal { try RankingQuery(limits: [Limit(FigureKey(.ttft), .atMost(bound))]) }
          == "objectives[0].bound")
    }
  }

  @Test("a figure that cannot exist is refused, and so is one named twice")
  func figures() {
    #expect(
      refusal { try RankingQuery(criteria: [WeightedFigure(FigureKey(.errorRate, .p95))]) }
        == "criteria[0].statistic")
    #expect(
      refusal { try RankingQuery(limits: [Limit(FigureKey(.ttft, .total), .atMost(1))]) }
        == "objectives[0].statistic")
    #expect(
      refusal {
        try RankingQuery(criteria: [
          WeightedFigure(FigureKey(.outputThroughput)),
          WeightedFigure(FigureKey(.outputThroughput, .total)),
        ])
      } == "criteria[1]")
  }

  @Test("counts outside their range and contradicting ranges are refused")
  func ranges() {
    #expect(refusal { try RankingQuery(count: 0) } == "top_k")
    #expect(refusal { try RankingQuery(count: 101) } == "top_k")
    var filter = ConfigurationFilter()
    filter.minConcurrency = 8
    filter.maxConcurrency = 4
    #expect(refusal { try RankingQuery(filter: filter) } == "filter.min_concurrency")
    filter.maxConcurrency = -1
    #expect(refusal { try RankingQuery(filter: filter) } == "filter.min_concurrency")
  }

  @Test("equal questions are equal, whatever the order and repetition of a filter's values")
  func canonical() throws {
    var left = ConfigurationFilter()
    left.modelIDs = ["b", "a", "b"]
    var right = ConfigurationFilter()
    right.modelIDs = ["a", "b"]
    let one = try RankingQuery(filter: left)
    let other = try RankingQuery(
      filter: right,
      criteria: RankingQuery.defaultCriteria.map { WeightedFigure($0.key, weight: 7) },
      provenances: [.interpolated, .imported, .measured])
    #expect(one == other)
    #expect(one.hashValue == other.hashValue)
  }
}

import BenchmarkDomain
import Storage
import Testing

@testable import RecommendService

@Suite("Epochs and keys of answers")
struct EpochTests {
  private var fixture: Fixture {
    var fixture = Fixture()
    for model in ["m", "n"] {
      for concurrency in 1...3 {
        fixture.add(
          Fixture.configuration(model: model, concurrency: Int32(concurrency)), ttft: 0.5,
          id: "\(model)-\(concurrency)")
      }
    }
    fixture.price("l4-x1", 1)
    fixture.price("h100-80gb-x1", 2)
    return fixture
  }

  private func epochs(_ catalog: CatalogSnapshot) throws -> [DataEpoch] {
    let snapshot = RankingSnapshot(catalog)
    return try [["m"], ["n"], ["m", "n"], ["unknown"], []].map { models in
      snapshot.epoch(of: try query { $0.modelIDs = models })
    }
  }

  private func query(
    _ change: (inout ConfigurationFilter) -> Void = { _ in }, limits: [Limit] = [],
    criteria: [WeightedFigure] = [], basis: PriceBasis = .onDemand,
    provenances: Set<ProvenanceKind> = [], count: Int = 10
  ) throws -> RankingQuery {
    var filter = ConfigurationFilter()
    change(&filter)
    return try RankingQuery(
      filter: filter, limits: limits, criteria: criteria, priceBasis: basis,
      provenances: provenances, count: count)
  }

  /// Which of the epochs a change moves: of m, of n, of both, of no model, of all.
  private func moved(_ change: (inout CatalogSnapshot) -> Void) throws -> [Bool] {
    var changed = fixture.catalog
    changed.version += 1
    change(&changed)
    return zip(try epochs(fixture.catalog), try epochs(changed)).map { $0 != $1 }
  }

  @Test("data that is the same has the same epochs, in whatever order a store reads it")
  func sameData() throws {
    #expect(Set(try epochs(fixture.catalog)).count == 5)
    let same = try moved { catalog in
      catalog.results.reverse()
      catalog.prices.reverse()
      catalog.models.append(Model(id: "registered since"))
    }
    #expect(same == [false, false, false, false, false])
  }

  @Test("a result moves its model's epoch and no other's")
  func results() throws {
    let ofM = [true, false, true, false, true]
    var more = fixture
    more.add(Fixture.configuration(model: "m", concurrency: 9), ttft: 0.1, id: "new")
    #expect(try moved { $0.results = more.catalog.results } == ofM)
    #expect(try moved { $0.results.removeFirst() } == ofM)
    #expect(try moved { $0.results[0].result.id = "retried" } == ofM)
    #expect(try moved { $0.results[0].result.measurements[0].value = 0.25 } == ofM)
    #expect(try moved { $0.results[0].result.measuredAt = nil } == ofM)
  }

  @Test("a price moves all epochs, a hardware profile those of models measured on it")
  func surroundings() throws {
    let all = [true, true, true, true, true]
    var more = fixture
    more.price("h100-80gb-x2", 9, .spot)
    #expect(try moved { $0.prices = more.catalog.prices } == all)
    #expect(try moved { $0.prices.removeLast() } == all)
    let known = try moved { catalog in
      let place = catalog.hardware.firstIndex { $0.id == "h100-80gb-x1" } ?? 0
      catalog.hardware.remove(at: place)
    }
    #expect(known == [true, true, true, false, true])
    #expect(
      try moved { $0.hardware.removeAll { $0.id == "l4-x1" } } == Array(repeating: false, count: 5))
  }

  @Test("questions that mean the same have one key")
  func sameQuestions() throws {
    let epoch = RankingSnapshot(fixture.catalog).epoch(of: try query())
    let one = try query({ $0.modelIDs = ["a", "b"] }, criteria: latencies)
    let same = try query(
      { $0.modelIDs = ["b", "a", "b"] },
      criteria: latencies.map { WeightedFigure($0.key, weight: 7) },
      provenances: RankingQuery.defaultProvenances)
    #expect(RankingQuestion.ranking(one).key(epoch) == RankingQuestion.ranking(same).key(epoch))
    let zeros = try [0.0, -0.0].map { zero in
      RankingQuestion.ranking(
        try query(limits: [Limit(FigureKey(.errorRate), .atMost(zero))])
      ).key(epoch)
    }
    #expect(zeros[0] == zeros[1])
  }

  @Test("questions that differ in anything, or are of other data, have different keys")
  func otherQuestions() throws {
    let snapshot = RankingSnapshot(fixture.catalog)
    let (epoch, other) = (
      snapshot.epoch(of: try query()), snapshot.epoch(of: try query { $0.modelIDs = ["m"] })
    )
    let limit = FigureKey(.ttft)
    let queries = try [
      query(), query { $0.modelIDs = ["a"] }, query { $0.modelIDs = ["a", "b"] },
      query { $0.modelIDs = ["ab"] }, query { $0.hardwareIDs = ["a"] },
      query { $0.accelerators = ["a"] }, query { $0.engineIDs = ["a"] },
      query { $0.quantizationIDs = ["a"] }, query { $0.minInputTokens = 1 },
      query { $0.maxInputTokens = 1 }, query { $0.minOutputTokens = 1 },
      query { $0.maxOutputTokens = 1 }, query { $0.minConcurrency = 1 },
      query { $0.maxConcurrency = 1 }, query(limits: [Limit(limit, .atMost(1))]),
      query(limits: [Limit(limit, .atMost(2))]), query(limits: [Limit(limit, .atLeast(1))]),
      query(limits: [Limit(FigureKey(.ttft, .p95), .atMost(1))]),
      query(limits: [Limit(limit, .atMost(1)), Limit(limit, .atMost(1))]),
      query(criteria: latencies), query(criteria: latencies.reversed()),
      query(criteria: [WeightedFigure(limit, weight: 2), WeightedFigure(FigureKey(.tpot))]),
      query(basis: .spot), query(provenances: [.measured]), query(count: 11),
    ]
    let keys = queries.flatMap {
      [
        RankingQuestion.ranking($0).key(epoch), RankingQuestion.front($0).key(epoch),
        RankingQuestion.ranking($0).key(other),
      ]
    }
    #expect(Set(keys).count == 3 * queries.count)
  }
}

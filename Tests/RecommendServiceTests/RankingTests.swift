import BenchmarkDomain
import Testing

@testable import RecommendService

@Suite("Ranking what is known")
struct RankingTests {
  @Test("closeness lies between the stated bounds, by hand")
  func closeness() throws {
    // TTFT from 0.1 (ideal) to 0.5 (anti-ideal), TPOT from 0.01 to 0.03. The middle row scales to
    // (0.25, 0.5), weights 1/2: D+ = sqrt((0.375)^2 + (0.25)^2) = 0.450694,
    // D- = sqrt((0.125)^2 + (0.25)^2) = 0.279508, closeness 0.279508 / 0.730202 = 0.382782.
    var fixture = Fixture()
    let ids = Fixture.configurations(3)
    fixture.add(ids[0], ttft: 0.5, tpot: 0.03)
    fixture.add(ids[1], ttft: 0.4, tpot: 0.02)
    fixture.add(ids[2], ttft: 0.1, tpot: 0.01)
    let answer = try fixture.snapshot.rank(RankingQuery(criteria: latencies))
    #expect(answer.rows.map(\.row.source.configuration.id) == [ids[2].id, ids[1].id, ids[0].id])
    #expect(answer.rows.map(\.rank) == [1, 2, 3])
    #expect(answer.rows[0].score == 1)
    #expect(abs(answer.rows[1].score - 0.382782) < 1e-6)
    #expect(answer.rows[2].score == 0)
    #expect(answer.rows.map(\.isOnFront) == [true, false, false])
    #expect(answer.bounds.map(\.ideal) == [0.1, 0.01])
    #expect(answer.bounds.map(\.antiIdeal) == [0.5, 0.03])
    #expect(answer.counts.considered == 3 && answer.counts.feasible == 3)
    #expect(answer.rows[1].row.figures.map(\.value) == [0.4, 0.02])
  }

  @Test("bounds are taken before limits, so that a limit does not rescale what it leaves")
  func boundsBeforeLimits() throws {
    var fixture = Fixture()
    let ids = Fixture.configurations(3)
    fixture.add(ids[0], ttft: 0.5, tpot: 0.03)
    fixture.add(ids[1], ttft: 0.4, tpot: 0.02)
    fixture.add(ids[2], ttft: 0.1, tpot: 0.01)
    let snapshot = fixture.snapshot
    let all = try snapshot.rank(RankingQuery(criteria: latencies))
    let limited = try snapshot.rank(
      RankingQuery(limits: [Limit(FigureKey(.ttft), .atMost(0.45))], criteria: latencies))
    #expect(limited.bounds == all.bounds)
    #expect(limited.rows.map(\.score) == all.rows.prefix(2).map(\.score))
    #expect(
      limited.counts.exclusions == [ExclusionCount(reason: "ttft above 0.45 s", count: 1)])
  }

  @Test("equal scores share a rank and stand by configuration id")
  func ties() throws {
    var fixture = Fixture()
    let ids = Fixture.configurations(4)
    fixture.add(ids[2], ttft: 0.2, tpot: 0.02)
    fixture.add(ids[1], ttft: 0.2, tpot: 0.02)
    fixture.add(ids[0], ttft: 0.9, tpot: 0.09)
    fixture.add(ids[3], ttft: 0.1, tpot: 0.01)
    let answer = try fixture.snapshot.rank(RankingQuery(criteria: latencies))
    #expect(answer.rows.map(\.rank) == [1, 2, 2, 4])
    #expect(
      answer.rows.map(\.row.source.configuration.id) == [ids[3], ids[1], ids[2], ids[0]].map(\.id))
  }

  @Test("one row alone, which is best and worst at once, scores a half")
  func single() throws {
    var fixture = Fixture()
    fixture.add(Fixture.configuration(), ttft: 0.2, tpot: 0.02)
    let answer = try fixture.snapshot.rank(RankingQuery(criteria: latencies))
    #expect(answer.rows.map(\.score) == [0.5])
    #expect(answer.rows.map(\.isOnFront) == [true])
  }

  @Test("a configuration is answered by the newest result of the best provenance asked for")
  func provenance() throws {
    var fixture = Fixture()
    let one = Fixture.configuration()
    fixture.add(one, ttft: 0.1, tpot: 0.01, kind: .simulated, measuredAt: 9_000)
    fixture.add(one, ttft: 0.2, tpot: 0.02, kind: .imported, measuredAt: 8_000)
    fixture.add(one, ttft: 0.3, tpot: 0.03, kind: .measured, measuredAt: 1_000)
    fixture.add(one, ttft: 0.4, tpot: 0.04, kind: .measured, measuredAt: 2_000)
    fixture.add(one, ttft: 0.5, tpot: 0.05, kind: .measured, measuredAt: nil)
    let snapshot = fixture.snapshot
    func ttft(_ kinds: Set<ProvenanceKind>) throws -> [Double] {
      try snapshot.rank(RankingQuery(criteria: latencies, provenances: kinds)).rows
        .map { $0.row.figures[0].value }
    }
    #expect(try ttft([]) == [0.4])
    #expect(try ttft([.imported, .simulated]) == [0.2])
    #expect(try ttft([.simulated]) == [0.1])
    #expect(try ttft([.interpolated]) == [])
  }

  @Test("what was only simulated is left out, scales nothing, and is counted, unless asked for")
  func simulated() throws {
    var fixture = Fixture()
    let ids = Fixture.configurations(4)
    fixture.add(ids[0], ttft: 0.5, tpot: 0.03)
    fixture.add(ids[1], ttft: 0.4, tpot: 0.02, kind: .imported)
    for id in ids[1...3] { fixture.add(id, ttft: 0.01, tpot: 0.001, kind: .simulated) }
    fixture.add(ids[3], ttft: 0.02, tpot: 0.002, kind: .simulated)
    fixture.add(Fixture.configuration(model: "other"), ttft: 1, tpot: 1, kind: .simulated)
    var filter = ConfigurationFilter()
    filter.modelIDs = ["m"]
    let snapshot = fixture.snapshot
    let answer = try snapshot.rank(RankingQuery(filter: filter, criteria: latencies))
    #expect(answer.rows.map(\.row.source.configuration.id) == [ids[1].id, ids[0].id])
    #expect(answer.bounds.map(\.ideal) == [0.4, 0.02])
    let left = [ExclusionCount(reason: RowSelection.simulatedOnly, count: 2)]
    #expect(answer.counts.considered == 2 && answer.counts.exclusions == left)
    #expect(
      try snapshot.front(RankingQuery(filter: filter, criteria: latencies)).counts.exclusions
        == left)
    let asked = try snapshot.rank(
      RankingQuery(filter: filter, criteria: latencies, provenances: [.simulated]))
    #expect(asked.counts.considered == 3 && asked.counts.exclusions.isEmpty)
    let everything = try snapshot.rank(
      RankingQuery(
        filter: filter, criteria: latencies, provenances: Set(ProvenanceKind.allCases)))
    #expect(everything.counts.considered == 4 && everything.counts.exclusions.isEmpty)
  }

  @Test("limits that nothing meets give no answer, and say what excluded how many")
  func nothingFeasible() throws {
    var fixture = Fixture()
    let ids = Fixture.configurations(3)
    fixture.add(ids[0], ttft: 0.5, tpot: 0.03)
    fixture.add(ids[1], ttft: 0.4, tpot: 0.02)
    fixture.add(ids[2], tpot: 0.01)
    let answer = try fixture.snapshot.rank(
      RankingQuery(
        limits: [
          Limit(FigureKey(.ttft), .atMost(0.05)), Limit(FigureKey(.tpot), .atMost(0.025)),
        ], criteria: latencies))
    #expect(answer.rows.isEmpty)
    #expect(answer.counts.considered == 3)
    #expect(answer.counts.feasible == 0)
    #expect(
      answer.counts.exclusions == [
        ExclusionCount(reason: "no ttft figure", count: 1),
        ExclusionCount(reason: "ttft above 0.05 s", count: 2),
        ExclusionCount(reason: "tpot above 0.025 s", count: 1),
      ])
  }

  @Test("a missing price excludes every row and says so")
  func noPrice() throws {
    var fixture = Fixture()
    for one in Fixture.configurations(2) {
      fixture.add(one, ttft: 0.1, tpot: 0.01, throughput: 100)
    }
    let answer = try fixture.snapshot.rank(RankingQuery())
    #expect(answer.rows.isEmpty)
    #expect(
      answer.counts.exclusions == [
        ExclusionCount(reason: "no cost: no on-demand price of the hardware", count: 2)
      ])
  }

  @Test("cost comes from the price of an hour and the output throughput")
  func cost() throws {
    // 7.2 USD an hour are 0.002 USD a second; at 1,000 tokens a second a token costs 2e-6 USD.
    var fixture = Fixture()
    fixture.add(Fixture.configuration(), ttft: 0.1, tpot: 0.01, throughput: 1_000)
    fixture.price("h100-80gb-x1", 7.2)
    fixture.price("h100-80gb-x1", 3.6, .spot)
    let snapshot = fixture.snapshot
    let onDemand = try #require(try snapshot.rank(RankingQuery()).rows.first?.row)
    #expect(onDemand.figures.count == 4)
    #expect(abs(onDemand.figures[3].value - 2) < 1e-12)
    #expect(onDemand.price?.basis == .onDemand)
    let spot = try #require(try snapshot.rank(RankingQuery(priceBasis: .spot)).rows.first?.row)
    #expect(abs(spot.figures[3].value - 1) < 1e-12)
  }

  @Test("output throughput per accelerator is derived where a result lacks it")
  func perAccelerator() throws {
    var fixture = Fixture()
    fixture.add(Fixture.configuration(hardware: "h100-80gb-x2"), throughput: 1_000)
    let answer = try fixture.snapshot.rank(
      RankingQuery(criteria: [WeightedFigure(FigureKey(.outputThroughputPerAccelerator))]))
    #expect(answer.rows.first?.row.figures.map(\.value) == [500])
  }

  @Test("the filter knows every dimension, and an accelerator across its profiles")
  func filter() throws {
    var fixture = Fixture()
    fixture.add(Fixture.configuration(hardware: "h100-80gb-x2", concurrency: 4), ttft: 0.1)
    fixture.add(Fixture.configuration(hardware: "l4-x1", concurrency: 4), ttft: 0.2)
    fixture.add(Fixture.configuration(engine: "tgi", concurrency: 16), ttft: 0.3)
    fixture.add(Fixture.configuration(model: "other"), ttft: 0.4)
    fixture.add(Fixture.configuration(quantization: "fp8", input: 2_048), ttft: 0.5)
    let snapshot = fixture.snapshot
    func found(_ change: (inout ConfigurationFilter) -> Void) throws -> [Double] {
      var filter = ConfigurationFilter()
      change(&filter)
      let query = try RankingQuery(filter: filter, criteria: [latencies[0]])
      return try snapshot.rank(query).rows.map { $0.row.figures[0].value }
    }
    #expect(try found { _ in } == [0.1, 0.2, 0.3, 0.4, 0.5])
    #expect(try found { $0.accelerators = ["H100-80GB"] } == [0.1, 0.3, 0.4, 0.5])
    #expect(
      try found {
        $0.accelerators = ["H100-80GB"]
        $0.hardwareIDs = ["l4-x1"]
      } == [])
    #expect(try found { $0.hardwareIDs = ["l4-x1"] } == [0.2])
    #expect(try found { $0.modelIDs = ["other"] } == [0.4])
    #expect(try found { $0.engineIDs = ["tgi", "none"] } == [0.3])
    #expect(try found { $0.quantizationIDs = ["fp8"] } == [0.5])
    #expect(try found { $0.minInputTokens = 1_000 } == [0.5])
    #expect(try found { $0.maxConcurrency = 4 } == [0.1, 0.2])
    #expect(try found { $0.maxOutputTokens = 100 } == [])
    var names = ConfigurationFilter()
    names.modelIDs = ["m", "nope"]
    names.hardwareIDs = ["l4-x1", "t4-x1"]
    #expect(snapshot.unknownModels(names) == ["nope"])
    #expect(snapshot.unknownHardware(names) == ["t4-x1"])
  }

  @Test("bounds ignore other models and every filter but the model's")
  func boundsByModel() throws {
    var fixture = Fixture()
    fixture.add(Fixture.configuration(engine: "tgi"), ttft: 0.1)
    fixture.add(Fixture.configuration(engine: "vllm"), ttft: 0.4)
    fixture.add(Fixture.configuration(model: "other"), ttft: 9)
    var filter = ConfigurationFilter()
    filter.modelIDs = ["m"]
    filter.engineIDs = ["vllm"]
    let answer = try fixture.snapshot.rank(
      RankingQuery(filter: filter, criteria: [latencies[0]]))
    #expect(answer.bounds.map(\.ideal) == [0.1])
    #expect(answer.bounds.map(\.antiIdeal) == [0.4])
    #expect(answer.counts.considered == 1)
  }

  @Test("no data at all gives an empty answer without bounds")
  func empty() throws {
    let answer = try Fixture().snapshot.rank(RankingQuery())
    #expect(answer.rows.isEmpty && answer.bounds.isEmpty && answer.counts.exclusions.isEmpty)
    #expect(answer.counts.newestMeasuredAt == nil)
  }

  @Test("the front is ordered by its first criterion and flags what is there twice")
  func front() throws {
    var fixture = Fixture()
    let ids = Fixture.configurations(5)
    fixture.add(ids[0], ttft: 0.3, tpot: 0.01)
    fixture.add(ids[1], ttft: 0.1, tpot: 0.03)
    fixture.add(ids[2], ttft: 0.2, tpot: 0.02)
    fixture.add(ids[3], ttft: 0.2, tpot: 0.02)
    fixture.add(ids[4], ttft: 0.3, tpot: 0.03)
    let answer = try fixture.snapshot.front(RankingQuery(criteria: latencies, count: 3))
    #expect(answer.memberCount == 4)
    #expect(answer.rows.map(\.row.source.configuration.id) == [ids[1], ids[2], ids[3]].map(\.id))
    #expect(answer.rows.map(\.isDuplicate) == [false, true, true])
  }
}

import BenchmarkDomain
import Storage
import Testing

@testable import RecommendService

@Suite("Columns of a snapshot")
struct ColumnTests {
  /// Results with any figures, some twice, of configurations with and without prices.
  private func mixed(_ count: Int, seed: UInt64) -> Fixture {
    var dice = Dice(state: seed)
    var fixture = Fixture()
    fixture.price("h100-80gb-x1", 4)
    fixture.price("h100-80gb-x2", 9, .spot)
    fixture.prices.append(
      PriceEntry(
        id: "tokens",
        item: .model(id: "other", usdPerMillionInputTokens: 2, usdPerMillionOutputTokens: 8),
        basis: .onDemand, offer: "o", source: "s", observedAt: WallTime(seconds: 1)))
    for _ in 0..<count {
      let configuration = Fixture.configuration(
        model: dice.any(["m", "other", "third"]),
        hardware: dice.any(["h100-80gb-x1", "h100-80gb-x2", "l4-x1", "unknown"]),
        engine: dice.any(["vllm", "tgi"]), output: dice.any([1, 128]),
        concurrency: dice.any([1, 2, 3]))
      let figures = (0..<dice.any([0, 1, 2, 4, 30])).map { _ in
        Measurement(
          metric: dice.any(Metric.allCases), statistic: dice.any(Statistic.allCases),
          value: dice.any([0, 0.5, 1, 20]))
      }
      fixture.add(
        configuration, kind: dice.any(ProvenanceKind.allCases),
        measuredAt: dice.any([nil, 1, 2]), extra: figures)
    }
    return fixture
  }

  @Test("columns hold what a search of each result finds", arguments: 0..<8 as Range<UInt64>)
  func figures(seed: UInt64) throws {
    let snapshot = mixed(300, seed: seed).snapshot
    for row in snapshot.rows.indices {
      for basis in PriceBasis.allCases {
        let figures = snapshot.figures(at: row, basis)
        for metric in Metric.allCases {
          let found = snapshot.column(FigureKey(metric), basis)?[row] ?? .nan
          let sought = figures.measurement(FigureKey(metric))?.value ?? .nan
          #expect(found == sought || found.isNaN && sought.isNaN, "\(metric) of \(row)")
        }
        #expect(snapshot.costLacks[basis]?[row] == Lack(figures.cost))
      }
      let measurements = snapshot.rows[row].result.measurements
      for measurement in measurements where measurement.metric.isDistribution {
        let key = FigureKey(measurement.metric, measurement.statistic)
        let last = measurements.last {
          $0.metric == measurement.metric && $0.statistic == measurement.statistic
        }
        #expect(snapshot.columns[key]?[row] == last?.value)
      }
    }
  }

  @Test("a figure that no result has is no column, and what is there has every row")
  func absent() {
    var fixture = Fixture()
    for configuration in Fixture.configurations(3) { fixture.add(configuration, ttft: 0.5) }
    let snapshot = fixture.snapshot
    #expect(
      Set(snapshot.columns.keys) == [FigureKey(.ttft), FigureKey(.ttft, .mean)])
    #expect(snapshot.columns.values.allSatisfy { $0 == [0.5, 0.5, 0.5] })
    #expect(Fixture().snapshot.columns.isEmpty)
  }

  @Test("every figure has a place of its own")
  func places() {
    let slots = Metric.allCases.flatMap { metric in
      (Statistic.allCases + [nil]).map { FigureSlot.of(metric, $0) }
    }
    #expect(slots == Array(0..<FigureSlot.count))
    #expect(PriceBasis.allCases.map(\.ordinal) == Array(PriceBasis.allCases.indices))
  }
}

/// A seeded sequence of choices.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  /// SplitMix64, by Sebastiano Vigna, in the public domain.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }

  mutating func any<Item>(_ items: [Item]) -> Item {
    items[Int(next() % UInt64(items.count))]
  }
}

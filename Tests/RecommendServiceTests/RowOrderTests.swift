import BenchmarkDomain
import Testing

@testable import RecommendService

@Suite("Order of a snapshot's rows")
struct RowOrderTests {
  private func results(_ count: Int, configurations: Int) -> [ConfigurationResult] {
    var dice = Dice(state: 5)
    var fixture = Fixture()
    for number in 0..<count {
      fixture.add(
        Fixture.configuration(
          concurrency: 1 + Int32(dice.next() % UInt64(configurations))),
        kind: dice.any(ProvenanceKind.allCases), measuredAt: dice.any([nil, 1, 2]),
        id: "\(dice.next())-\(number)")
    }
    return fixture.results
  }

  /// As the documentation of `RankingSnapshot` says, and by the result's id where it says nothing.
  private func precedes(_ left: ConfigurationResult, _ right: ConfigurationResult) -> Bool {
    let (a, b) = (left.result, right.result)
    if a.configurationID != b.configurationID { return a.configurationID < b.configurationID }
    let kinds = [ProvenanceKind.measured, .imported, .interpolated, .simulated]
    let worth = [a, b].map { kinds.firstIndex(of: $0.provenance.kind) ?? 0 }
    if worth[0] != worth[1] { return worth[0] < worth[1] }
    let times = [a, b].map { $0.measuredAt?.nanoseconds ?? .min }
    return times[0] != times[1] ? times[0] > times[1] : a.id < b.id
  }

  @Test(
    "rows stand by configuration, worth, time and id, however many share one",
    arguments: [(0, 1), (1, 1), (2, 1), (400, 1), (400, 3), (3_000, 500), (3_000, 30_000)])
  func order(count: Int, configurations: Int) {
    let results = results(count, configurations: configurations)
    var sorted = results
    RowOrder.sort(&sorted)
    #expect(sorted == results.sorted(by: precedes))
    // The next reading finds most of them where they belong.
    RowOrder.sort(&sorted)
    #expect(sorted == results.sorted(by: precedes))
  }

  @Test("names are numbered as rows bring them, and equal ones once")
  func names() {
    let names = ["b", "a", "b", "a name with storage of its own", "", "a", "\u{e9}", "e\u{301}"]
    let many = names + (0..<600).map { "name \($0 % 300)" } + names
    let column = DimensionColumn(many.count) { many[$0] }
    #expect(Array(column.names.prefix(6)) == ["b", "a", names[3], "", "\u{e9}", "name 0"])
    #expect(column.names.count == 5 + 300)
    #expect(many.indices.allSatisfy { column.names[Int(column.numbers[$0])] == many[$0] })
  }
}

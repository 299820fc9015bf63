import BenchmarkDomain
import Storage
import Testing

@testable import RecommendService

@Suite("How often an answer is at hand while results arrive")
struct HitRatioTests {
  private static let modelCount = 50
  private static let questionCount = 5_000
  private static let requestsPerSecond = 500
  private static let warmUpSeconds = 55
  private static let seconds = 80

  /// Numbers that are the same in every run (SplitMix64).
  private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var word = state
      word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
      return word ^ word >> 31
    }
  }

  /// Ranks by Zipf's law with exponent 1.
  private struct Zipf {
    private var sums: [Double] = []

    init(_ count: Int) {
      var sum = 0.0
      for rank in 1...count {
        sum += 1 / Double(rank)
        sums.append(sum)
      }
    }

    func draw(_ dice: inout Dice) -> Int {
      let wanted = Double.random(in: 0..<(sums.last ?? 1), using: &dice)
      var (low, high) = (0, sums.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if sums[middle] > wanted { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }

  private static func model(_ number: Int) -> String { "model-\(number)" }

  /// Distinct questions, each about one model, the popular ones about all of them.
  private static func questions() throws -> [RankingQuery] {
    try (0..<questionCount).map { number in
      var filter = ConfigurationFilter()
      filter.modelIDs = [model(number % modelCount)]
      let limit = Limit(FigureKey(.ttft), .atMost(Double(1 + number / modelCount)))
      return try RankingQuery(filter: filter, limits: [limit])
    }
  }

  /// The share of hits. A hit is an answer that was at hand, and is the one that the snapshot of
  /// its second gives.
  ///
  /// - Parameter epoch: what an answer is taken to rest on.
  private func hitRatio(
    _ epoch: (RankingSnapshot, RankingQuery) -> DataEpoch
  ) async throws -> Double {
    var dice = Dice(state: 20_261)
    let (zipf, questions) = (Zipf(Self.questionCount), try Self.questions())
    let cache = AnswerCache<RankingQuestion>()
    var fixture = Fixture()
    for number in 0..<Self.modelCount {
      fixture.add(Fixture.configuration(model: Self.model(number)), ttft: 0.5)
    }
    var (hits, asked) = (0, 0)
    for second in 0..<Self.seconds {
      let model = Self.model(Int.random(in: 0..<Self.modelCount, using: &dice))
      let configuration = Fixture.configuration(model: model, concurrency: Int32(second + 100))
      fixture.add(configuration, ttft: 0.5)
      fixture.version += 1
      let snapshot = fixture.snapshot
      for _ in 0..<Self.requestsPerSecond {
        let query = questions[zipf.draw(&dice)]
        let truth = Array("\(snapshot.epoch(of: query))".utf8)
        let data = AnswerCache<RankingQuestion>.Data(
          version: snapshot.version, epoch: epoch(snapshot, query))
        let isCounted = second >= Self.warmUpSeconds
        if isCounted { asked += 1 }
        switch cache.answer(.ranking(query), of: data, compute: { .init(truth) }) {
        case .answer(let bytes):
          #expect(bytes == truth, "a stale answer")
          if isCounted { hits += 1 }
        case .computing(let task): _ = try await task.value
        }
      }
    }
    return Double(hits) / Double(asked)
  }

  @Test("over 80% of 500 questions a second, 5,000 by Zipf's law over 50 models, a result a second")
  func epochsPerModel() async throws {
    let ratio = try await hitRatio { $0.epoch(of: $1) }
    #expect(ratio > 0.8)
  }

  @Test("one epoch for all models would not reach it")
  func oneEpoch() async throws {
    let all = try RankingQuery()
    let ratio = try await hitRatio { snapshot, _ in snapshot.epoch(of: all) }
    #expect(ratio < 0.8)
  }
}

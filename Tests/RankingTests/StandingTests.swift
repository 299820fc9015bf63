import Ranking
import Testing

@Suite("Order of scores")
struct StandingTests {
  @Test("ranks compete: 1, 2, 2, 4")
  func competition() {
    #expect(Standing.ranks([0.1, 0.5, 0.9, 0.5]) == [4, 2, 1, 2])
    #expect(Standing.ranks([]) == [])
  }

  @Test(
    "ties stand in the order of the caller's ids, whatever the limit", arguments: [1, 2, 3, 40])
  func ties(limit: Int) {
    let ids = ["d", "a", "c", "b"]
    let scores = [0.5, 0.5, 0.9, 0.5]
    let standings = Standing.order(scores, limit: limit) { ids[$0] < ids[$1] }
    #expect(standings.map(\.row) == Array([2, 1, 3, 0].prefix(limit)))
    #expect(standings.map(\.rank) == Array([1, 2, 2, 2].prefix(limit)))
  }

  @Test("many rows come in the order that a plain sort gives", arguments: [100, 5_000])
  func many(count: Int) {
    var random = SystemRandomNumberGenerator()
    let scores = (0..<count).map { _ in Double(Int.random(in: 0...900, using: &random)) / 900 }
    let expected = scores.indices.sorted {
      scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 > $1
    }
    let all = Standing.order(scores) { $0 > $1 }
    #expect(all.map(\.row) == expected)
    for limit in [0, 1, 10, 24] {
      #expect(Standing.order(scores, limit: limit) { $0 > $1 } == Array(all.prefix(limit)))
    }
  }

  @Test("equal scores alone keep a limited answer limited and ordered")
  func allEqual() {
    let scores = Array(repeating: 0.5, count: 4_000)
    let standings = Standing.order(scores, limit: 3) { $0 > $1 }
    #expect(standings.map(\.row) == [3_999, 3_998, 3_997])
    #expect(standings.allSatisfy { $0.rank == 1 })
  }
}

/// The place of one row in a ranking.
package struct Standing: Sendable, Hashable {
  package let row: Int
  /// Competition rank: one more than the rows with a better score (1, 2, 2, 4).
  package let rank: Int
  package let score: Double

  package init(row: Int, rank: Int, score: Double) {
    self.row = row
    self.rank = rank
    self.score = score
  }

  /// Rows by descending score, best first.
  ///
  /// `limit` bounds the answer. Rows of equal score share their rank and stand in the order of
  /// `precedes`, a strict order of rows (by configuration id) that is asked for equal scores alone.
  package static func order(
    _ scores: [Double], limit: Int? = nil, tiesBy precedes: (Int, Int) -> Bool = { $0 < $1 }
  ) -> [Standing] {
    let limit = max(0, min(limit ?? scores.count, scores.count))
    let rows =
      limit <= scores.count / 4
      ? best(limit, of: scores, tiesBy: precedes) : all(scores, tiesBy: precedes)
    return standings(rows.prefix(limit), scores)
  }

  /// The competition rank of every row, in row order.
  package static func ranks(_ scores: [Double]) -> [Int] {
    var ranks = [Int](repeating: 0, count: scores.count)
    for standing in order(scores) { ranks[standing.row] = standing.rank }
    return ranks
  }

  private static func standings(_ rows: ArraySlice<Int>, _ scores: [Double]) -> [Standing] {
    var standings: [Standing] = []
    standings.reserveCapacity(rows.count)
    for row in rows {
      let score = scores[row]
      let isTied = standings.last?.score == score
      let rank = isTied ? standings[standings.count - 1].rank : standings.count + 1
      standings.append(Standing(row: row, rank: rank, score: score))
    }
    return standings
  }

  private static func all(_ scores: [Double], tiesBy precedes: (Int, Int) -> Bool) -> [Int] {
    let keys = scores.map { ~RadixOrder.key($0) }
    var rows = RadixOrder.ascending(keys, rows: Array(0..<UInt32(scores.count))).map(Int.init)
    var start = 0
    while start < rows.count {
      var end = start + 1
      while end < rows.count, scores[rows[end]] == scores[rows[start]] { end += 1 }
      if end - start > 1 { rows[start..<end].sort(by: precedes) }
      start = end
    }
    return rows
  }

  /// Collects up to twice the limit, then keeps the better half and its worst as the bar.
  private static func best(
    _ limit: Int, of scores: [Double], tiesBy precedes: (Int, Int) -> Bool
  ) -> [Int] {
    guard limit > 0 else { return [] }
    let isBetter = { (a: Int, b: Int) in
      scores[a] != scores[b] ? scores[a] > scores[b] : precedes(a, b)
    }
    var rows: [Int] = []
    var bar = -Double.infinity
    for row in scores.indices where scores[row] >= bar {
      rows.append(row)
      guard rows.count == 2 * limit + 64 else { continue }
      rows.sort(by: isBetter)
      rows.removeSubrange(limit...)
      bar = scores[rows[limit - 1]]
    }
    return rows.sorted(by: isBetter)
  }
}

import BenchmarkDomain
import Ranking

/// The ranking methods over columns of rows that have every figure.
struct Ranker {
  /// A member of the first front.
  struct Member {
    var row: Int
    var isDuplicate: Bool
  }

  /// Most rows whose place on the front is looked up one by one; more need the whole front.
  private static let lookUpLimit = 16

  private let matrix: DecisionMatrix

  /// Takes a column per criterion; throws `RankingError` on a value that is not finite.
  init(criteria: [WeightedFigure], columns: [[Double]]) throws {
    matrix = try DecisionMatrix(
      criteria: criteria.map {
        Criterion($0.key.words, $0.key.metric.isBenefit ? .benefit : .cost)
      }, columns: columns)
  }

  /// The best `count` rows by closeness between the bounds; ties in row order.
  func rank(_ bounds: [FigureBounds], count: Int) throws -> [Standing] {
    let topsis = try Topsis(
      criteria: matrix.criteria, weights: Weights(bounds.map(\.criterion.weight)),
      bounds: bounds.map { Bounds(ideal: $0.ideal, antiIdeal: $0.antiIdeal) })
    return Standing.order(try topsis.scores(matrix), limit: count, tiesBy: <)
  }

  /// Which of some rows nothing else beats on every criterion.
  func onFront(_ rows: [Int]) -> [Bool] {
    guard rows.count > Self.lookUpLimit else { return rows.map { !isDominated($0) } }
    let front = Set(ParetoFront(of: matrix).rows)
    return rows.map { front.contains($0) }
  }

  /// True when another row is as good on every criterion and better on one.
  private func isDominated(_ row: Int) -> Bool {
    let columns = matrix.criteria.indices.map { matrix.column($0) }
    let signs = matrix.criteria.map { $0.direction == .cost ? 1.0 : -1.0 }
    var others = Array(0..<matrix.rowCount)
    for (column, sign) in zip(columns, signs) {
      let own = sign * column[column.startIndex + row]
      others.removeAll { sign * column[column.startIndex + $0] > own }
    }
    return others.contains { other in
      columns.contains { $0[$0.startIndex + other] != $0[$0.startIndex + row] }
    }
  }

  /// What nothing else beats on every criterion, in row order; rows of equal figures know it.
  func front() -> [Member] {
    let front = ParetoFront(of: matrix)
    // The library flags all but the first of equal rows; here the first is told as well.
    var repeated: Set<[Double]> = []
    for (row, isDuplicate) in zip(front.rows, front.isDuplicate) where isDuplicate {
      repeated.insert(matrix.row(row))
    }
    return front.rows.map {
      Member(row: $0, isDuplicate: !repeated.isEmpty && repeated.contains(matrix.row($0)))
    }
  }
}

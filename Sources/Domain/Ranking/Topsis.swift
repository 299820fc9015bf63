import Glibc

/// The technique for order preference by similarity to the ideal solution (Hwang and Yoon 1981),
/// prepared for one set of criteria, weights and bounds.
///
/// Every linear normalization is the same as placing a value between the worst (0) and the ideal
/// (1) and weighting that place by weight times range over the norm, so one kernel serves all. A
/// criterion whose ideal equals its worst contributes nothing. Where a row is as far from one as
/// from the other because both distances are 0, its score is 0.5.
package struct Topsis: Sendable, Equatable {
  package let criteria: [Criterion]
  package let bounds: [Bounds]
  /// What a full range of each criterion adds to a distance: weight times range over the norm.
  package let effectiveWeights: [Double]

  /// Prepares stated bounds: a full range of each criterion counts its weight.
  ///
  /// Throws `shape` where the numbers of weights or bounds differ from the criteria's, `notFinite`,
  /// and `outOfRange` where an ideal is worse than its anti-ideal.
  package init(
    criteria: [Criterion], weights: Weights, bounds: [Bounds]
  ) throws(RankingError) {
    try self.init(
      criteria: criteria, weights: weights, bounds: bounds,
      norms: bounds.map { abs($0.ideal - $0.antiIdeal) })
  }

  /// Prepares bounds and norms taken from the rows of `matrix`; throws as above, and `outOfRange`
  /// where a criterion's range overflows.
  package init(
    matrix: DecisionMatrix, weights: Weights, normalization: Normalization
  ) throws(RankingError) {
    let columns = matrix.criteria.indices.map { matrix.column($0) }
    let bounds = zip(matrix.criteria, columns).map { criterion, column in
      let low = column.min() ?? 0
      let high = column.max() ?? 0
      return criterion.direction == .cost
        ? Bounds(ideal: low, antiIdeal: high) : Bounds(ideal: high, antiIdeal: low)
    }
    try self.init(
      criteria: matrix.criteria, weights: weights, bounds: bounds,
      norms: columns.map { normalization.norm($0) })
  }

  private init(
    criteria: [Criterion], weights: Weights, bounds: [Bounds], norms: [Double]
  ) throws(RankingError) {
    guard weights.values.count == criteria.count, bounds.count == criteria.count else {
      throw RankingError(
        .shape,
        "\(weights.values.count) weights and \(bounds.count) bounds for \(criteria.count) criteria")
    }
    for (criterion, bounds) in zip(criteria, bounds) { try bounds.check(for: criterion) }
    self.criteria = criteria
    self.bounds = bounds
    effectiveWeights = zip(weights.values, zip(bounds, norms)).map { weight, scale in
      let range = abs(scale.0.ideal - scale.0.antiIdeal)
      return range == 0 ? 0 : weight * (range / scale.1)
    }
  }

  /// Where a value lies between the worst (0) and the ideal (1) of a criterion, clamped; 0 where
  /// both are equal.
  package func place(_ value: Double, in criterion: Int) -> Double {
    let bounds = bounds[criterion]
    guard bounds.ideal != bounds.antiIdeal else { return 0 }
    return min(max((value - bounds.antiIdeal) / (bounds.ideal - bounds.antiIdeal), 0), 1)
  }

  /// The weighted distances of a row from the ideal and from the worst.
  package func separations(row: [Double]) -> (ideal: Double, antiIdeal: Double) {
    precondition(row.count == criteria.count, "a row has one value for each criterion")
    var ideal = 0.0
    var antiIdeal = 0.0
    for (index, weight) in effectiveWeights.enumerated() {
      let place = place(row[index], in: index)
      ideal += weight * weight * (1 - place) * (1 - place)
      antiIdeal += weight * weight * place * place
    }
    return (ideal.squareRoot(), antiIdeal.squareRoot())
  }
}

extension Topsis {
  /// The best rows of a matrix in C order, best first, by stated bounds; one call for services.
  ///
  /// `limit` bounds the answer; `precedes` settles equal scores (by configuration id). Throws as
  /// the parts do.
  package static func rank(
    rowMajor: [Double], weights: [Double], directions: [Direction], bounds: [Bounds],
    limit: Int? = nil, tiesBy precedes: (Int, Int) -> Bool = { $0 < $1 }
  ) throws(RankingError) -> [Standing] {
    let criteria = directions.enumerated().map { Criterion("criterion \($0)", $1) }
    let matrix = try DecisionMatrix(criteria: criteria, rowMajor: rowMajor)
    let topsis = try Topsis(criteria: criteria, weights: Weights(weights), bounds: bounds)
    return Standing.order(try topsis.scores(matrix), limit: limit, tiesBy: precedes)
  }
}

extension Bounds {
  fileprivate func check(for criterion: Criterion) throws(RankingError) {
    guard ideal.isFinite, antiIdeal.isFinite else {
      throw RankingError(.notFinite, "a bound of \(criterion.name) is not finite")
    }
    let isForward = criterion.direction == .cost ? ideal <= antiIdeal : ideal >= antiIdeal
    guard isForward else {
      throw RankingError(.outOfRange, "the ideal of \(criterion.name) is worse than its opposite")
    }
    guard (ideal - antiIdeal).isFinite else {
      throw RankingError(.outOfRange, "the range of \(criterion.name) overflows")
    }
  }
}

extension Normalization {
  /// What the values of a column are divided by; 0 only where all of them are 0.
  fileprivate func norm(_ column: ArraySlice<Double>) -> Double {
    let largest = column.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return 0 }
    switch self {
    case .vector:
      // By the largest first, so that no square overflows.
      return largest * column.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
    case .minMax: return (column.max() ?? 0) - (column.min() ?? 0)
    case .maximum: return largest
    case .sum: return largest * column.reduce(0) { $0 + abs($1) / largest }
    }
  }
}

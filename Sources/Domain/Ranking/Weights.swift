/// The importance of each criterion: finite, not negative, summing to 1.
package struct Weights: Sendable, Hashable {
  package let values: [Double]

  /// Normalizes `raw` to the sum 1; throws on no weight, NaN, infinities, negative weights, and
  /// where all are zero.
  package init(_ raw: [Double]) throws(RankingError) {
    for (index, weight) in raw.enumerated() {
      guard weight.isFinite else {
        throw RankingError(.notFinite, "weight \(index) is \(weight)")
      }
      guard weight >= 0 else {
        throw RankingError(.outOfRange, "weight \(index) is negative: \(weight)")
      }
    }
    guard let largest = raw.max(), largest > 0 else {
      throw RankingError(.outOfRange, "no weight is above zero")
    }
    // By the largest first, so that no sum overflows.
    let scaled = raw.map { $0 / largest }
    let sum = scaled.reduce(0, +)
    values = scaled.map { $0 / sum }
  }
}

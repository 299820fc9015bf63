/// A count of successes out of a total, with its estimate and interval.
package struct Proportion: Sendable, Hashable {
  package let successes: Int
  package let total: Int

  /// Throws unless 0 <= successes <= total and total > 0.
  package init(successes: Int, total: Int) throws(StatisticsError) {
    guard total > 0 else { throw StatisticsError(.empty, "a proportion of nothing") }
    guard (0...total).contains(successes) else {
      throw StatisticsError(.outOfRange, "\(successes) of \(total) is no proportion")
    }
    self.successes = successes
    self.total = total
  }

  /// successes / total.
  package var estimate: Double { Double(successes) / Double(total) }

  /// Wilson's score interval (Wilson 1927), which never leaves 0...1.
  package func wilsonInterval(confidence: Double = Confidence.interval) -> Interval {
    let z = Normal.quantile((1 + confidence) / 2)
    let n = Double(total)
    let p = estimate
    let spread = 1 + z * z / n
    let centre = (p + z * z / (2 * n)) / spread
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / spread
    // The ends are exact where nothing or everything succeeded; rounding must not hide that.
    return Interval(
      lower: successes == 0 ? 0 : max(0, centre - half),
      upper: successes == total ? 1 : min(1, centre + half), confidence: confidence)
  }
}

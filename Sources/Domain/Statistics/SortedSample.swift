/// A sample of finite numbers in ascending order, for exact order statistics.
///
/// Intervals and certified percentiles take the values as independent draws, which gaps of one
/// request are not: a `Summary` leaves both out of pooled gaps.
package struct SortedSample: Sendable, Equatable {
  /// The values, ascending; never empty.
  package let values: [Double]
  /// The arithmetic mean.
  package let mean: Double
  /// The standard deviation with divisor n - 1; nil for a single value.
  package let standardDeviation: Double?

  /// Sorts `values`; throws on an empty sample, on NaN and infinities, and where a sum overflows.
  package init(_ values: [Double]) throws(StatisticsError) {
    guard !values.isEmpty else { throw StatisticsError(.empty, "the sample holds no value") }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw StatisticsError(.notFinite, "value \(index) of the sample is \(values[index])")
    }
    let mean = Self.sum(values) { $0 } / Double(values.count)
    let squares = Self.sum(values) { ($0 - mean) * ($0 - mean) }
    guard mean.isFinite, squares.isFinite else {
      throw StatisticsError(.outOfRange, "the sum of the sample overflows")
    }
    self.values = values.sorted()
    self.mean = mean
    standardDeviation =
      values.count < 2 ? nil : (squares / Double(values.count - 1)).squareRoot()
  }

  package var count: Int { values.count }
  package var minimum: Double { values[0] }
  package var maximum: Double { values[values.count - 1] }
  package var median: Double { quantile(0.5) }

  /// The value of 1-based rank `rank`, or nil outside 1...count.
  package func orderStatistic(_ rank: Int) -> Double? {
    values.indices.contains(rank - 1) ? values[rank - 1] : nil
  }

  /// The quantile at `fraction` by linear interpolation between the order statistics around
  /// position (n - 1) * fraction: numpy's default, Hyndman and Fan's type 7.
  ///
  /// `fraction` lies in 0...1; the project's own code passes it.
  package func quantile(_ fraction: Double) -> Double {
    precondition(fraction >= 0 && fraction <= 1, "a quantile lies between 0 and 1")
    let position = Double(values.count - 1) * fraction
    let below = Int(position)
    let above = min(below + 1, values.count - 1)
    let share = position - Double(below)
    let (low, high) = (values[below], values[above])
    // From the nearer end, so that the result never leaves low...high.
    return share < 0.5 ? low + (high - low) * share : high - (high - low) * (1 - share)
  }

  /// A sum with Neumaier's compensation.
  private static func sum(_ values: [Double], _ term: (Double) -> Double) -> Double {
    var sum = 0.0
    var compensation = 0.0
    for value in values {
      let next = term(value)
      let total = sum + next
      compensation += abs(sum) >= abs(next) ? (sum - total) + next : (next - total) + sum
      sum = total
    }
    return sum + compensation
  }
}

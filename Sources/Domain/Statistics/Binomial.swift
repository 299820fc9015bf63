/// The cumulative binomial distribution around its mode, for order statistics.
///
/// Weights are built outwards from the mode by the recurrence of neighbouring terms and divided by
/// their sum, so that no factorial or logarithm enters; terms below 1e-20 of the mode are left out.
struct Binomial {
  /// The number of successes that the first entry of `cumulative` stands for.
  private let first: Int
  private let cumulative: [Double]

  /// Takes `count` trials of probability `probability`, which lies strictly between 0 and 1.
  init(count: Int, probability: Double) {
    let odds = probability / (1 - probability)
    let mode = min(count, Int(Double(count + 1) * probability))
    let below = Self.weights(from: mode) { Double($0) / (Double(count - $0 + 1) * odds) }
    let above = Self.weights(from: count - mode) {
      Double($0) * odds / Double(count - $0 + 1)
    }
    let weights = below.reversed() + [1] + above
    let total = weights.reduce(0, +)
    var sum = 0.0
    first = mode - below.count
    cumulative = weights.map { weight in
      sum += weight
      return sum / total
    }
  }

  /// The probability of at most `successes`.
  func atMost(_ successes: Int) -> Double {
    let index = successes - first
    return index < 0 ? 0 : index < cumulative.count ? cumulative[index] : 1
  }

  /// The smallest number of successes whose cumulative probability is at least `probability`.
  func quantile(_ probability: Double) -> Int {
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] >= probability { high = middle } else { low = middle + 1 }
    }
    return first + low
  }

  /// Weights beside the mode, nearest first; `ratio` of k leads from k to its outer neighbour.
  private static func weights(from start: Int, ratio: (Int) -> Double) -> [Double] {
    var weights: [Double] = []
    var weight = 1.0
    for k in stride(from: start, to: 0, by: -1) {
      weight *= ratio(k)
      if weight < 1e-20 { break }
      weights.append(weight)
    }
    return weights
  }
}

/// Which way a criterion improves.
package enum Direction: String, Sendable, Hashable {
  /// Lower is better.
  case cost
  /// Higher is better.
  case benefit
}

/// One column of a decision.
package struct Criterion: Sendable, Hashable {
  package let name: String
  package let direction: Direction

  package init(_ name: String, _ direction: Direction) {
    self.name = name
    self.direction = direction
  }
}

/// What counts as ideal and as worst in one criterion, in its unit; values beyond are clamped.
///
/// Bounds that are stated, not taken from the rows at hand, keep scores comparable between answers
/// and free of rank reversal when rows come and go.
package struct Bounds: Sendable, Hashable {
  package let ideal: Double
  package let antiIdeal: Double

  package init(ideal: Double, antiIdeal: Double) {
    self.ideal = ideal
    self.antiIdeal = antiIdeal
  }
}

/// How a criterion's unit is taken out where bounds come from the rows themselves.
package enum Normalization: String, Sendable, Hashable, CaseIterable {
  /// Divided by the square root of the sum of squares (Hwang and Yoon 1981).
  case vector
  /// From 0 at the worst to 1 at the best (Opricovic and Tzeng 2004: linear).
  case minMax
  /// Divided by the largest magnitude.
  case maximum
  /// Divided by the sum of magnitudes.
  case sum
}

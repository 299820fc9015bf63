/// A two-sided confidence interval, in the unit of what it bounds.
package struct Interval: Sendable, Hashable {
  package let lower: Double
  package let upper: Double
  /// The confidence that the interval was made for, between 0 and 1.
  package let confidence: Double

  package init(lower: Double, upper: Double, confidence: Double) {
    self.lower = lower
    self.upper = upper
    self.confidence = confidence
  }

  /// The interval of the same quantity in another unit; `factor` must be positive.
  package func scaled(by factor: Double) -> Interval {
    Interval(lower: lower * factor, upper: upper * factor, confidence: confidence)
  }
}

/// The confidence levels that the project reports.
package enum Confidence {
  /// Of every interval.
  package static let interval = 0.95
  /// Of a certified percentile (one-sided).
  package static let certified = 0.99
}

/// One percentile of a sample with what is known about it.
package struct Percentile: Sendable, Hashable {
  /// By linear interpolation (numpy's default).
  package let value: Double
  /// The distribution-free 95% interval; nil where the sample is too small.
  package let interval: Interval?
  /// Above the true percentile with 99% confidence; nil where the sample is too small.
  package let certified: Double?

  package init(value: Double, interval: Interval?, certified: Double?) {
    self.value = value
    self.interval = interval
    self.certified = certified
  }
}

/// What is reported of one sample, in the sample's unit.
package struct Summary: Sendable, Hashable {
  package let count: Int
  package let mean: Double
  /// Student's 95% interval; nil for a single value.
  package let meanInterval: Interval?
  /// With divisor n - 1; nil for a single value.
  package let standardDeviation: Double?
  package let minimum: Double
  package let maximum: Double
  package let p50: Percentile
  package let p90: Percentile
  package let p95: Percentile
  package let p99: Percentile

  /// Summarizes a sample; throws on an empty one, on NaN and infinities.
  package init(of values: [Double]) throws(StatisticsError) {
    self.init(try SortedSample(values))
  }

  /// Summarizes a sorted sample.
  package init(_ sample: SortedSample) {
    count = sample.count
    mean = sample.mean
    meanInterval = sample.meanInterval()
    standardDeviation = sample.standardDeviation
    minimum = sample.minimum
    maximum = sample.maximum
    p50 = Self.percentile(0.50, of: sample)
    p90 = Self.percentile(0.90, of: sample)
    p95 = Self.percentile(0.95, of: sample)
    p99 = Self.percentile(0.99, of: sample)
  }

  private static func percentile(_ fraction: Double, of sample: SortedSample) -> Percentile {
    Percentile(
      value: sample.quantile(fraction), interval: sample.quantileInterval(fraction),
      certified: sample.certifiedQuantile(fraction))
  }
}

/// One percentile of a sample with what is known about it.
package struct Percentile: Sendable, Hashable {
  /// By linear interpolation (numpy's default).
  package let value: Double
  /// The distribution-free 95% interval; nil where the sample is too small or not independent.
  package let interval: Interval?
  /// Above the true percentile with 99% confidence; nil where the sample is too small or not
  /// independent.
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
  /// Student's 95% interval; nil for a single value and where the sample is not independent.
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
  ///
  /// `isIndependent` says whether the values can be taken as independent draws, one a request.
  /// Values of which one request gives several are not, and get neither intervals nor certified
  /// percentiles: both would be narrower than the truth.
  package init(of values: [Double], isIndependent: Bool = true) throws(StatisticsError) {
    self.init(try SortedSample(values), isIndependent: isIndependent)
  }

  /// Summarizes a sorted sample.
  package init(_ sample: SortedSample, isIndependent: Bool = true) {
    count = sample.count
    mean = sample.mean
    meanInterval = isIndependent ? sample.meanInterval() : nil
    standardDeviation = sample.standardDeviation
    minimum = sample.minimum
    maximum = sample.maximum
    func percentile(_ fraction: Double) -> Percentile {
      Percentile(
        value: sample.quantile(fraction),
        interval: isIndependent ? sample.quantileInterval(fraction) : nil,
        certified: isIndependent ? sample.certifiedQuantile(fraction) : nil)
    }
    p50 = percentile(0.50)
    p90 = percentile(0.90)
    p95 = percentile(0.95)
    p99 = percentile(0.99)
  }
}

extension SortedSample {
  /// Student's interval of the mean; nil for a single value.
  package func meanInterval(confidence: Double = Confidence.interval) -> Interval? {
    guard let standardDeviation else { return nil }
    let t = StudentT.quantile((1 + confidence) / 2, degrees: count - 1)
    let half = t * standardDeviation / Double(count).squareRoot()
    return Interval(lower: mean - half, upper: mean + half, confidence: confidence)
  }

  /// The distribution-free interval of a quantile between two order statistics; nil where the
  /// sample is too small for one of its ends.
  ///
  /// The number of values below the true quantile is binomial; each end is the innermost order
  /// statistic that leaves at most half of the remaining probability outside (David and Nagaraja,
  /// Order Statistics, section 7.1). `fraction` lies strictly between 0 and 1.
  package func quantileInterval(
    _ fraction: Double, confidence: Double = Confidence.interval
  ) -> Interval? {
    precondition(fraction > 0 && fraction < 1, "a quantile's interval needs 0 < fraction < 1")
    let tail = (1 - confidence) / 2
    let below = Binomial(count: count, probability: fraction)
    // P(the value of rank r exceeds the quantile) = P(at most r - 1 values lie below it).
    let upperRank = below.quantile(1 - tail) + 1
    let candidate = below.quantile(tail)
    let lowerRank = below.atMost(candidate) <= tail ? candidate + 1 : candidate
    guard let lower = orderStatistic(lowerRank), let upper = orderStatistic(upperRank) else {
      return nil
    }
    return Interval(lower: lower, upper: upper, confidence: confidence)
  }

  /// The smallest order statistic, second-largest or lower, that is above the quantile with
  /// `confidence`; nil where the sample is too small (at 99%: below 64 values for 0.9, 130 for
  /// 0.95, 662 for 0.99).
  package func certifiedQuantile(
    _ fraction: Double, confidence: Double = Confidence.certified
  ) -> Double? {
    precondition(fraction > 0 && fraction < 1, "a certified quantile needs 0 < fraction < 1")
    let rank = Binomial(count: count, probability: fraction).quantile(confidence) + 1
    return rank < count ? orderStatistic(rank) : nil
  }
}

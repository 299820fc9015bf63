/// A rate with a burst: it fills steadily up to its bound, and each taking empties it by one.
struct TokenBucket {
  private let nanosecondsPerToken: UInt64
  private let burst: UInt64
  /// When the bucket will be full.
  private var fullAt: UInt64 = 0

  /// A full bucket of `burst` tokens that gains `rate` a second; both above 0.
  init(rate: Double, burst: Int) {
    precondition(rate > 0 && rate.isFinite && burst > 0, "a bucket needs a rate and a size")
    nanosecondsPerToken = UInt64(max(1, min(1e18, 1e9 / rate)))
    self.burst = UInt64(burst)
  }

  /// Takes a token at a time in nanoseconds; nil when there was one, else how long until there is.
  mutating func take(at now: UInt64) -> UInt64? {
    let base = max(fullAt, now)
    let missing = base - now
    let capacity = burst.multipliedReportingOverflow(by: nanosecondsPerToken)
    let bound = capacity.overflow ? UInt64.max / 2 : capacity.partialValue
    let after = missing.addingReportingOverflow(nanosecondsPerToken)
    if after.overflow || after.partialValue > bound {
      return after.overflow ? nanosecondsPerToken : after.partialValue - bound
    }
    fullAt = now &+ after.partialValue
    return nil
  }

  /// Whether nothing is missing, so that forgetting the bucket changes nothing.
  func isFull(at now: UInt64) -> Bool { fullAt <= now }
}

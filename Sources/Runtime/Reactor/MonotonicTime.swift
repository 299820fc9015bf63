import Glibc

/// A reading of CLOCK_MONOTONIC, in nanoseconds.
package struct MonotonicTime: Sendable, Hashable, Comparable {
  package var nanoseconds: UInt64

  package init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// The clock's present reading.
  package static func now() -> MonotonicTime {
    var value = timespec()
    clock_gettime(CLOCK_MONOTONIC, &value)
    return MonotonicTime(
      nanoseconds: UInt64(value.tv_sec) &* 1_000_000_000 &+ UInt64(value.tv_nsec))
  }

  /// This time moved by a duration; it saturates at both ends of the clock.
  package func advanced(by duration: Duration) -> MonotonicTime {
    let step = duration.wholeNanoseconds
    if step >= 0 {
      let (sum, overflow) = nanoseconds.addingReportingOverflow(UInt64(step))
      return MonotonicTime(nanoseconds: overflow ? .max : sum)
    }
    let (rest, underflow) = nanoseconds.subtractingReportingOverflow(step.magnitude)
    return MonotonicTime(nanoseconds: underflow ? 0 : rest)
  }

  /// The duration from `other` to this time, negative if `other` is later.
  package func duration(since other: MonotonicTime) -> Duration {
    .nanoseconds(Int64(clamping: nanoseconds) - Int64(clamping: other.nanoseconds))
  }

  package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

extension Duration {
  /// The duration in nanoseconds, clamped to 64 bits (292 years).
  package var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carried ? (seconds < 0 ? .min : .max) : sum
  }
}

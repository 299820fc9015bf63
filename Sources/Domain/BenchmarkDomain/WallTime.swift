/// A point on the wall clock, in nanoseconds since 1970-01-01T00:00:00Z.
package struct WallTime: Sendable, Hashable, Comparable {
  /// Nanoseconds since the epoch; good from 1677 to 2262.
  package var nanoseconds: Int64

  /// Makes a time from nanoseconds since the epoch.
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Makes a time from seconds since the epoch.
  package init(seconds: Int64) { self.nanoseconds = seconds * 1_000_000_000 }

  /// Orders by time.
  package static func < (left: WallTime, right: WallTime) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// This time; or `start`, when a clock was set back behind that since: nothing ends before it has
  /// begun.
  package func notBefore(_ start: WallTime?) -> WallTime {
    start.map { max(self, $0) } ?? self
  }

  /// The time `duration` later.
  package func advanced(by duration: Duration) -> WallTime {
    let (seconds, attoseconds) = duration.components
    return WallTime(
      nanoseconds: nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}

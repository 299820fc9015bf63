/// Pauses between attempts: they double up to a longest one, and half of each is left to chance, so
/// that those who lost the same server do not come back together.
package struct Backoff: Sendable {
  private let bounds: ClosedRange<Duration>
  private var pause: Duration?

  /// Pauses from the shortest to the longest of `bounds`.
  package init(_ bounds: ClosedRange<Duration>) { self.bounds = bounds }

  /// After an attempt that failed: how long to wait before the next.
  package mutating func next() -> Duration {
    let whole = min(pause.map { $0 * 2 } ?? bounds.lowerBound, bounds.upperBound)
    pause = whole
    return whole * Double.random(in: 0.5...1)
  }

  /// After one that succeeded.
  package mutating func reset() { pause = nil }
}

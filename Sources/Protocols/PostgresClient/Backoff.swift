/// Pauses between attempts: they double up to a longest one, and half of each is left to chance, so
/// that those who lost the same server do not come back together.
struct Backoff {
  private let bounds: ClosedRange<Duration>
  private var pause: Duration?

  init(_ bounds: ClosedRange<Duration>) { self.bounds = bounds }

  /// After an attempt that failed: how long to wait before the next.
  mutating func next() -> Duration {
    let whole = min(pause.map { $0 * 2 } ?? bounds.lowerBound, bounds.upperBound)
    pause = whole
    return whole * Double.random(in: 0.5...1)
  }

  /// After one that succeeded.
  mutating func reset() { pause = nil }
}

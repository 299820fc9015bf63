import Reactor

/// Holds a log to a rate of lines, and counts those that are left out.
final class LogGate: Sendable {
  /// Lines a second.
  private static let rate = 20

  private struct State {
    var bucket = TokenBucket(rate: Double(rate), burst: 5 * rate)
    var left = 0
  }

  private let state = Locked(State())

  /// How many lines were left out since the last; nil when this one is to be left out too.
  func pass() -> Int? {
    state.withLock { state in
      guard state.bucket.take(at: MonotonicTime.now().nanoseconds) == nil else {
        state.left += 1
        return nil
      }
      defer { state.left = 0 }
      return state.left
    }
  }
}

import Reactor

/// So many events at once, and so many a second in the long run.
package struct EventRate: Sendable, Equatable {
  package var burst: Int
  package var perSecond: Int

  package init(burst: Int, perSecond: Int) {
    self.burst = burst
    self.perSecond = perSecond
  }
}

/// A token bucket that looks at the clock only when it is empty.
struct Budget {
  private let rate: EventRate
  private var left: Int
  private var filledAt: MonotonicTime

  init(_ rate: EventRate, now: MonotonicTime) {
    self.rate = rate
    left = rate.burst
    filledAt = now
  }

  /// Takes one event from the budget; false when it is used up.
  mutating func spend(_ now: () -> MonotonicTime) -> Bool {
    if left == 0 { refill(now()) }
    guard left > 0 else { return false }
    left -= 1
    return true
  }

  /// Allows `count` more events, up to the burst.
  mutating func earn(_ count: Int) {
    left = min(rate.burst, left + count)
  }

  private mutating func refill(_ now: MonotonicTime) {
    guard now > filledAt else { return }
    let seconds = Double(now.nanoseconds - filledAt.nanoseconds) / 1e9
    let earned = min(Double(rate.burst), seconds * Double(rate.perSecond))
    guard earned >= 1 else { return }
    left = Int(earned)
    filledAt = now
  }
}

import Reactor

/// Sizes receive windows by an estimate of the path's bandwidth-delay product, as gRPC's libraries
/// do: while handlers take data, a PING is sent now and then, once they have taken a quarter of a
/// window, and what they take until its answer shows how much the path holds.
///
/// When all that fills half of the window and came faster than ever before, the window was what
/// held the peer back, and it doubles: a peer is told of room only when half of a window is taken,
/// so that it may never use more than the other half at a time.
struct WindowEstimator {
  static let shortestWait = Duration.milliseconds(100)
  static let longestWait = Duration.seconds(10)

  /// The window of a stream.
  private(set) var windowBytes: Int
  private let maxBytes: Int
  private var receivedBytes = 0
  private var probedAt: MonotonicTime?
  private var bestRate = 0.0
  private var wait = Self.shortestWait
  private var waitEnds = MonotonicTime(nanoseconds: 0)

  init(windowBytes: Int, maxBytes: Int) {
    self.windowBytes = windowBytes
    self.maxBytes = maxBytes
  }

  /// Handlers have taken bytes; true when a PING has to be sent now.
  mutating func received(_ count: Int, _ clock: () -> MonotonicTime) -> Bool {
    receivedBytes += count
    guard windowBytes < maxBytes, probedAt == nil, receivedBytes >= windowBytes / 4 else {
      return false
    }
    let now = clock()
    guard now >= waitEnds else {
      receivedBytes = 0
      return false
    }
    probedAt = now
    return true
  }

  /// The window could not grow; it stays as it was before.
  mutating func stay(at bytes: Int) { windowBytes = bytes }

  /// The PING was answered; true when the window has grown.
  mutating func answered(at now: MonotonicTime) -> Bool {
    guard let start = probedAt else { return false }
    probedAt = nil
    let nanoseconds = max(1, now.duration(since: start).wholeNanoseconds)
    let sampleBytes = receivedBytes
    receivedBytes = 0
    let rate = Double(sampleBytes) / Double(nanoseconds)
    guard sampleBytes >= windowBytes / 2, rate > bestRate else {
      waitEnds = now.advanced(by: wait)
      wait = min(Self.longestWait, wait * 2)
      return false
    }
    bestRate = rate
    wait = Self.shortestWait
    windowBytes = min(maxBytes, 2 * windowBytes)
    return true
  }
}

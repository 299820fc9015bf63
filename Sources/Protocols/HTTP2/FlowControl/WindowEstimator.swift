import Reactor

/// Sizes receive windows by an estimate of the path's bandwidth-delay product, as gRPC's libraries
/// do: while data comes, a PING is sent now and then, and what arrives until its answer is a lower
/// bound of what the path holds.
///
/// When that fills two thirds of the window and came faster than ever before, the window was what
/// held the peer back, and it grows to twice as much. It looks at the clock only when half a window
/// has come since the last PING; a peer whose handlers do not read never gets so far twice.
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

  /// Bytes have come; true when a PING has to be sent now.
  mutating func received(_ count: Int, _ clock: () -> MonotonicTime) -> Bool {
    receivedBytes += count
    guard windowBytes < maxBytes, probedAt == nil, receivedBytes >= windowBytes / 2 else {
      return false
    }
    receivedBytes = 0
    let now = clock()
    guard now >= waitEnds else { return false }
    probedAt = now
    return true
  }

  /// The PING was answered; true when the window has grown.
  mutating func answered(at now: MonotonicTime) -> Bool {
    guard let start = probedAt else { return false }
    probedAt = nil
    let nanoseconds = max(1, now.duration(since: start).wholeNanoseconds)
    let sampleBytes = receivedBytes
    receivedBytes = 0
    let rate = Double(sampleBytes) / Double(nanoseconds)
    guard sampleBytes >= windowBytes / 3 * 2, rate > bestRate else {
      waitEnds = now.advanced(by: wait)
      wait = min(Self.longestWait, wait * 2)
      return false
    }
    bestRate = rate
    wait = Self.shortestWait
    windowBytes = min(maxBytes, 2 * sampleBytes)
    return true
  }
}

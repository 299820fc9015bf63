import Reactor

/// Tells a channel that nobody has called for a while; it is used on its loop only.
final class IdleWatch {
  private let loop: EventLoop
  private let timeout: Duration?
  private let run: () -> Void
  private var calls = 0
  private var restsSince = MonotonicTime(nanoseconds: 0)
  private var timer: Timer?

  /// `run` is called when no call was open for `timeout`; never when that is nil.
  init(loop: EventLoop, timeout: Duration?, run: @escaping () -> Void) {
    (self.loop, self.timeout, self.run) = (loop, timeout, run)
  }

  func callBegan() { calls += 1 }

  func callEnded() {
    calls -= 1
    guard calls == 0, timeout != nil else { return }
    restsSince = loop.now()
    // One timer serves many short calls.
    if timer == nil { look() }
  }

  private func look() {
    timer = nil
    guard calls == 0, let end = timeout.map({ restsSince.advanced(by: $0) }) else { return }
    if end <= loop.now() { return run() }
    timer = loop.schedule(at: end) { [weak self] in self?.look() }
  }

  func close() { timer?.cancel() }
}

import Reactor

/// When a channel looks its servers' names up: at once at first, then not sooner than an interval
/// after the last time, or than a backoff after a failure.
///
/// It is used on its loop only.
final class Resolution {
  private enum State {
    case resting(until: MonotonicTime)
    case running
    case scheduled(Timer)
    case closed
  }

  private let loop: EventLoop
  private let interval: Duration
  private let backoff: Backoff
  private let run: () -> Void
  private var state = State.resting(until: MonotonicTime(nanoseconds: 0))
  private var failures = 0
  private var generator = SystemRandomNumberGenerator()

  /// `run` begins a look-up, whose end `succeeded` or `failed` has to be told of.
  init(loop: EventLoop, interval: Duration, backoff: Backoff, run: @escaping () -> Void) {
    (self.loop, self.interval, self.backoff, self.run) = (loop, interval, backoff, run)
  }

  /// Whether a look-up is under way, or a request would begin one at once.
  var isPrompt: Bool {
    switch state {
    case .resting(let end): end <= loop.now()
    case .running: true
    case .scheduled, .closed: false
    }
  }

  /// Asks for a look-up as soon as one is allowed.
  func request() {
    guard case .resting(let end) = state else { return }
    if end <= loop.now() { return begin() }
    state = .scheduled(loop.schedule(at: end) { [weak self] in self?.begin() })
  }

  private func begin() {
    state = .running
    run()
  }

  func succeeded() {
    failures = 0
    rest(interval)
  }

  func failed() {
    failures += 1
    rest(backoff.delay(failures: failures, using: &generator))
  }

  private func rest(_ duration: Duration) {
    guard case .running = state else { return }
    state = .resting(until: loop.now().advanced(by: duration))
  }

  /// Lets the next request begin a look-up without a wait; one that is scheduled is forgotten.
  func allowAtOnce() {
    switch state {
    case .scheduled(let timer): timer.cancel()
    case .resting: break
    case .running, .closed: return
    }
    state = .resting(until: loop.now())
  }

  func close() {
    if case .scheduled(let timer) = state { timer.cancel() }
    state = .closed
  }
}

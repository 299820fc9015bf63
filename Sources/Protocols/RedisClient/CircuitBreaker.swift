package import Reactor

/// Keeps callers away from a server that fails or is slow, and lets one try now and then whether it
/// is well again. Pure: it is told the time, and does nothing by itself.
package struct CircuitBreaker: Sendable {
  /// When it opens, and for how long.
  package struct Rules: Sendable, Hashable {
    /// Failures in a row that open it; slow answers count as failures.
    package var threshold = 5
    /// An answer that took at least this long is slow.
    package var slow: Duration = .milliseconds(40)
    /// For how long it is open at first, and at most; each trial that fails doubles it.
    package var pause: ClosedRange<Duration> = .milliseconds(250) ... .seconds(15)
    /// Longest that a trial is waited for; another one is let through then.
    package var trial: Duration = .seconds(1)

    /// The defaults.
    package init() {}
  }

  /// What it does with callers.
  package enum State: String, Sendable, Hashable, CaseIterable {
    /// All pass.
    case closed
    /// Nobody passes.
    case open
    /// One tries.
    case halfOpen = "half_open"
  }

  /// Lets one call through; its outcome is recorded with it.
  package struct Permit: Sendable, Hashable {
    fileprivate let era: UInt64
  }

  private enum Phase {
    case closed(failures: Int)
    case open(until: MonotonicTime)
    case halfOpen(since: MonotonicTime)
  }

  private let rules: Rules
  private var phase = Phase.closed(failures: 0)
  private var pause: Duration
  /// Moves with each change of phase, so that outcomes of calls from before change nothing.
  private var era: UInt64 = 0
  /// How often it has opened.
  package private(set) var openings = 0

  /// A breaker that lets all pass.
  package init(_ rules: Rules = Rules()) {
    self.rules = rules
    pause = rules.pause.lowerBound
  }

  /// What it does with callers now; an open one whose time is over waits for someone to try.
  package var state: State {
    switch phase {
    case .closed: .closed
    case .open: .open
    case .halfOpen: .halfOpen
    }
  }

  /// Asks to make a call; nil when it is not to be made. Whoever gets a permit records the outcome.
  package mutating func permit(at now: MonotonicTime) -> Permit? {
    switch phase {
    case .closed: break
    case .open(let until):
      guard now >= until else { return nil }
      enter(.halfOpen(since: now))
    case .halfOpen(let since):
      guard now.duration(since: since) >= rules.trial else { return nil }
      enter(.halfOpen(since: now))
    }
    return Permit(era: era)
  }

  /// Takes the outcome of a call that was permitted.
  package mutating func record(
    _ permit: Permit, isSuccess: Bool, duration: Duration, at now: MonotonicTime
  ) {
    guard permit.era == era else { return }
    let isWell = isSuccess && duration < rules.slow
    switch phase {
    case .closed(let failures):
      if isWell {
        if failures > 0 { phase = .closed(failures: 0) }
      } else if failures + 1 < rules.threshold {
        phase = .closed(failures: failures + 1)
      } else {
        pause = rules.pause.lowerBound
        open(at: now)
      }
    case .halfOpen:
      if isWell {
        enter(.closed(failures: 0))
      } else {
        pause = min(pause * 2, rules.pause.upperBound)
        open(at: now)
      }
    case .open: break
    }
  }

  private mutating func open(at now: MonotonicTime) {
    openings += 1
    enter(.open(until: now.advanced(by: pause)))
  }

  private mutating func enter(_ phase: Phase) {
    self.phase = phase
    era += 1
  }
}

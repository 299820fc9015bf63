import Reactor
import Testing

@testable import GRPC

/// Chance that is always as large as it can be.
private struct Most: RandomNumberGenerator {
  mutating func next() -> UInt64 { .max }
}

private let unavailable = RPCError(.unavailable, "gone")

@Suite("When a call is tried again")
struct RetryStateTests {
  private func state(isIdempotent: Bool = true) -> RetryState {
    RetryState(RetryPolicy(), isIdempotent: isIdempotent)
  }

  /// What follows each end, with one budget.
  private func decisions(
    _ state: inout RetryState, _ ends: [AttemptEnd], _ throttle: RetryThrottle = RetryThrottle()
  ) -> [RetryDecision] {
    var (throttle, chance) = (throttle, Most())
    return ends.map { state.next(after: $0, &throttle, using: &chance) }
  }

  private func isAgain(_ decision: RetryDecision?) -> Bool {
    if case .again = decision { true } else { false }
  }

  @Test("the waits grow to their bound, and the attempts end at theirs")
  func attempts() {
    var policy = RetryPolicy()
    policy.maxAttempts = 7
    var state = RetryState(policy, isIdempotent: true)
    let found = decisions(&state, Array(repeating: .failed(unavailable), count: 7))
    let waits = found.map { decision -> Double in
      guard case .again(let wait) = decision else { return -1 }
      return (Double(wait.wholeNanoseconds) / 1e6).rounded()
    }
    #expect(waits == [100, 200, 400, 800, 1000, 1000, -1])
    #expect(state.previousAttempts == 6)
    #expect(found.last == .end(unavailable))
  }

  @Test("the wait is anything from nothing to its bound")
  func jitter() {
    var generator = SystemRandomNumberGenerator()
    var waits: [Duration] = []
    for _ in 0..<200 {
      var (state, throttle) = (state(), RetryThrottle())
      let decision = state.next(after: .failed(unavailable), &throttle, using: &generator)
      if case .again(let wait) = decision { waits.append(wait) }
    }
    #expect(waits.allSatisfy { $0 >= .zero && $0 <= .milliseconds(100) })
    #expect(waits.contains { $0 < .milliseconds(50) } && waits.contains { $0 > .milliseconds(50) })
  }

  @Test("only what is idempotent, retryable and not begun is tried again")
  func conditions() {
    var once = state(isIdempotent: false)
    #expect(decisions(&once, [.failed(unavailable)]) == [.end(unavailable)])
    var other = state()
    let denied = RPCError(.permissionDenied, "no")
    #expect(decisions(&other, [.failed(denied)]) == [.end(denied)])
    var begun = state()
    begun.isCommitted = true
    #expect(
      decisions(&begun, [.failed(unavailable), .refused(unavailable), .neverSent(unavailable)])
        == Array(repeating: .end(unavailable), count: 3))
    var off = RetryState(nil, isIdempotent: true)
    #expect(decisions(&off, [.failed(unavailable)]) == [.end(unavailable)])
    var done = state()
    #expect(decisions(&done, [.ok]) == [.end(nil)])
  }

  @Test("what no server has processed is tried again: always if unsent, once if refused")
  func transparent() {
    var state = RetryState(nil, isIdempotent: false)
    let unsent = Array(repeating: AttemptEnd.neverSent(unavailable), count: 20)
    #expect(decisions(&state, unsent) == Array(repeating: .again(after: .zero), count: 20))
    #expect(
      decisions(&state, [.refused(unavailable), .refused(unavailable)])
        == [.again(after: .zero), .end(unavailable)])
    #expect(state.previousAttempts == 0)
    var idempotent = self.state()
    let found = decisions(&idempotent, Array(repeating: .refused(unavailable), count: 5))
    #expect(found.map { isAgain($0) } == [true, true, true, true, false])
  }

  @Test("the server's wait is kept, and begins the backoff anew")
  func pushBack() {
    var pushed = unavailable
    pushed.retryAfter = .milliseconds(5)
    var state = state()
    #expect(
      decisions(
        &state, [.failed(unavailable), .failed(unavailable), .failed(pushed)]
      ).last
        == .again(after: .milliseconds(5)))
    var again = self.state()
    let found = decisions(
      &again, [.failed(unavailable), .failed(pushed), .failed(unavailable)])
    #expect(found.last == found.first)
  }

  @Test("a server that asks for no retry, or for a very late one, gets none")
  func refusal() {
    var no = unavailable
    no.forbidsRetry = true
    var state = state()
    #expect(decisions(&state, [.failed(no)]) == [.end(no)])
    var late = unavailable
    late.retryAfter = .seconds(86_400)
    var other = self.state()
    #expect(decisions(&other, [.failed(late)]) == [.end(late)])
  }

  @Test("failures use up the budget, successes give some back")
  func throttle() {
    var throttle = RetryThrottle(maxTokens: 4, ratio: 0.5)
    #expect(throttle.isOpen)
    throttle.failed()
    #expect(throttle.isOpen)
    throttle.failed()
    #expect(!throttle.isOpen)
    for _ in 0..<10 { throttle.failed() }
    for _ in 0..<4 { throttle.succeeded() }
    #expect(!throttle.isOpen)
    throttle.succeeded()
    #expect(throttle.isOpen)
    for _ in 0..<100 { throttle.succeeded() }
    throttle.failed()
    throttle.failed()
    #expect(!throttle.isOpen)
  }

  @Test("what counts against the budget are retryable ends and refusals of a retry")
  func accounts() {
    var generator = Most()
    func isOpen(after end: AttemptEnd, isIdempotent: Bool = true) -> Bool {
      var throttle = RetryThrottle(maxTokens: 1, ratio: 1)
      var state = state(isIdempotent: isIdempotent)
      _ = state.next(after: end, &throttle, using: &generator)
      return throttle.isOpen
    }
    var forbidden = RPCError(.notFound, "no")
    #expect(isOpen(after: .failed(forbidden)))
    forbidden.forbidsRetry = true
    #expect(!isOpen(after: .failed(forbidden)))
    #expect(!isOpen(after: .failed(unavailable), isIdempotent: false))
    #expect(isOpen(after: .refused(unavailable)))
    #expect(isOpen(after: .neverSent(unavailable)))
    #expect(isOpen(after: .ok))
  }
}

import Reactor
import Testing

@testable import RedisClient

@Suite("The circuit breaker")
struct CircuitBreakerTests {
  private var breaker: CircuitBreaker
  private var now = MonotonicTime(nanoseconds: 1_000_000_000)

  init() {
    var rules = CircuitBreaker.Rules()
    rules.threshold = 3
    rules.slow = .milliseconds(40)
    rules.pause = .milliseconds(100) ... .milliseconds(400)
    rules.trial = .milliseconds(500)
    breaker = CircuitBreaker(rules)
  }

  private mutating func pass(_ milliseconds: Int64) {
    now = now.advanced(by: .milliseconds(milliseconds))
  }

  /// Makes a call if it may be made.
  private mutating func call(isSuccess: Bool, _ duration: Duration = .milliseconds(1)) -> Bool {
    guard let permit = breaker.permit(at: now) else { return false }
    breaker.record(permit, isSuccess: isSuccess, duration: duration, at: now)
    return true
  }

  private mutating func open() {
    for _ in 0..<3 { _ = call(isSuccess: false) }
  }

  @Test("failures in a row open it, and a success in between does not")
  mutating func failures() {
    for isSuccess in [false, false, true, false, false] {
      #expect(call(isSuccess: isSuccess))
      #expect(breaker.state == .closed)
    }
    #expect(call(isSuccess: false))
    #expect(breaker.state == .open && breaker.openings == 1)
    let isMade = call(isSuccess: true)
    #expect(!isMade)
  }

  @Test("slow answers count as failures")
  mutating func slowness() {
    for _ in 0..<3 { _ = call(isSuccess: true, .milliseconds(40)) }
    #expect(breaker.state == .open)
  }

  @Test("after the pause one may try, and its success closes it")
  mutating func recovery() throws {
    open()
    pass(99)
    #expect(breaker.permit(at: now) == nil)
    pass(1)
    let permit = breaker.permit(at: now)
    let trial = try #require(permit)
    #expect(breaker.state == .halfOpen)
    #expect(breaker.permit(at: now) == nil)
    breaker.record(trial, isSuccess: true, duration: .milliseconds(1), at: now)
    #expect(breaker.state == .closed)
    // What failed before is forgotten.
    for _ in 0..<2 { _ = call(isSuccess: false) }
    #expect(breaker.state == .closed)
  }

  @Test("each trial that fails doubles the pause, up to the longest; success makes it short again")
  mutating func growth() {
    open()
    for pause: Int64 in [100, 200, 400, 400] {
      pass(pause - 1)
      #expect(breaker.permit(at: now) == nil)
      pass(1)
      #expect(call(isSuccess: false))
      #expect(breaker.state == .open)
    }
    pass(400)
    #expect(call(isSuccess: true))
    open()
    pass(100)
    #expect(call(isSuccess: true))
    #expect(breaker.state == .closed && breaker.openings == 6)
  }

  @Test("a trial of which nothing is heard does not keep it shut for ever")
  mutating func lostTrials() throws {
    open()
    pass(100)
    let permit = breaker.permit(at: now)
    let lost = try #require(permit)
    pass(499)
    #expect(breaker.permit(at: now) == nil)
    pass(1)
    let other = breaker.permit(at: now)
    let second = try #require(other)
    breaker.record(lost, isSuccess: false, duration: .milliseconds(1), at: now)
    #expect(breaker.state == .halfOpen)
    breaker.record(second, isSuccess: true, duration: .milliseconds(1), at: now)
    #expect(breaker.state == .closed)
  }

  @Test("outcomes of calls from before it opened change nothing")
  mutating func lateOutcomes() throws {
    let permits = (0..<5).compactMap { _ in breaker.permit(at: now) }
    #expect(permits.count == 5)
    for permit in permits {
      breaker.record(permit, isSuccess: false, duration: .milliseconds(1), at: now)
    }
    #expect(breaker.openings == 1)
    pass(100)
    let trial = breaker.permit(at: now)
    breaker.record(permits[0], isSuccess: false, duration: .milliseconds(1), at: now)
    #expect(breaker.state == .halfOpen)
    breaker.record(
      try #require(trial), isSuccess: true, duration: .milliseconds(1), at: now)
    #expect(breaker.state == .closed)
  }
}

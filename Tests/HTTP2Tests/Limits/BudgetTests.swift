import Reactor
import Testing

@testable import HTTP2

@Suite("Budgets")
struct BudgetTests {
  @Test("a burst is free, then so many a second, and never more than a burst")
  func refill() {
    let clock = ManualClock()
    var budget = Budget(EventRate(burst: 3, perSecond: 2), now: clock.time)
    func spent(_ wanted: Int) -> Int { (0..<wanted).count { _ in budget.spend { clock.time } } }
    #expect(spent(5) == 3)
    clock.advance(.milliseconds(400))
    #expect(spent(5) == 0)
    clock.advance(.milliseconds(600))
    #expect(spent(5) == 2)
    clock.advance(.seconds(3600))
    #expect(spent(5) == 3)
    budget.earn(2)
    #expect(spent(5) == 2)
  }

  @Test("a full budget never asks for the time")
  func lazyClock() {
    var budget = Budget(EventRate(burst: 2, perSecond: 1), now: MonotonicTime(nanoseconds: 0))
    var asked = 0
    for _ in 0..<2 {
      _ = budget.spend {
        asked += 1
        return MonotonicTime(nanoseconds: 0)
      }
    }
    #expect(asked == 0)
  }

  @Test("a ledger counts all connections, and spares those that hold little")
  func ledger() {
    let ledger = ByteLedger(limitBytes: 200_000)
    var (large, small) = (ByteLedger.Entry(ledger), ByteLedger.Entry(ledger))
    large.add(150_000)
    small.add(10_000)
    #expect(ledger.bytes == 150_000)
    #expect(!large.isOverdrawn)
    large.add(70_000)
    #expect(large.isOverdrawn && !small.isOverdrawn)
    small.add(100_000)
    #expect(small.isOverdrawn)
    large.add(-215_000)
    #expect(!large.isOverdrawn && !small.isOverdrawn)
    large.close()
    small.close()
    #expect(ledger.bytes == 0)
  }
}

@Suite("Client's pings")
struct PingPolicyTests {
  private func policy(
    interval: Duration = .seconds(300), strikes: Int = 2, withoutStreams: Bool = false
  ) -> PingPolicy {
    var configuration = HTTP2Configuration()
    configuration.minPingInterval = interval
    configuration.maxPingStrikes = strikes
    configuration.permitsPingsWithoutStreams = withoutStreams
    return PingPolicy(configuration)
  }

  @Test("two that come too soon are borne, the third is not")
  func strikes() {
    let clock = ManualClock()
    var policy = policy()
    var verdicts: [Bool] = []
    for _ in 0..<4 {
      verdicts.append(policy.received(at: clock.time, hasStreams: true))
      clock.advance(.seconds(299))
    }
    #expect(verdicts == [true, true, true, false])
  }

  @Test("pings at the allowed distance are never too many")
  func patient() {
    let clock = ManualClock()
    var policy = policy()
    for _ in 0..<1000 {
      let isFine = policy.received(at: clock.time, hasStreams: true)
      #expect(isFine)
      clock.advance(.seconds(300))
    }
  }

  @Test("what we send wipes the strikes out")
  func answers() {
    let clock = ManualClock()
    var policy = policy()
    for _ in 0..<1000 {
      let isFine = policy.received(at: clock.time, hasStreams: true)
      #expect(isFine)
      policy.sentFrame()
    }
  }

  @Test("without streams two hours hold, unless such pings are permitted")
  func withoutStreams() {
    let clock = ManualClock()
    var (strict, mild) = (policy(strikes: 1), policy(strikes: 1, withoutStreams: true))
    var verdicts: [[Bool]] = []
    for _ in 0..<3 {
      verdicts.append([
        strict.received(at: clock.time, hasStreams: false),
        mild.received(at: clock.time, hasStreams: false),
      ])
      clock.advance(.seconds(600))
    }
    #expect(verdicts == [[true, true], [true, true], [false, true]])
  }

  @Test("no strikes means no bound")
  func unlimited() {
    var policy = policy(strikes: 0)
    for _ in 0..<100 {
      let isFine = policy.received(at: MonotonicTime(nanoseconds: 5), hasStreams: true)
      #expect(isFine)
    }
  }
}

import BenchmarkDomain
import Scheduling
import Testing

@Suite("Leases")
struct LeaseRulesTests {
  @Test("a pending batch goes to an agent that fits it, under the next token")
  func grantsUnderNextToken() throws {
    var state = Fixture.aggregate()
    let fence = try LeaseRules.grant(
      &state, to: "a", inventory: Fixture.inventory, for: .seconds(30))
    #expect(fence.token == 1)
    #expect(state.batch.state == .leased)
    #expect(state.batch.leaseExpiresAt == WallTime(seconds: 1_030))
    #expect(state.run.state == .running)
    #expect(state.run.startedAt == state.now)
  }

  @Test("a leased batch goes to nobody else")
  func refusesSecondGrant() throws {
    var state = Fixture.aggregate()
    _ = try LeaseRules.grant(&state, to: "a", inventory: Fixture.inventory, for: .seconds(30))
    let before = state.batch
    #expect(throws: SchedulingRefusal.batchNotPending) {
      try LeaseRules.grant(&state, to: "b", inventory: Fixture.inventory, for: .seconds(30))
    }
    #expect(state.batch == before)
  }

  @Test("an agent without the hardware or the engine gets nothing")
  func refusesUnfitAgent() {
    var state = Fixture.aggregate()
    var inventory = Fixture.inventory
    inventory.engineIDs = ["tgi"]
    #expect(throws: SchedulingRefusal.unfitAgent) {
      try LeaseRules.grant(&state, to: "a", inventory: inventory, for: .seconds(30))
    }
  }

  @Test("a lease expires at its end and not before, and the token stays used")
  func expiresAtEnd() throws {
    var state = Fixture.aggregate()
    let fence = try LeaseRules.grant(
      &state, to: "a", inventory: Fixture.inventory, for: .seconds(30))
    var early = Fixture.at(1_029, state)
    #expect(!LeaseRules.expire(&early))
    #expect(LeaseRules.holds(fence, early.batch))
    var late = Fixture.at(1_030, state)
    #expect(LeaseRules.expire(&late))
    #expect(late.batch.state == .pending)
    #expect(!LeaseRules.holds(fence, late.batch))
    let next = try LeaseRules.grant(
      &late, to: "b", inventory: Fixture.inventory, for: .seconds(30))
    #expect(next.token == 2)
    #expect(!LeaseRules.holds(fence, late.batch))
  }

  @Test("an execution that ran waits again when its lease ends, with what was committed")
  func takeoverContinues() throws {
    var state = Fixture.aggregate(committed: [0, 2])
    _ = try LeaseRules.grant(&state, to: "a", inventory: Fixture.inventory, for: .seconds(30))
    try Fixture.begin(&state, segment: 0)
    LeaseRules.release(&state)
    #expect(state.executions[0].state == .pending)
    #expect(state.executions[0].committed.missing == [1, 3])
    #expect(state.executions[0].nextSegment == 1)
  }

  @Test("an ended run grants nothing")
  func endedRunGrantsNothing() {
    var state = Fixture.aggregate()
    state.run.state = .cancelled
    #expect(throws: SchedulingRefusal.runEnded) {
      try LeaseRules.grant(&state, to: "a", inventory: Fixture.inventory, for: .seconds(30))
    }
  }

  @Test("batches that wait and fit no connected agent are stranded, the others are not")
  func stranded() {
    let pending = Fixture.aggregate().batch
    var elsewhere = pending
    elsewhere.id = "elsewhere"
    elsewhere.engineID = "tgi"
    var leased = elsewhere
    leased.id = "leased"
    leased.state = .leased
    let batches = [pending, elsewhere, leased]
    #expect(LeaseRules.stranded(batches, connected: []) == ["b", "elsewhere"])
    #expect(LeaseRules.stranded(batches, connected: [Fixture.inventory]) == ["elsewhere"])
    var narrow = Fixture.inventory
    narrow.quantizationIDs = ["int8"]
    #expect(LeaseRules.stranded([pending], connected: [narrow]) == ["b"])
  }
}

import BenchmarkDomain
import Scheduling
import Testing

@Suite("Executions")
struct ExecutionRulesTests {
  @Test("a segment number is used once")
  func segmentsAreUsedOnce() throws {
    var state = Fixture.aggregate()
    try Fixture.begin(&state, segment: 0)
    #expect(state.executions[0].startedAt == state.now)
    try Fixture.begin(&state, segment: 1)
    #expect(throws: SchedulingRefusal.segmentUsed(1)) { try Fixture.begin(&state, segment: 1) }
    #expect(throws: SchedulingRefusal.segmentUsed(0)) { try Fixture.begin(&state, segment: 0) }
    #expect(state.newSegments.map(\.number) == [0, 1])
  }

  @Test("the largest segment number is refused and traps nothing")
  func largestSegment() {
    var state = Fixture.aggregate()
    #expect(throws: SchedulingRefusal.segmentUsed(.max)) {
      try Fixture.begin(&state, segment: .max)
    }
  }

  @Test("a result needs every request")
  func resultNeedsEveryRequest() throws {
    var state = Fixture.aggregate(committed: [0, 1, 2])
    #expect(throws: SchedulingRefusal.requestsMissing(1)) {
      try ExecutionRules.complete(&state, Fixture.result(of: state.executions[0]))
    }
    #expect(state.newResults.isEmpty)
  }

  @Test("an execution is finished when nothing is missing, and not before")
  func finishNeedsEveryRequest() throws {
    #expect(throws: SchedulingRefusal.requestsMissing(2)) {
      try ExecutionRules.finish(Fixture.aggregate(committed: [0, 3]), "e")
    }
    try ExecutionRules.finish(Fixture.aggregate(committed: [0, 1, 2, 3]), "e")
    #expect(throws: SchedulingRefusal.unknownExecution("x")) {
      try ExecutionRules.finish(Fixture.aggregate(), "x")
    }
  }

  @Test("the last completed execution ends its batch and its run, once")
  func lastExecutionEndsRun() throws {
    var state = Fixture.aggregate(committed: [0, 1, 2, 3])
    #expect(try ExecutionRules.complete(&state, Fixture.result(of: state.executions[0])))
    #expect(state.batch.state == .completed)
    #expect(state.run.state == .completed)
    #expect(state.run.endedAt == state.now)
    #expect(try !ExecutionRules.complete(&state, Fixture.result(of: state.executions[0])))
    #expect(state.run.completedCount == 1)
    #expect(state.newResults.count == 1)
  }

  @Test("nothing ends before it has begun, though the clock was set back meanwhile")
  func clockSetBack() throws {
    var state = Fixture.aggregate(committed: [0, 1, 2, 3])
    let begin = state.now.advanced(by: .seconds(3600))
    state.run.startedAt = begin
    state.executions[0].startedAt = begin
    _ = try ExecutionRules.complete(&state, Fixture.result(of: state.executions[0]))
    #expect(state.executions[0].endedAt == begin && state.run.endedAt == begin)
  }

  @Test("a run whose executions all failed has failed")
  func allFailedIsFailed() throws {
    var state = Fixture.aggregate()
    try ExecutionRules.fail(&state, "e", because: "out of memory")
    #expect(state.executions[0].failure == "out of memory")
    #expect(state.batch.state == .completed)
    #expect(state.run.state == .failed)
    #expect(throws: SchedulingRefusal.runEnded) {
      try ExecutionRules.fail(&state, "e", because: "again")
    }
  }

  @Test("an execution of another batch is refused")
  func unknownExecutionIsRefused() {
    var state = Fixture.aggregate()
    #expect(throws: SchedulingRefusal.unknownExecution("x")) {
      try ExecutionRules.fail(&state, "x", because: "")
    }
  }

  @Test(
    "an execution that others measured in part fails: one result is of one engine",
    arguments: [("2", "x", false), ("1", "y", false), ("1", "x", true)])
  func otherEngine(version: String, revision: String, simulated: Bool) throws {
    var state = Fixture.aggregate(committed: [0, 1])
    _ = try LeaseRules.grant(&state, to: "a", inventory: Fixture.inventory, for: .seconds(30))
    try Fixture.begin(&state, segment: 0)
    LeaseRules.release(&state)
    _ = try LeaseRules.grant(&state, to: "b", inventory: Fixture.inventory, for: .seconds(30))
    try Fixture.begin(
      &state, segment: 1, simulated: simulated, version: version, revision: revision)
    let failed = state.executions[0]
    #expect(failed.state == .failed)
    #expect(failed.failure.hasPrefix("measured in part on engine version \"1\" and weights \"x\""))
    #expect(failed.engineVersion == "1")
    #expect(failed.modelRevision == "x")
    #expect(!failed.isSimulated)
    #expect(state.newSegments.map(\.number) == [0])
    #expect(state.run.state == .failed)
  }

  @Test("an execution of which nothing is committed takes what its next agent has")
  func otherEngineBeforeSamples() throws {
    var state = Fixture.aggregate()
    _ = try LeaseRules.grant(&state, to: "a", inventory: Fixture.inventory, for: .seconds(30))
    try Fixture.begin(&state, segment: 0, simulated: true)
    LeaseRules.release(&state)
    try Fixture.begin(&state, segment: 1, version: "2", revision: "y")
    #expect(state.executions[0].state == .running)
    #expect(state.executions[0].engineVersion == "2")
    #expect(state.executions[0].modelRevision == "y")
    #expect(!state.executions[0].isSimulated)
    #expect(throws: SchedulingRefusal.engineChanged("e")) {
      try Fixture.begin(&state, segment: 0, simulated: true)
    }
  }

  @Test("an engine that changes under one lease fails its execution: samples may be under way")
  func changeUnderOneLease() throws {
    var state = Fixture.aggregate()
    try Fixture.begin(&state, segment: 0)
    try Fixture.begin(&state, segment: 1, version: "2")
    #expect(state.executions[0].state == .failed)
  }
}

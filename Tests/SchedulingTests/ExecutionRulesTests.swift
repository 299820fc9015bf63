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

  @Test("one simulated segment marks the execution simulated for good")
  func simulatedSticks() throws {
    var state = Fixture.aggregate()
    try Fixture.begin(&state, segment: 0, simulated: true)
    try Fixture.begin(&state, segment: 1, simulated: false)
    #expect(state.executions[0].isSimulated)
  }
}

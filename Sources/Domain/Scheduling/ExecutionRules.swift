package import BenchmarkDomain

/// How an execution begins, fails and completes, and what follows for its batch and run.
package enum ExecutionRules {
  /// A segment begins on the lease's agent. Throws `segmentUsed` for a number that was used before:
  /// whether it is the same segment, which an agent says once more after a cut, tells the store.
  package static func begin(
    _ state: inout BatchAggregate, _ segment: Segment, engineVersion: String,
    modelRevision: String, isSimulated: Bool
  ) throws(SchedulingRefusal) {
    let index = try position(state, segment.executionID)
    guard segment.number >= state.executions[index].nextSegment, segment.number < .max else {
      throw .segmentUsed(segment.number)
    }
    state.executions[index].state = .running
    state.executions[index].nextSegment = segment.number + 1
    state.executions[index].startedAt = state.executions[index].startedAt ?? state.now
    state.executions[index].engineVersion = engineVersion
    state.executions[index].modelRevision = modelRevision
    state.executions[index].isSimulated = state.executions[index].isSimulated || isSimulated
    state.newSegments.append(segment)
  }

  /// An execution cannot be measured.
  package static func fail(
    _ state: inout BatchAggregate, _ executionID: String, because failure: String
  ) throws(SchedulingRefusal) {
    let index = try position(state, executionID)
    state.executions[index].state = .failed
    state.executions[index].failure = failure
    state.executions[index].endedAt = state.now
    state.run.failedCount += 1
    settle(&state)
  }

  /// The agent says that all samples of an execution went before; throws `requestsMissing` when
  /// they did not. Nobody sends the rest under this lease: it is to be taken back, so that the
  /// next one measures what is missing.
  package static func finish(
    _ state: BatchAggregate, _ executionID: String
  ) throws(SchedulingRefusal) {
    let missing = state.executions[try position(state, executionID)].committed.missing.count
    guard missing == 0 else { throw .requestsMissing(missing) }
  }

  /// An execution has all its requests; stores its result. Idempotent: false when it was complete.
  package static func complete(
    _ state: inout BatchAggregate, _ result: BenchmarkResult
  ) throws(SchedulingRefusal) -> Bool {
    if let done = state.executions.first(where: { $0.id == result.id }), done.state == .completed {
      return false
    }
    let index = try position(state, result.id)
    let missing = state.executions[index].committed.missing.count
    guard missing == 0 else { throw .requestsMissing(missing) }
    state.executions[index].state = .completed
    state.executions[index].endedAt = state.now
    state.newResults.append(result)
    state.run.completedCount += 1
    settle(&state)
    return true
  }

  private static func position(
    _ state: BatchAggregate, _ executionID: String
  ) throws(SchedulingRefusal) -> Int {
    guard !state.run.state.isTerminal else { throw .runEnded }
    guard let index = state.executions.firstIndex(where: { $0.id == executionID }) else {
      throw .unknownExecution(executionID)
    }
    guard !state.executions[index].state.isTerminal else { throw .executionEnded(executionID) }
    return index
  }

  /// Ends the batch when all its executions have, and the run when all of its have.
  private static func settle(_ state: inout BatchAggregate) {
    state.batch.endedCount = Int32(state.executions.count { $0.state.isTerminal })
    if state.batch.endedCount == state.batch.configurationCount {
      state.batch.state = .completed
      state.batch.agentID = nil
      state.batch.leaseExpiresAt = nil
    }
    if state.run.completedCount + state.run.failedCount == state.run.configurationCount {
      state.run.state = state.run.completedCount > 0 ? .completed : .failed
      state.run.endedAt = state.now
    }
  }
}

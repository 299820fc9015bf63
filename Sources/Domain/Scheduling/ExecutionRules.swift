package import BenchmarkDomain

/// How an execution begins, fails and completes, and what follows for its batch and run.
package enum ExecutionRules {
  /// A segment begins on the lease's agent. Throws `segmentUsed` for a number that was used before:
  /// whether it is the same segment, which an agent says once more after a cut, tells the store.
  ///
  /// One result is of one engine and of the same weights. An execution that was measured in part on
  /// others fails with that reason; while nothing of it is committed it takes what its new agent
  /// has. Throws `engineChanged` for a used number of another engine.
  package static func begin(
    _ state: inout BatchAggregate, _ segment: Segment, engineVersion: String,
    modelRevision: String, isSimulated: Bool
  ) throws(SchedulingRefusal) {
    let index = try position(state, segment.executionID)
    let identity = Identity(
      engineVersion: engineVersion, modelRevision: modelRevision, isSimulated: isSimulated)
    let known = Identity(state.executions[index])
    guard segment.number < .max else { throw .segmentUsed(segment.number) }
    guard segment.number >= state.executions[index].nextSegment else {
      throw identity == known ? .segmentUsed(segment.number) : .engineChanged(segment.executionID)
    }
    if identity != known, isMeasuredInPart(state.executions[index]) {
      let reason =
        "measured in part on \(known), and agent \(segment.agentID) has \(identity): one result "
        + "cannot hold both; run it again"
      return try fail(&state, segment.executionID, because: reason)
    }
    state.executions[index].state = .running
    state.executions[index].nextSegment = segment.number + 1
    state.executions[index].startedAt = state.executions[index].startedAt ?? state.now
    state.executions[index].engineVersion = engineVersion
    state.executions[index].modelRevision = modelRevision
    state.executions[index].isSimulated = isSimulated
    state.newSegments.append(segment)
  }

  /// True when samples are committed, or when some may be under way: of a segment that began under
  /// the same lease.
  private static func isMeasuredInPart(_ execution: Execution) -> Bool {
    execution.nextSegment > 0
      && (execution.committed.committedCount > 0 || execution.state == .running)
  }

  /// An execution cannot be measured.
  package static func fail(
    _ state: inout BatchAggregate, _ executionID: String, because failure: String
  ) throws(SchedulingRefusal) {
    let index = try position(state, executionID)
    state.executions[index].state = .failed
    state.executions[index].failure = failure
    state.executions[index].endedAt = state.now.notBefore(state.executions[index].startedAt)
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
    state.executions[index].endedAt = state.now.notBefore(state.executions[index].startedAt)
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
      state.run.endedAt = state.now.notBefore(state.run.startedAt)
    }
  }
}

/// What all samples of a result have in common besides their configuration.
private struct Identity: Equatable, CustomStringConvertible {
  let engineVersion: String
  let modelRevision: String
  let isSimulated: Bool

  init(engineVersion: String, modelRevision: String, isSimulated: Bool) {
    self.engineVersion = engineVersion
    self.modelRevision = modelRevision
    self.isSimulated = isSimulated
  }

  init(_ execution: Execution) {
    self.init(
      engineVersion: execution.engineVersion, modelRevision: execution.modelRevision,
      isSimulated: execution.isSimulated)
  }

  var description: String {
    func text(_ name: String, _ value: String) -> String {
      value.isEmpty ? "unknown \(name)" : "\(name) \"\(value)\""
    }
    return text("engine version", engineVersion) + " and " + text("weights", modelRevision)
      + (isSimulated ? ", simulated" : "")
  }
}

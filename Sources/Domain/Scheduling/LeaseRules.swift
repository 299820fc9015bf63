package import BenchmarkDomain

/// How a batch passes between agents. Every rule is pure: it reads and changes the aggregate it is
/// given, takes the time from it, and remembers nothing.
package enum LeaseRules {
  /// Gives a pending batch to an agent under the next fencing token.
  package static func grant(
    _ state: inout BatchAggregate, to agentID: String, inventory: AgentInventory,
    for duration: Duration
  ) throws(SchedulingRefusal) -> Fence {
    guard !state.run.state.isTerminal else { throw .runEnded }
    guard state.batch.state == .pending else { throw .batchNotPending }
    guard inventory.canRun(state.batch) else { throw .unfitAgent }
    state.batch.state = .leased
    state.batch.agentID = agentID
    state.batch.fencingToken += 1
    state.batch.leaseExpiresAt = state.now.advanced(by: duration)
    if state.run.state == .pending {
      state.run.state = .running
      state.run.startedAt = state.now
    }
    return Fence(batchID: state.batch.id, token: state.batch.fencingToken)
  }

  /// Takes a batch back whose lease ended unrenewed; false when there is nothing to take back.
  package static func expire(_ state: inout BatchAggregate) -> Bool {
    guard state.batch.state == .leased, let end = state.batch.leaseExpiresAt, end <= state.now
    else { return false }
    giveBack(&state)
    return true
  }

  /// Takes a batch back that its agent gives up. A batch whose requests are all committed stays
  /// with the agent until its results are written, so that nobody is sent for nothing.
  package static func release(_ state: inout BatchAggregate) {
    guard state.batch.state == .leased else { return }
    let hasWorkLeft = state.executions.contains { !$0.state.isTerminal && !$0.committed.isFull }
    if hasWorkLeft { giveBack(&state) }
  }

  /// True while the fence is the batch's newest lease and nobody has taken it back: a lease past
  /// its end stays its agent's until a sweep finds it.
  package static func holds(_ fence: Fence, _ batch: Batch) -> Bool {
    batch.state == .leased && batch.id == fence.batchID && batch.fencingToken == fence.token
  }

  /// Ids of the batches that wait and that no connected agent fits: they wait until one comes.
  package static func stranded(
    _ batches: [Batch], connected: [AgentInventory]
  ) -> Set<String> {
    // Batches of one stem fit the same agents, and a large run has thousands of them.
    let waiting = Dictionary(grouping: batches.filter { $0.state == .pending }) { batch in
      MatrixStem(
        modelID: batch.modelID, hardwareID: batch.hardwareID, engineID: batch.engineID,
        quantizationID: batch.quantizationID)
    }
    let lost = waiting.values.filter { alike in
      !connected.contains { $0.canRun(alike[0]) }
    }
    return Set(lost.joined().map(\.id))
  }

  private static func giveBack(_ state: inout BatchAggregate) {
    state.batch.state = .pending
    state.batch.agentID = nil
    state.batch.leaseExpiresAt = nil
    for index in state.executions.indices where state.executions[index].state == .running {
      state.executions[index].state = .pending
    }
  }
}

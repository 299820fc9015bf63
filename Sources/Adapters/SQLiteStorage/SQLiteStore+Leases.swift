package import BenchmarkDomain
internal import GRDB
internal import Storage

extension SQLiteStore {
  package func pendingBatches(for inventory: AgentInventory, limit: Int) async throws -> [Batch] {
    // An empty list means none of these two, and any of the others.
    guard !inventory.hardwareIDs.isEmpty, !inventory.engineIDs.isEmpty, limit > 0 else {
      return []
    }
    var condition = Condition()
    condition.require("b.state = 'pending' AND u.state IN ('pending', 'running')")
    try condition.require("b.hardware_id", oneOf: inventory.hardwareIDs)
    try condition.require("b.engine_id", oneOf: inventory.engineIDs)
    try condition.require("b.model_id", oneOf: inventory.modelIDs)
    try condition.require("b.quantization_id", oneOf: inventory.quantizationIDs)
    return try await read { [condition] database in
      try database.all(
        """
        SELECT \(Batch.selection) FROM \(Batch.source) \(condition.clause)
        ORDER BY u.created_at, u.id, b.position LIMIT ?
        """, condition.arguments + [limit], isKept: false
      ) { try Batch(&$0) }
    }
  }

  package func expiredBatches() async throws -> [Batch] {
    let now = now()
    return try await read { database in
      try database.all(
        """
        SELECT \(Batch.selection) FROM \(Batch.source)
        WHERE b.state = 'leased' AND b.lease_expires_at <= ? ORDER BY b.lease_expires_at, b.id
        """, [now.nanoseconds]
      ) { try Batch(&$0) }
    }
  }

  package func leasedBatches(agentID: String) async throws -> [Batch] {
    try await read { database in
      try database.all(
        """
        SELECT \(Batch.selection) FROM \(Batch.source)
        WHERE b.state = 'leased' AND b.agent_id = ? ORDER BY b.id
        """, [agentID]
      ) { try Batch(&$0) }
    }
  }

  package func updateBatch<Outcome: Sendable>(
    _ batchID: String, fence: Fence?,
    _ rule: @escaping @Sendable (inout BatchAggregate) throws -> Outcome
  ) async throws -> Outcome {
    try await write { database, now in
      let update = try BatchUpdate(batchID, at: now, database)
      if let fence {
        guard update.aggregate.batch.isHeld(under: fence) else {
          throw StorageError(.superseded, "The lease has ended or is another agent's.")
        }
      }
      var aggregate = update.aggregate
      let outcome = try rule(&aggregate)
      try update.write(aggregate, database)
      return outcome
    }
  }

  /// Writers of a file stand in one queue: none keeps a batch while others wait.
  package func updateFreeBatch<Outcome: Sendable>(
    _ batchID: String, _ rule: @escaping @Sendable (inout BatchAggregate) throws -> Outcome
  ) async throws -> Outcome? {
    do {
      return try await updateBatch(batchID, fence: nil, rule)
    } catch let error as StorageError where error.code == .notFound { return nil }
  }

  package func renewLease(_ fence: Fence, for duration: Duration, agentID: String) async throws
    -> Bool
  {
    try await write { database, now in
      let count = try database.run(
        """
        UPDATE batch SET lease_expires_at = max(lease_expires_at, ?), version = version + 1
        WHERE id = ? AND fencing_token = ? AND agent_id = ? AND state = 'leased'
        """,
        [now.advanced(by: duration).nanoseconds, fence.batchID, fence.token, agentID])
      return count == 1
    }
  }
}

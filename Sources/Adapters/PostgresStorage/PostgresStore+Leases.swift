package import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension PostgresStore {
  package func pendingBatches(for inventory: AgentInventory, limit: Int) async throws -> [Batch] {
    // An empty list means none of these two, and any of the others.
    guard !inventory.hardwareIDs.isEmpty, !inventory.engineIDs.isEmpty, limit > 0 else {
      return []
    }
    var condition = Condition()
    condition.require("b.state = 'pending' AND u.state IN ('pending', 'running')")
    condition.require("b.hardware_id", oneOf: inventory.hardwareIDs)
    condition.require("b.engine_id", oneOf: inventory.engineIDs)
    condition.require("b.model_id", oneOf: inventory.modelIDs)
    condition.require("b.quantization_id", oneOf: inventory.quantizationIDs)
    let limit = condition.mark(.int8(Int64(limit)))
    return try await read(on: agentPool) { [condition] connection in
      try await connection.all(
        """
        SELECT \(Batch.selection) FROM \(Batch.source) \(condition.clause)
        ORDER BY u.created_at, u.id, b.position LIMIT \(limit)
        """, condition.parameters
      ) { try Batch(&$0) }
    }
  }

  package func expiredBatches() async throws -> [Batch] {
    try await read(on: agentPool) { connection in
      let now = try await self.now(connection)
      return try await connection.all(
        """
        SELECT \(Batch.selection) FROM \(Batch.source)
        WHERE b.state = 'leased' AND b.lease_expires_at <= $1 ORDER BY b.lease_expires_at, b.id
        """, [.int8(now.nanoseconds)]
      ) { try Batch(&$0) }
    }
  }

  package func leasedBatches(agentID: String) async throws -> [Batch] {
    try await read(on: agentPool) { connection in
      try await connection.all(
        """
        SELECT \(Batch.selection) FROM \(Batch.source)
        WHERE b.state = 'leased' AND b.agent_id = $1 ORDER BY b.id
        """, [.text(agentID)]
      ) { try Batch(&$0) }
    }
  }

  package func updateBatch<Outcome: Sendable>(
    _ batchID: String, fence: Fence?,
    _ rule: @escaping @Sendable (inout BatchAggregate) throws -> Outcome
  ) async throws -> Outcome {
    try await transaction(on: agentPool) { connection in
      let update = try await BatchUpdate(batchID, timeQuestion: self.timeQuestion, connection)
      if let fence {
        guard update.aggregate.batch.isHeld(under: fence) else {
          throw StorageError(.superseded, "The lease has ended or is another agent's.")
        }
      }
      var aggregate = update.aggregate
      let outcome = try rule(&aggregate)
      try await update.write(aggregate, connection)
      return outcome
    }
  }

  package func updateFreeBatch<Outcome: Sendable>(
    _ batchID: String, _ rule: @escaping @Sendable (inout BatchAggregate) throws -> Outcome
  ) async throws -> Outcome? {
    do {
      return try await transaction(on: agentPool) { connection in
        let update = try await BatchUpdate(
          batchID, skippingLocked: true, timeQuestion: self.timeQuestion, connection)
        var aggregate = update.aggregate
        let outcome = try rule(&aggregate)
        try await update.write(aggregate, connection)
        return outcome
      }
    } catch let error as StorageError where error.code == .notFound { return nil }
  }

  package func renewLease(_ fence: Fence, for duration: Duration, agentID: String) async throws
    -> Bool
  {
    try await transaction(on: agentPool) { connection in
      // The time is read once the row is locked: a wait must not shorten the lease.
      let answers = try await connection.run([
        PostgresStatement(
          """
          SELECT key FROM benchfront.batch WHERE id = $1 AND fencing_token = $2
          AND agent_id = $3 AND state = 'leased' FOR NO KEY UPDATE
          """, [.text(fence.batchID), .int8(fence.token), .text(agentID)]),
        self.timeQuestion,
      ])
      guard let key = try answers[0].read({ try $0.integer(Int64.self) }).first else {
        return false
      }
      let end = try WallTime(answer: answers[1]).advanced(by: duration)
      _ = try await connection.run(
        """
        UPDATE benchfront.batch SET lease_expires_at = greatest(lease_expires_at, $1),
        version = version + 1 WHERE key = $2
        """, [.int8(end.nanoseconds), .int8(key)])
      return true
    }
  }
}

package import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension PostgresStore {
  package func cancelRun(_ id: String) async throws -> Run {
    try await transaction { connection in
      let found = try await Run.find("id", id, connection, lock: "FOR NO KEY UPDATE")
      guard let (key, stored) = found else {
        throw StorageError(.notFound, "There is no run \"\(id)\".")
      }
      var run = stored
      if run.state == .cancelled { return run }
      guard !run.state.isTerminal else {
        throw StorageError(.failedPrecondition, "The run has ended and cannot be cancelled.")
      }
      let now = try await self.now(connection)
      run.commitNumber += try await Self.cancelParts(key, run.commitNumber, now, connection)
      run.state = .cancelled
      run.endedAt = now.notBefore(run.startedAt)
      run.commitNumber += 1
      _ = try await connection.run([
        run.update(key: key), CommitLog.entry(run, runKey: key, at: now),
        CommitLog.notice(run.id, run.commitNumber),
      ])
      return run
    }
  }

  /// Cancels batches and executions that have not ended, each execution under a commit number of
  /// its own; returns how many of these.
  private static func cancelParts(
    _ runKey: Int64, _ number: Int64, _ now: WallTime, _ connection: PostgresConnection
  ) async throws -> Int64 {
    let answers = try await connection.run([
      PostgresStatement(
        """
        SELECT key FROM benchfront.batch WHERE run_key = $1 AND state IN ('pending', 'leased')
        ORDER BY key FOR NO KEY UPDATE
        """, [.int8(runKey)]),
      PostgresStatement(
        """
        INSERT INTO benchfront.run_commit
          (run_key, number, committed_at, kind, execution_key, state, failure, agent_id)
        SELECT e.run_key, $2 + row_number() OVER (ORDER BY b.position, e.position, e.attempt),
          $3, $4, e.key, 'cancelled', '', coalesce(b.agent_id, '')
        FROM benchfront.execution e JOIN benchfront.batch b ON b.key = e.batch_key
        WHERE e.run_key = $1 AND e.state IN ('pending', 'running')
        """,
        [
          .int8(runKey), .int8(number), .int8(now.nanoseconds),
          .int4(Int32(CommitKind.execution.rawValue)),
        ]),
      PostgresStatement(
        """
        UPDATE benchfront.batch SET state = 'cancelled', agent_id = NULL,
        lease_expires_at = NULL, version = version + 1
        WHERE run_key = $1 AND state IN ('pending', 'leased')
        """, [.int8(runKey)]),
      PostgresStatement(
        """
        UPDATE benchfront.execution SET state = 'cancelled', ended_at = greatest($2, started_at)
        WHERE run_key = $1 AND state IN ('pending', 'running')
        """, [.int8(runKey), .int8(now.nanoseconds)]),
    ])
    return Int64(answers[1].affectedCount)
  }
}

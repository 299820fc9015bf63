package import BenchmarkDomain
internal import GRDB
package import Storage

extension SQLiteStore: RunStore {
  package func create(_ run: Run, batches: [Batch], executions: [Execution]) async throws -> Run {
    try await write { database, _ in
      if let requestID = run.requestID,
        let stored = try Run.find("request_id", requestID, database)?.run
      {
        // Runs of before digests were kept have none: they count as the same.
        guard stored.requestDigest == nil || stored.requestDigest == run.requestDigest else {
          throw StorageError(
            .alreadyExists,
            "The request id \"\(requestID)\" was used for another run, \(stored.id).")
        }
        return stored
      }
      guard try Run.find("id", run.id, database) == nil else {
        throw StorageError(.alreadyExists, "The run \"\(run.id)\" is there already.")
      }
      let runKey = try run.insert(database)
      var batchKeys: [String: Int64] = [:]
      for batch in batches {
        guard batch.runID == run.id else {
          throw StorageError(.invalid, "A batch is of another run.")
        }
        batchKeys[batch.id] = try batch.insert(runKey: runKey, database)
      }
      for execution in executions {
        guard let batchKey = batchKeys[execution.batchID], execution.runID == run.id else {
          throw StorageError(.invalid, "An execution is of another batch.")
        }
        try execution.insert(
          runKey: runKey, batchKey: batchKey,
          configurationKey: try execution.configuration.store(database), database)
      }
      return run
    }
  }

  package func run(_ id: String) async throws -> Run? {
    try await read { try Run.find("id", id, $0)?.run }
  }

  package func runs(state: RunState?, page: PageRequest) async throws -> Page<Run> {
    var list = PagedList(
      question: "runs \(state?.rawValue ?? "")", columns: Run.selection, source: "run u",
      keys: [
        SortKey(expression: "u.created_at", isDescending: true),
        SortKey(expression: "u.id", isDescending: true),
      ])
    if let state { list.condition.require("u.state = ?", state.rawValue) }
    return try await read { [list] database in
      try list.page(page, database) { try Run(&$0) }
    }
  }

  package func counts() async throws -> RunCounts {
    try await read { database in
      let states = try database.all("SELECT state, count(*) FROM run GROUP BY state", []) { row in
        (state: try row.text(), count: try row.integer() as Int)
      }
      // Each has a partial index of its own.
      let pending = try database.first(
        "SELECT count(*) FROM batch WHERE state = 'pending'", []
      ) { try $0.integer() as Int }
      let leased = try database.first(
        "SELECT count(*) FROM batch WHERE state = 'leased'", []
      ) { try $0.integer() as Int }
      var runs: [RunState: Int] = [:]
      for (state, count) in states {
        if let state = RunState(rawValue: state) { runs[state] = count }
      }
      return RunCounts(runs: runs, pendingBatches: pending ?? 0, leasedBatches: leased ?? 0)
    }
  }

  package func batches(runID: String) async throws -> [Batch] {
    try await read { database in
      try database.all(
        "SELECT \(Batch.selection) FROM \(Batch.source) WHERE u.id = ? ORDER BY b.position",
        [runID]
      ) { try Batch(&$0) }
    }
  }

  package func failures(runID: String) async throws -> [BatchFailures] {
    try await read { database in
      // Columns beside a minimum come from its row: https://www.sqlite.org/lang_select.html.
      try database.all(
        """
        SELECT b.id, count(*), e.failure, min(e.position) FROM execution e
        JOIN batch b ON b.key = e.batch_key JOIN run u ON u.key = e.run_key
        WHERE u.id = ? AND e.state = 'failed' GROUP BY b.key ORDER BY b.position
        """, [runID]
      ) { row in
        BatchFailures(
          batchID: try row.text(), count: try row.integer(), firstReason: try row.text())
      }
    }
  }

  package func cancelRun(_ id: String) async throws -> Run {
    try await write { database, now in
      guard let (key, stored) = try Run.find("id", id, database) else {
        throw StorageError(.notFound, "There is no run \"\(id)\".")
      }
      var run = stored
      if run.state == .cancelled { return run }
      guard !run.state.isTerminal else {
        throw StorageError(.failedPrecondition, "The run has ended and cannot be cancelled.")
      }
      run.commitNumber += try Self.cancelExecutions(key, run.commitNumber, now, database)
      try database.run(
        """
        UPDATE batch SET state = 'cancelled', agent_id = NULL, lease_expires_at = NULL,
        version = version + 1 WHERE run_key = ? AND state IN ('pending', 'leased')
        """, [key])
      run.state = .cancelled
      run.endedAt = now.notBefore(run.startedAt)
      run.commitNumber += 1
      try run.update(key: key, database)
      try CommitLog.append(run, runKey: key, at: now, database)
      return run
    }
  }

  /// Cancels the executions that have not ended, each under a commit number of its own; returns
  /// how many.
  private static func cancelExecutions(
    _ runKey: Int64, _ number: Int64, _ now: WallTime, _ database: Database
  ) throws -> Int64 {
    let count = try database.run(
      """
      INSERT INTO run_commit
        (run_key, number, committed_at, kind, execution_key, state, failure, agent_id)
      SELECT e.run_key, ? + row_number() OVER (ORDER BY b.position, e.position, e.attempt), ?, ?,
        e.key, 'cancelled', '', coalesce(b.agent_id, '')
      FROM execution e JOIN batch b ON b.key = e.batch_key
      WHERE e.run_key = ? AND e.state IN ('pending', 'running')
      """, [number, now.nanoseconds, CommitKind.execution.rawValue, runKey])
    try database.run(
      """
      UPDATE execution SET state = 'cancelled', ended_at = max(?, coalesce(started_at, 0))
      WHERE run_key = ? AND state IN ('pending', 'running')
      """, [now.nanoseconds, runKey])
    return Int64(count)
  }

  package func execution(_ id: String) async throws -> Execution? {
    try await read { database in
      try database.first(
        "SELECT \(Execution.selection) FROM \(Execution.source) WHERE e.id = ?", [id]
      ) { try Execution(&$0) }
    }
  }

  package func segment(_ number: UInt32, of executionID: String) async throws -> Segment? {
    try await read { database in
      try database.first(
        """
        SELECT s.agent_id, s.wall_clock_anchor FROM segment s
        JOIN execution e ON e.key = s.execution_key WHERE e.id = ? AND s.number = ?
        """, [executionID, number]
      ) { reader in
        Segment(
          executionID: executionID, number: number, agentID: try reader.text(),
          wallClockAnchor: try reader.time())
      }
    }
  }

  package func executionsAwaitingResult() async throws -> [Execution] {
    try await read { database in
      try database.all(
        """
        SELECT \(Execution.selection) FROM \(Execution.source)
        WHERE e.committed_count = e.request_count AND e.state IN ('pending', 'running')
        ORDER BY e.key
        """
      ) { try Execution(&$0) }
    }
  }

  package func commits(runID: String, after number: Int64, limit: Int) async throws
    -> [RunCommit]
  {
    guard limit > 0 else { throw StorageError(.invalid, "A limit must be at least 1.") }
    return try await read { database in
      guard let (key, run) = try Run.find("id", runID, database) else { return [] }
      return try CommitLog.read(run, key: key, after: number, limit: limit, database)
    }
  }
}

package import BenchmarkDomain
internal import PostgresClient
package import Storage

extension PostgresStore: RunStore {
  package func create(_ run: Run, batches: [Batch], executions: [Execution]) async throws -> Run {
    let batchIDs = Set(batches.map(\.id))
    guard batches.allSatisfy({ $0.runID == run.id }) else {
      throw StorageError(.invalid, "A batch is of another run.")
    }
    guard executions.allSatisfy({ batchIDs.contains($0.batchID) && $0.runID == run.id }) else {
      throw StorageError(.invalid, "An execution is of another batch.")
    }
    return try await transaction { connection in
      guard let runKey = try await run.insert(connection) else {
        return try await Self.known(run, connection)
      }
      let batchKeys = try await Batch.insert(batches, runKey: runKey, connection)
      let configurationKeys = try await BenchmarkConfiguration.store(
        executions.map(\.configuration), connection)
      for start in stride(from: 0, to: executions.count, by: Self.executionsPerCopy) {
        let part = executions[start..<min(start + Self.executionsPerCopy, executions.count)]
        var rows = CopyRows(reservingBytes: part.count * 256)
        for execution in part {
          guard let batchKey = batchKeys[execution.batchID],
            let configurationKey = configurationKeys[execution.configuration.id]
          else { throw StorageError(.invalid, "An execution is of another batch.") }
          rows.append(
            execution, runKey: runKey, batchKey: batchKey, configurationKey: configurationKey)
        }
        try await rows.copy(
          into: "benchfront.execution", Execution.insertedColumns, connection)
      }
      // Agents that wait on other servers may take its batches.
      _ = try await connection.run([CommitLog.notice(run.id, run.commitNumber)])
      return run
    }
  }

  /// Most executions that are encoded at once.
  private static let executionsPerCopy = 8192

  /// The run that has taken the request's id, if it is of the same request.
  private static func known(_ run: Run, _ connection: PostgresConnection) async throws -> Run {
    if let requestID = run.requestID,
      let stored = try await Run.find("request_id", requestID, connection)?.run
    {
      // Runs without a digest count as the same.
      guard stored.requestDigest == nil || stored.requestDigest == run.requestDigest else {
        throw StorageError(
          .alreadyExists,
          "The request id \"\(requestID)\" was used for another run, \(stored.id).")
      }
      return stored
    }
    throw StorageError(.alreadyExists, "The run \"\(run.id)\" is there already.")
  }

  package func run(_ id: String) async throws -> Run? {
    try await read { try await Run.find("id", id, $0)?.run }
  }

  package func runs(state: RunState?, page: PageRequest) async throws -> Page<Run> {
    var list = PagedList(
      question: "runs \(state?.rawValue ?? "")", columns: Run.selection,
      source: "benchfront.run u",
      key: SortKey(expression: "u.created_at", kind: .integer, isDescending: true),
      ids: [SortKey(expression: "u.id", kind: .text, isDescending: true)])
    if let state { list.condition.require("u.state = $", .text(state.rawValue)) }
    return try await read { [list] connection in
      try await list.page(page, connection) { try Run(&$0) }
    }
  }

  package func counts() async throws -> RunCounts {
    try await read { connection in
      let answers = try await connection.run([
        PostgresStatement("SELECT state, count(*) FROM benchfront.run GROUP BY state"),
        // Each has a partial index of its own.
        PostgresStatement("SELECT count(*) FROM benchfront.batch WHERE state = 'pending'"),
        PostgresStatement("SELECT count(*) FROM benchfront.batch WHERE state = 'leased'"),
      ])
      var runs: [RunState: Int] = [:]
      for (state, count) in try answers[0].read({ (try $0.text(), try $0.integer(Int.self)) }) {
        if let state = RunState(rawValue: state) { runs[state] = count }
      }
      return RunCounts(
        runs: runs, pendingBatches: try answers[1].read { try $0.integer(Int.self) }.first ?? 0,
        leasedBatches: try answers[2].read { try $0.integer(Int.self) }.first ?? 0)
    }
  }

  package func batches(runID: String) async throws -> [Batch] {
    try await read { connection in
      try await connection.all(
        "SELECT \(Batch.selection) FROM \(Batch.source) WHERE u.id = $1 ORDER BY b.position",
        [.text(runID)]
      ) { try Batch(&$0) }
    }
  }

  package func failures(runID: String) async throws -> [BatchFailures] {
    try await read { connection in
      try await connection.all(
        """
        SELECT b.id, count(*), (array_agg(e.failure ORDER BY e.position, e.key))[1]
        FROM benchfront.execution e JOIN benchfront.batch b ON b.key = e.batch_key
        WHERE e.run_key = (SELECT key FROM benchfront.run WHERE id = $1) AND e.state = 'failed'
        GROUP BY b.key ORDER BY b.position
        """, [.text(runID)]
      ) { row in
        BatchFailures(
          batchID: try row.text(), count: try row.integer(), firstReason: try row.text())
      }
    }
  }

  package func execution(_ id: String) async throws -> Execution? {
    try await read(on: agentPool) { connection in
      try await connection.first(
        "SELECT \(Execution.selection) FROM \(Execution.source) WHERE e.id = $1", [.text(id)]
      ) { try Execution(&$0) }
    }
  }

  package func segment(_ number: UInt32, of executionID: String) async throws -> Segment? {
    try await read(on: agentPool) { connection in
      try await connection.first(
        """
        SELECT s.agent_id, s.wall_clock_anchor FROM benchfront.segment s
        JOIN benchfront.execution e ON e.key = s.execution_key
        WHERE e.id = $1 AND s.number = $2
        """, [.text(executionID), .int8(Int64(number))]
      ) { reader in
        Segment(
          executionID: executionID, number: number, agentID: try reader.text(),
          wallClockAnchor: try reader.time())
      }
    }
  }

  package func executionsAwaitingResult() async throws -> [Execution] {
    try await read(on: agentPool) { connection in
      try await connection.all(
        """
        SELECT \(Execution.selection) FROM \(Execution.source)
        WHERE e.is_full AND e.state IN ('pending', 'running') ORDER BY e.key
        """
      ) { try Execution(&$0) }
    }
  }

  package func commits(runID: String, after number: Int64, limit: Int) async throws
    -> [RunCommit]
  {
    guard limit > 0 else { throw StorageError(.invalid, "A limit must be at least 1.") }
    return try await read { connection in
      guard let (key, run) = try await Run.find("id", runID, connection) else { return [] }
      return try await CommitLog.read(run, key: key, after: number, limit: limit, connection)
    }
  }
}

internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

/// What happened to runs, by commit number.
enum CommitLog {
  /// Writes that an execution's state changed.
  static func entry(
    _ execution: Execution, executionKey: Int64, agentID: String, runKey: Int64, number: Int64,
    at now: WallTime
  ) -> PostgresStatement {
    .insert(
      into: "benchfront.run_commit",
      "run_key, number, committed_at, kind, execution_key, state, failure, agent_id",
      [
        .int8(runKey), .int8(number), .int8(now.nanoseconds),
        .int4(Int32(CommitKind.execution.rawValue)), .int8(executionKey),
        .text(execution.state.rawValue), .text(execution.failure), .text(agentID),
      ])
  }

  /// Writes that a run or a batch of it changed, under the run's commit number.
  static func entry(_ run: Run, runKey: Int64, at now: WallTime) -> PostgresStatement {
    .insert(
      into: "benchfront.run_commit",
      """
      run_key, number, committed_at, kind, state, completed_count, failed_count, \
      committed_sample_count, started_at, ended_at
      """,
      [
        .int8(runKey), .int8(run.commitNumber), .int8(now.nanoseconds),
        .int4(Int32(CommitKind.run.rawValue)), .text(run.state.rawValue),
        .int8(run.completedCount), .int8(run.failedCount), .int8(run.committedSampleCount),
        .int8(run.startedAt?.nanoseconds), .int8(run.endedAt?.nanoseconds),
      ])
  }

  /// Tells every server how far a run has come.
  static func notice(_ runID: String, _ number: Int64) -> PostgresStatement {
    PostgresStatement(
      "SELECT pg_notify($1, $2)::text",
      [.text(StoreChange.runChannel), .text(StoreChange.payload(runID, number))])
  }

  /// Reads the commits of a run behind a number, in order.
  static func read(
    _ run: Run, key: Int64, after number: Int64, limit: Int, _ connection: PostgresConnection
  ) async throws -> [RunCommit] {
    let rows = try await connection.all(
      """
      SELECT l.number, l.committed_at, l.kind, l.state, l.failure, l.agent_id,
        l.completed_count, l.failed_count, l.committed_sample_count, l.started_at, l.ended_at,
        e.id, \(BenchmarkConfiguration.selection)
      FROM benchfront.run_commit l LEFT JOIN benchfront.execution e ON e.key = l.execution_key
      LEFT JOIN benchfront.configuration c ON c.key = e.configuration_key
      WHERE l.run_key = $1 AND l.number > $2 ORDER BY l.number LIMIT $3
      """, [.int8(key), .int8(number), .int8(Int64(limit))]
    ) { try CommitRow(&$0) }
    var samples: [Int64: [RequestSample]] = [:]
    if let first = rows.first, let last = rows.last, rows.contains(where: { $0.kind == .samples }) {
      samples = try await self.samples(key, first.number...last.number, connection)
    }
    return try rows.map { row in
      RunCommit(
        number: row.number, committedAt: row.committedAt,
        event: try row.event(run, samples[row.number] ?? []))
    }
  }

  /// The samples of a run's commits, by commit number. Each commit's are looked up by their
  /// execution and range: no plan reads a whole partition for them.
  static let samplesQuestion = """
    SELECT l.number, \(RequestSample.selection)
    FROM benchfront.run_commit l JOIN benchfront.execution e ON e.key = l.execution_key
    CROSS JOIN LATERAL (
      SELECT * FROM benchfront.request_sample r
      WHERE r.execution_key = e.key AND r.started_at = e.samples_at
        AND r.request_index BETWEEN l.first_request AND l.last_request
        AND r.commit_number = l.number
      OFFSET 0) s
    WHERE l.run_key = $1 AND l.number BETWEEN $2 AND $3 AND l.kind = $4
    ORDER BY l.number, s.request_index
    """

  private static func samples(
    _ runKey: Int64, _ numbers: ClosedRange<Int64>, _ connection: PostgresConnection
  ) async throws -> [Int64: [RequestSample]] {
    let found = try await connection.all(
      samplesQuestion,
      [
        .int8(runKey), .int8(numbers.lowerBound), .int8(numbers.upperBound),
        .int4(Int32(CommitKind.samples.rawValue)),
      ]
    ) { (number: try $0.integer(Int64.self), sample: try RequestSample(&$0)) }
    return Dictionary(grouping: found, by: \.number).mapValues { $0.map(\.sample) }
  }
}

/// A row of the log as it is stored.
private struct CommitRow {
  var number: Int64
  var committedAt: WallTime
  var kind: CommitKind
  var state: String?
  var failure: String?
  var agentID: String?
  var counts: (completed: Int64?, failed: Int64?, samples: Int64?)
  var times: (started: WallTime?, ended: WallTime?)
  var execution: (id: String, configuration: BenchmarkConfiguration)?

  init(_ reader: inout ColumnReader) throws {
    number = try reader.integer()
    committedAt = try reader.time()
    kind = try reader.code()
    state = try reader.optionalText()
    failure = try reader.optionalText()
    agentID = try reader.optionalText()
    counts = (
      try reader.optionalInteger(), try reader.optionalInteger(), try reader.optionalInteger()
    )
    times = (try reader.optionalTime(), try reader.optionalTime())
    if let id = try reader.optionalText() {
      execution = (id, try BenchmarkConfiguration(&reader))
    }
  }

  func event(_ run: Run, _ samples: [RequestSample]) throws -> RunCommit.Event {
    switch kind {
    case .run: return .run(try after(run))
    case .samples:
      guard let execution else { throw StorageError.damaged("commit") }
      return .samples(
        executionID: execution.id, configurationID: execution.configuration.id, samples)
    case .execution:
      guard let execution, let failure, let agentID, let state = state.flatMap(ExecutionState.init)
      else { throw StorageError.damaged("commit") }
      return .execution(
        id: execution.id, configuration: execution.configuration, state: state,
        failure: failure, agentID: agentID)
    }
  }

  /// The run as this commit left it.
  private func after(_ run: Run) throws -> Run {
    guard let state = state.flatMap(RunState.init), let completed = counts.completed,
      let failed = counts.failed, let samples = counts.samples
    else { throw StorageError.damaged("commit") }
    var run = run
    run.state = state
    run.completedCount = completed
    run.failedCount = failed
    run.committedSampleCount = samples
    run.commitNumber = number
    run.startedAt = times.started
    run.endedAt = times.ended
    return run
  }
}

internal import BenchmarkDomain
internal import GRDB
internal import Storage

/// What happened to runs, by commit number.
enum CommitLog {
  /// Writes that samples of an execution were committed; they carry the number themselves.
  static func appendSamples(
    runKey: Int64, number: Int64, at now: WallTime, executionKey: Int64,
    requests: ClosedRange<UInt32>, _ database: Database
  ) throws {
    try database.insert(
      into: "run_commit",
      "run_key, number, committed_at, kind, execution_key, first_request, last_request",
      [
        runKey, number, now.nanoseconds, CommitKind.samples.rawValue, executionKey,
        requests.lowerBound, requests.upperBound,
      ])
  }

  /// Writes that an execution's state changed.
  static func append(
    _ execution: Execution, executionKey: Int64, agentID: String, runKey: Int64, number: Int64,
    at now: WallTime, _ database: Database
  ) throws {
    try database.insert(
      into: "run_commit",
      "run_key, number, committed_at, kind, execution_key, state, failure, agent_id",
      [
        runKey, number, now.nanoseconds, CommitKind.execution.rawValue, executionKey,
        execution.state.rawValue, execution.failure, agentID,
      ])
  }

  /// Writes that a run or a batch of it changed, under the run's commit number.
  static func append(_ run: Run, runKey: Int64, at now: WallTime, _ database: Database) throws {
    try database.insert(
      into: "run_commit",
      """
      run_key, number, committed_at, kind, state, completed_count, failed_count, \
      committed_sample_count, started_at, ended_at
      """,
      [
        runKey, run.commitNumber, now.nanoseconds, CommitKind.run.rawValue, run.state.rawValue,
        run.completedCount, run.failedCount, run.committedSampleCount,
        run.startedAt?.nanoseconds, run.endedAt?.nanoseconds,
      ])
  }

  private static let columns = """
    l.number, l.committed_at, l.kind, l.execution_key, l.first_request, l.last_request, \
    l.state, l.failure, l.agent_id, l.completed_count, l.failed_count, \
    l.committed_sample_count, l.started_at, l.ended_at, e.id
    """

  /// Reads the commits of a run behind a number, in order.
  static func read(
    _ run: Run, key: Int64, after number: Int64, limit: Int, _ database: Database
  ) throws -> [RunCommit] {
    let rows = try database.all(
      """
      SELECT \(columns) FROM run_commit l LEFT JOIN execution e ON e.key = l.execution_key
      WHERE l.run_key = ? AND l.number > ? ORDER BY l.number LIMIT ?
      """, [key, number, limit]
    ) { try CommitRow(&$0) }
    return try rows.map { row in
      RunCommit(
        number: row.number, committedAt: row.committedAt, event: try row.event(run, database))
    }
  }
}

/// A row of the log as it is stored.
private struct CommitRow {
  var number: Int64
  var committedAt: WallTime
  var kind: CommitKind
  var executionKey: Int64?
  var requests: (first: Int64?, last: Int64?)
  var state: String?
  var failure: String?
  var agentID: String?
  var counts: (completed: Int64?, failed: Int64?, samples: Int64?)
  var times: (started: WallTime?, ended: WallTime?)
  var executionID: String?

  init(_ reader: inout ColumnReader) throws {
    number = try reader.integer()
    committedAt = try reader.time()
    kind = try reader.code()
    executionKey = try reader.optionalInteger()
    requests = (try reader.optionalInteger(), try reader.optionalInteger())
    state = try reader.optionalText()
    failure = try reader.optionalText()
    agentID = try reader.optionalText()
    counts = (
      try reader.optionalInteger(), try reader.optionalInteger(), try reader.optionalInteger()
    )
    times = (try reader.optionalTime(), try reader.optionalTime())
    executionID = try reader.optionalText()
  }

  func event(_ run: Run, _ database: Database) throws -> RunCommit.Event {
    switch kind {
    case .samples: try samples(database)
    case .execution: try execution(database)
    case .run: .run(try after(run))
    }
  }

  private func samples(_ database: Database) throws -> RunCommit.Event {
    guard let executionKey, let executionID, let first = requests.first, let last = requests.last
    else { throw StorageError.damaged("commit") }
    let samples = try database.all(
      """
      SELECT \(RequestSample.columns) FROM request_sample
      WHERE execution_key = ? AND request_index BETWEEN ? AND ? AND commit_number = ?
      ORDER BY request_index
      """, [executionKey, first, last, number]
    ) { try RequestSample(&$0) }
    return .samples(
      executionID: executionID,
      configurationID: try configuration(executionKey, database).id, samples)
  }

  private func execution(_ database: Database) throws -> RunCommit.Event {
    guard let executionKey, let executionID, let failure, let agentID,
      let state = state.flatMap(ExecutionState.init)
    else { throw StorageError.damaged("commit") }
    return .execution(
      id: executionID, configuration: try configuration(executionKey, database), state: state,
      failure: failure, agentID: agentID)
  }

  private func configuration(_ executionKey: Int64, _ database: Database) throws
    -> BenchmarkConfiguration
  {
    let found = try database.first(
      """
      SELECT \(BenchmarkConfiguration.selection) FROM execution e
      JOIN configuration c ON c.key = e.configuration_key WHERE e.key = ?
      """, [executionKey]
    ) { try BenchmarkConfiguration(&$0) }
    guard let found else { throw StorageError.damaged("commit") }
    return found
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

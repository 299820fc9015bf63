internal import BenchmarkDomain
internal import GRDB
internal import Storage

extension Run {
  /// The columns of a run `u`.
  static let selection = """
    u.id, u.name, u.request_id, u.state, u.requests_per_configuration, u.warmup_requests, \
    u.seed, u.configuration_count, u.completed_count, u.failed_count, u.infeasible_count, \
    u.committed_sample_count, u.batch_count, u.commit_number, u.created_at, u.started_at, \
    u.ended_at, u.request_digest
    """

  /// Reads `selection`.
  init(_ reader: inout ColumnReader) throws {
    let (id, name) = (try reader.text(), try reader.text())
    let (requestID, state) = (try reader.optionalText(), try reader.name(RunState.self))
    let requests = try reader.integer(Int32.self)
    let warmup = try reader.integer(Int32.self)
    let seed = UInt64(bitPattern: try reader.integer(Int64.self))
    let configurations = try reader.integer(Int64.self)
    let (completed, failed) = (try reader.integer(Int64.self), try reader.integer(Int64.self))
    let (infeasible, samples) = (try reader.integer(Int64.self), try reader.integer(Int64.self))
    let (batches, commit) = (try reader.integer(Int32.self), try reader.integer(Int64.self))
    self.init(
      id: id, name: name, requestID: requestID, requestsPerConfiguration: requests,
      warmupRequests: warmup, seed: seed, configurationCount: configurations,
      infeasibleCount: infeasible, batchCount: batches, createdAt: try reader.time())
    self.state = state
    self.completedCount = completed
    self.failedCount = failed
    self.committedSampleCount = samples
    self.commitNumber = commit
    self.startedAt = try reader.optionalTime()
    self.endedAt = try reader.optionalTime()
    self.requestDigest = try reader.optionalText()
  }

  /// Stores a new run; returns its key.
  func insert(_ database: Database) throws -> Int64 {
    try database.insert(
      into: "run",
      """
      id, name, request_id, state, requests_per_configuration, warmup_requests, seed, \
      configuration_count, completed_count, failed_count, infeasible_count, \
      committed_sample_count, batch_count, commit_number, created_at, started_at, ended_at, \
      request_digest
      """,
      [
        id, name, requestID, state.rawValue, requestsPerConfiguration, warmupRequests,
        Int64(bitPattern: seed), configurationCount, completedCount, failedCount,
        infeasibleCount, committedSampleCount, batchCount, commitNumber,
        createdAt.nanoseconds, startedAt?.nanoseconds, endedAt?.nanoseconds, requestDigest,
      ])
  }

  /// Writes what may change.
  func update(key: Int64, _ database: Database) throws {
    try database.run(
      """
      UPDATE run SET state = ?, completed_count = ?, failed_count = ?,
      committed_sample_count = ?, commit_number = ?, started_at = ?, ended_at = ? WHERE key = ?
      """,
      [
        state.rawValue, completedCount, failedCount, committedSampleCount, commitNumber,
        startedAt?.nanoseconds, endedAt?.nanoseconds, key,
      ])
  }

  /// The run with its key, found by one column.
  static func find(_ column: String, _ value: String, _ database: Database) throws
    -> (key: Int64, run: Run)?
  {
    try database.first("SELECT u.key, \(selection) FROM run u WHERE u.\(column) = ?", [value]) {
      (key: try $0.integer(Int64.self), run: try Run(&$0))
    }
  }
}

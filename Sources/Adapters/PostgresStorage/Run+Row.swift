internal import BenchmarkDomain
internal import PostgresClient
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

  /// Stores a new run; returns its key, or nil when its id or its request's is taken.
  func insert(_ connection: PostgresConnection) async throws -> Int64? {
    let statement = PostgresStatement.insert(
      into: "benchfront.run",
      """
      id, name, request_id, state, requests_per_configuration, warmup_requests, seed, \
      configuration_count, completed_count, failed_count, infeasible_count, \
      committed_sample_count, batch_count, commit_number, created_at, started_at, ended_at, \
      request_digest
      """,
      [
        .text(id), .text(name), .text(requestID), .text(state.rawValue),
        .int4(requestsPerConfiguration), .int4(warmupRequests), .int8(Int64(bitPattern: seed)),
        .int8(configurationCount), .int8(completedCount), .int8(failedCount),
        .int8(infeasibleCount), .int8(committedSampleCount), .int4(batchCount),
        .int8(commitNumber), .int8(createdAt.nanoseconds), .int8(startedAt?.nanoseconds),
        .int8(endedAt?.nanoseconds), .text(requestDigest),
      ], "ON CONFLICT DO NOTHING RETURNING key")
    return try await connection.run([statement])[0].read { try $0.integer(Int64.self) }.first
  }

  /// Writes what may change.
  func update(key: Int64) -> PostgresStatement {
    PostgresStatement(
      """
      UPDATE benchfront.run SET state = $1, completed_count = $2, failed_count = $3,
      committed_sample_count = $4, commit_number = $5, started_at = $6, ended_at = $7
      WHERE key = $8
      """,
      [
        .text(state.rawValue), .int8(completedCount), .int8(failedCount),
        .int8(committedSampleCount), .int8(commitNumber), .int8(startedAt?.nanoseconds),
        .int8(endedAt?.nanoseconds), .int8(key),
      ])
  }

  /// The run with its key, found by one column. `lock` stands behind the question.
  static func find(
    _ column: String, _ value: String, _ connection: PostgresConnection, lock: String = ""
  ) async throws -> (key: Int64, run: Run)? {
    try await connection.first(
      "SELECT u.key, \(selection) FROM benchfront.run u WHERE u.\(column) = $1 \(lock)",
      [.text(value)]
    ) { (key: try $0.integer(Int64.self), run: try Run(&$0)) }
  }
}

internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension Execution {
  /// The columns of an execution `e` of a batch `b`, a run `u` and a configuration `c`.
  static let selection = """
    \(BenchmarkConfiguration.selection), e.id, u.id, b.id, e.position, e.attempt, \
    e.request_count, e.committed, e.state, e.next_segment, e.started_at, e.ended_at, \
    e.engine_version, e.model_revision, e.is_simulated, e.failure
    """

  /// The tables that `selection` reads.
  static let source = """
    benchfront.execution e JOIN benchfront.batch b ON b.key = e.batch_key \
    JOIN benchfront.run u ON u.key = e.run_key \
    JOIN benchfront.configuration c ON c.key = e.configuration_key
    """

  /// Reads `selection`.
  init(_ reader: inout ColumnReader) throws {
    let configuration = try BenchmarkConfiguration(&reader)
    self.init(
      id: try reader.text(), runID: try reader.text(), batchID: try reader.text(),
      index: try reader.integer(), attempt: try reader.integer(), configuration: configuration,
      requestCount: try reader.integer())
    let bits = try reader.bytes()
    guard let committed = RequestBitmap(count: Int(requestCount), bytes: bits) else {
      throw StorageError.damaged("bitmap")
    }
    self.committed = committed
    self.state = try reader.name()
    self.nextSegment = try reader.integer()
    self.startedAt = try reader.optionalTime()
    self.endedAt = try reader.optionalTime()
    self.engineVersion = try reader.text()
    self.modelRevision = try reader.text()
    self.isSimulated = try reader.bool()
    self.failure = try reader.text()
  }

  /// The columns of a new execution, in the order of `CopyRows.append`.
  static let insertedColumns = """
    id, batch_key, run_key, position, attempt, configuration_key, state, request_count, \
    committed, is_full, next_segment, started_at, ended_at, engine_version, model_revision, \
    is_simulated, failure
    """

  /// Writes what a rule may change: all but the bitmap.
  func update(key: Int64) -> PostgresStatement {
    PostgresStatement(
      """
      UPDATE benchfront.execution SET state = $1, next_segment = $2, started_at = $3,
      ended_at = $4, engine_version = $5, model_revision = $6, is_simulated = $7, failure = $8
      WHERE key = $9
      """,
      [
        .text(state.rawValue), .int8(Int64(nextSegment)), .int8(startedAt?.nanoseconds),
        .int8(endedAt?.nanoseconds), .text(engineVersion), .text(modelRevision),
        .bool(isSimulated), .text(failure), .int8(key),
      ])
  }
}

extension CopyRows {
  /// A row of `benchfront.execution`.
  mutating func append(
    _ execution: Execution, runKey: Int64, batchKey: Int64, configurationKey: Int64
  ) {
    begin(columns: 17)
    text(execution.id)
    int8(batchKey)
    int8(runKey)
    int4(execution.index)
    int4(execution.attempt)
    int8(configurationKey)
    text(execution.state.rawValue)
    int4(execution.requestCount)
    bytes(execution.committed.bytes)
    bool(execution.committed.isFull)
    int8(Int64(execution.nextSegment))
    int8(execution.startedAt?.nanoseconds)
    int8(execution.endedAt?.nanoseconds)
    text(execution.engineVersion)
    text(execution.modelRevision)
    bool(execution.isSimulated)
    text(execution.failure)
  }
}

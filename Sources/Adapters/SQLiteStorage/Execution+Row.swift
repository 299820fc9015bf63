internal import BenchmarkDomain
internal import GRDB
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
    execution e JOIN batch b ON b.key = e.batch_key JOIN run u ON u.key = e.run_key \
    JOIN configuration c ON c.key = e.configuration_key
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

  /// Stores a new execution.
  func insert(
    runKey: Int64, batchKey: Int64, configurationKey: Int64, _ database: Database
  ) throws {
    try database.insert(
      into: "execution",
      """
      id, batch_key, run_key, position, attempt, configuration_key, state, request_count, \
      committed, committed_count, next_segment, started_at, ended_at, engine_version, \
      model_revision, is_simulated, failure
      """,
      [
        id, batchKey, runKey, index, attempt, configurationKey, state.rawValue, requestCount,
        blob(committed.bytes), committed.committedCount, nextSegment, startedAt?.nanoseconds,
        endedAt?.nanoseconds, engineVersion, modelRevision, isSimulated, failure,
      ])
  }

  /// Writes what a rule may change: all but the bitmap.
  func update(key: Int64, _ database: Database) throws {
    try database.run(
      """
      UPDATE execution SET state = ?, next_segment = ?, started_at = ?, ended_at = ?,
      engine_version = ?, model_revision = ?, is_simulated = ?, failure = ? WHERE key = ?
      """,
      [
        state.rawValue, nextSegment, startedAt?.nanoseconds, endedAt?.nanoseconds,
        engineVersion, modelRevision, isSimulated, failure, key,
      ])
  }
}

internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension Batch {
  /// The columns of a batch `b` of a run `u`.
  static let selection = """
    b.id, u.id, b.position, b.state, b.model_id, b.hardware_id, b.engine_id, \
    b.quantization_id, b.configuration_count, b.ended_count, b.agent_id, b.fencing_token, \
    b.lease_expires_at, b.version
    """

  /// The tables that `selection` reads.
  static let source = "benchfront.batch b JOIN benchfront.run u ON u.key = b.run_key"

  /// Reads `selection`.
  init(_ reader: inout ColumnReader) throws {
    let (id, runID) = (try reader.text(), try reader.text())
    let index = try reader.integer(Int32.self)
    let state = try reader.name(BatchState.self)
    self.init(
      id: id, runID: runID, index: index, modelID: try reader.text(),
      hardwareID: try reader.text(), engineID: try reader.text(),
      quantizationID: try reader.text(), configurationCount: try reader.integer())
    self.state = state
    self.endedCount = try reader.integer()
    self.agentID = try reader.optionalText()
    self.fencingToken = try reader.integer()
    self.leaseExpiresAt = try reader.optionalTime()
    self.version = try reader.integer()
  }

  /// Stores new batches; returns their keys by id.
  static func insert(
    _ batches: [Batch], runKey: Int64, _ connection: PostgresConnection
  ) async throws -> [String: Int64] {
    var rows = CopyRows(reservingBytes: batches.count * 256)
    for batch in batches { rows.append(batch, runKey) }
    try await rows.copy(
      into: "benchfront.batch",
      """
      id, run_key, position, state, model_id, hardware_id, engine_id, quantization_id, \
      configuration_count, ended_count, agent_id, fencing_token, lease_expires_at, version
      """, connection)
    let keys = try await connection.all(
      "SELECT id, key FROM benchfront.batch WHERE run_key = $1", [.int8(runKey)]
    ) { (try $0.text(), try $0.integer(Int64.self)) }
    return Dictionary(keys) { first, _ in first }
  }

  /// Writes what may change.
  func update(key: Int64) -> PostgresStatement {
    PostgresStatement(
      """
      UPDATE benchfront.batch SET state = $1, ended_count = $2, agent_id = $3,
      fencing_token = $4, lease_expires_at = $5, version = $6 WHERE key = $7
      """,
      [
        .text(state.rawValue), .int4(endedCount), .text(agentID), .int8(fencingToken),
        .int8(leaseExpiresAt?.nanoseconds), .int8(version), .int8(key),
      ])
  }

  /// True while an agent has the batch under `fence`. A lease past its end is held until it is
  /// taken back.
  func isHeld(under fence: Fence) -> Bool {
    state == .leased && fence.batchID == id && fence.token == fencingToken
  }
}

extension CopyRows {
  /// A row of `benchfront.batch`.
  fileprivate mutating func append(_ batch: Batch, _ runKey: Int64) {
    begin(columns: 14)
    text(batch.id)
    int8(runKey)
    int4(batch.index)
    for part in [
      batch.state.rawValue, batch.modelID, batch.hardwareID, batch.engineID, batch.quantizationID,
    ] { text(part) }
    int4(batch.configurationCount)
    int4(batch.endedCount)
    text(batch.agentID)
    int8(batch.fencingToken)
    int8(batch.leaseExpiresAt?.nanoseconds)
    int8(batch.version)
  }
}

internal import BenchmarkDomain
internal import GRDB
internal import Storage

extension Batch {
  /// The columns of a batch `b` of a run `u`.
  static let selection = """
    b.id, u.id, b.position, b.state, b.model_id, b.hardware_id, b.engine_id, \
    b.quantization_id, b.configuration_count, b.ended_count, b.agent_id, b.fencing_token, \
    b.lease_expires_at, b.version
    """

  /// The tables that `selection` reads.
  static let source = "batch b JOIN run u ON u.key = b.run_key"

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

  /// Stores a new batch; returns its key.
  func insert(runKey: Int64, _ database: Database) throws -> Int64 {
    try database.insert(
      into: "batch",
      """
      id, run_key, position, state, model_id, hardware_id, engine_id, quantization_id, \
      configuration_count, ended_count, agent_id, fencing_token, lease_expires_at, version
      """,
      [
        id, runKey, index, state.rawValue, modelID, hardwareID, engineID, quantizationID,
        configurationCount, endedCount, agentID, fencingToken, leaseExpiresAt?.nanoseconds,
        version,
      ])
  }

  /// Writes what may change.
  func update(key: Int64, _ database: Database) throws {
    try database.run(
      """
      UPDATE batch SET state = ?, ended_count = ?, agent_id = ?, fencing_token = ?,
      lease_expires_at = ?, version = ? WHERE key = ?
      """,
      [
        state.rawValue, endedCount, agentID, fencingToken, leaseExpiresAt?.nanoseconds, version,
        key,
      ])
  }

  /// True while an agent has the batch under `fence`. A lease past its end is held until it is
  /// taken back.
  func isHeld(under fence: Fence) -> Bool {
    state == .leased && fence.batchID == id && fence.token == fencingToken
  }
}

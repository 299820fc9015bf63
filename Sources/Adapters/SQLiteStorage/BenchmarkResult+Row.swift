internal import BenchmarkDomain
internal import GRDB
internal import Storage

extension BenchmarkResult {
  /// The columns of a result `r` of a configuration `c`.
  static let selection = """
    c.id, r.id, r.run_id, r.kind, r.tool, r.tool_version, r.source, r.engine_version, \
    r.model_revision, r.measured_at, r.request_count, r.error_count, r.measurements
    """

  /// The tables that `selection` reads.
  static let source = "result r JOIN configuration c ON c.key = r.configuration_key"

  /// Reads `selection`.
  init(_ reader: inout ColumnReader) throws {
    let configurationID = try ConfigurationID(stored: try reader.bytes())
    self.init(
      id: try reader.text(), configurationID: configurationID,
      runID: try reader.optionalText(),
      provenance: Provenance(
        kind: try reader.name(), tool: try reader.text(), toolVersion: try reader.text(),
        source: try reader.text(), engineVersion: try reader.text(),
        modelRevision: try reader.text()),
      measuredAt: try reader.optionalTime(), requestCount: try reader.integer(),
      errorCount: try reader.integer(),
      measurements: try MeasurementCoding.decode(try reader.bytes()))
  }

  /// The stored result of that id.
  static func find(_ id: String, _ database: Database) throws -> BenchmarkResult? {
    try database.first("SELECT \(selection) FROM \(source) WHERE r.id = ?", [id]) {
      try BenchmarkResult(&$0)
    }
  }

  /// Stores the result of a stored configuration; returns false when it is there with equal
  /// content, for an import also of another file, and refuses other content. Of a configuration
  /// and run, the newest attempt alone is read. `attempt` is 0 for an import.
  func store(configurationKey: Int64, attempt: Int32, _ database: Database) throws -> Bool {
    guard !id.isEmpty else { throw StorageError(.invalid, "A result needs an id.") }
    if let stored = try Self.find(id, database) {
      guard stored == self || runID == nil && stored.isSameMeasurement(as: self) else {
        throw StorageError(
          .alreadyExists,
          "The result \"\(id)\" (\(provenance.source)) is there with other content.")
      }
      return false
    }
    try insert(
      configurationKey, attempt, try markNewest(configurationKey, attempt, database), database)
    try DataVersion.move(database)
    return true
  }

  /// Takes earlier attempts out of the lists; returns false when a later one is there.
  private func markNewest(_ configurationKey: Int64, _ attempt: Int32, _ database: Database) throws
    -> Bool
  {
    guard let runID else { return true }
    try database.run(
      """
      UPDATE result SET is_newest = 0
      WHERE configuration_key = ? AND run_id = ? AND attempt < ? AND is_newest = 1
      """, [configurationKey, runID, attempt])
    let later = try database.first(
      "SELECT 1 FROM result WHERE configuration_key = ? AND run_id = ? AND attempt > ? LIMIT 1",
      [configurationKey, runID, attempt]
    ) { try $0.bool() }
    return later == nil
  }

  private func insert(
    _ configurationKey: Int64, _ attempt: Int32, _ isNewest: Bool, _ database: Database
  ) throws {
    try database.insert(
      into: "result",
      """
      id, configuration_key, run_id, attempt, is_newest, kind, tool, tool_version, source, \
      engine_version, model_revision, measured_at, request_count, error_count, ttft_seconds, \
      tpot_seconds, output_tokens_per_second, measurements
      """,
      [
        id, configurationKey, runID, attempt, isNewest, provenance.kind.rawValue,
        provenance.tool, provenance.toolVersion, provenance.source, provenance.engineVersion,
        provenance.modelRevision, measuredAt?.nanoseconds, requestCount, errorCount,
        typical(.ttft)?.value, typical(.tpot)?.value, typical(.outputThroughput)?.value,
        blob(try MeasurementCoding.encode(measurements)),
      ])
  }
}

extension ConfigurationResult {
  static let selection = BenchmarkConfiguration.selection + ", " + BenchmarkResult.selection

  /// Reads `selection`.
  init(_ reader: inout ColumnReader) throws {
    let configuration = try BenchmarkConfiguration(&reader)
    self.init(configuration: configuration, result: try BenchmarkResult(&reader))
  }
}

/// The version of the data that rankings read.
enum DataVersion {
  static func read(_ database: Database) throws -> Int64 {
    let version = try database.first("SELECT value FROM meta WHERE name = 'data_version'") {
      try $0.integer(Int64.self)
    }
    guard let version else { throw StorageError.damaged("data version") }
    return version
  }

  static func move(_ database: Database) throws {
    try database.run("UPDATE meta SET value = value + 1 WHERE name = 'data_version'")
  }
}

internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension BenchmarkResult {
  /// The columns of a result `r` of a configuration `c`.
  static let selection = """
    c.id, r.id, r.run_id, r.kind, r.tool, r.tool_version, r.source, r.engine_version, \
    r.model_revision, r.measured_at, r.request_count, r.error_count, r.measurements
    """

  /// The tables that `selection` reads.
  static let source = """
    benchfront.result r JOIN benchfront.configuration c ON c.key = r.configuration_key
    """

  /// Reads `selection`.
  init(_ reader: inout some ColumnSource) throws {
    let configurationID = try ConfigurationID(stored: try reader.slice())
    self.init(
      id: try reader.text(), configurationID: configurationID,
      runID: try reader.optionalText(),
      provenance: Provenance(
        kind: try reader.name(), tool: try reader.commonText(),
        toolVersion: try reader.commonText(), source: try reader.text(),
        engineVersion: try reader.commonText(), modelRevision: try reader.commonText()),
      measuredAt: try reader.optionalTime(), requestCount: try reader.integer(),
      errorCount: try reader.integer(),
      measurements: try MeasurementCoding.decode(try reader.slice()))
  }

  /// Whether `stored`, which has the same id, is this result: for an import also of another file.
  func isStored(as stored: BenchmarkResult) -> Bool {
    stored == self || runID == nil && stored.isSameMeasurement(as: self)
  }

  /// What is thrown when the id is there with other content.
  var refusal: StorageError {
    StorageError(
      .alreadyExists, "The result \"\(id)\" (\(provenance.source)) is there with other content.")
  }
}

extension ConfigurationResult {
  static let selection = BenchmarkConfiguration.selection + ", " + BenchmarkResult.selection

  /// Reads `selection`.
  init(_ reader: inout some ColumnSource) throws {
    let configuration = try BenchmarkConfiguration(&reader)
    self.init(configuration: configuration, result: try BenchmarkResult(&reader))
  }
}

/// Results on their way into their table, with the attempt that each is of; 0 for an import.
struct ResultInsertion {
  private static let columns = """
    id, configuration_key, run_id, attempt, is_newest, kind, tool, tool_version, source, \
    engine_version, model_revision, measured_at, request_count, error_count, ttft_seconds, \
    tpot_seconds, output_tokens_per_second, measurements
    """

  /// Stores the results that are new, of configurations that are stored; returns how many were.
  /// Those that are there with equal content are left, and other content is refused. Of a
  /// configuration and run, the newest attempt alone is read.
  static func store(
    _ results: [(result: BenchmarkResult, attempt: Int32)], _ keys: [ConfigurationID: Int64],
    _ connection: PostgresConnection
  ) async throws -> Int {
    var known = try await stored(results.map(\.result.id), connection)
    var news: [(result: BenchmarkResult, attempt: Int32, key: Int64)] = []
    for (result, attempt) in results {
      guard !result.id.isEmpty else { throw StorageError(.invalid, "A result needs an id.") }
      if let stored = known[result.id] {
        guard result.isStored(as: stored) else { throw result.refusal }
        continue
      }
      guard let key = keys[result.configurationID] else {
        throw StorageError(.invalid, "The result \"\(result.id)\" is of another configuration.")
      }
      known[result.id] = result
      news.append((result, attempt, key))
    }
    var rows = CopyRows()
    for (result, attempt, key) in news.sorted(by: { $0.result.id < $1.result.id }) {
      let isNewest = try await markNewest(result, attempt, key, connection)
      try rows.append(result, key, attempt, isNewest)
    }
    try await rows.copy(into: "benchfront.result", columns, connection)
    return news.count
  }

  /// The stored results of some ids.
  private static func stored(_ ids: [String], _ connection: PostgresConnection) async throws
    -> [String: BenchmarkResult]
  {
    let found = try await connection.all(
      """
      SELECT \(BenchmarkResult.selection) FROM \(BenchmarkResult.source) WHERE r.id = ANY ($1)
      """, [.textArray(ids)]
    ) { try BenchmarkResult(&$0) }
    return Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
  }

  /// Takes earlier attempts out of the lists; returns false when a later one is there.
  private static func markNewest(
    _ result: BenchmarkResult, _ attempt: Int32, _ key: Int64, _ connection: PostgresConnection
  ) async throws -> Bool {
    guard let runID = result.runID else { return true }
    let place: [PostgresParameter] = [.int8(key), .text(runID), .int4(attempt)]
    let answers = try await connection.run([
      PostgresStatement(
        """
        UPDATE benchfront.result SET is_newest = false
        WHERE configuration_key = $1 AND run_id = $2 AND attempt < $3 AND is_newest
        """, place),
      PostgresStatement(
        """
        SELECT NOT EXISTS (SELECT FROM benchfront.result
        WHERE configuration_key = $1 AND run_id = $2 AND attempt > $3)
        """, place),
    ])
    return try answers[1].read { try $0.bool() }.first ?? true
  }
}

extension CopyRows {
  /// A row of `benchfront.result`.
  fileprivate mutating func append(
    _ result: BenchmarkResult, _ key: Int64, _ attempt: Int32, _ isNewest: Bool
  ) throws {
    let provenance = result.provenance
    begin(columns: 18)
    text(result.id)
    int8(key)
    text(result.runID)
    int4(attempt)
    bool(isNewest)
    for part in [
      provenance.kind.rawValue, provenance.tool, provenance.toolVersion, provenance.source,
      provenance.engineVersion, provenance.modelRevision,
    ] { text(part) }
    int8(result.measuredAt?.nanoseconds)
    int8(result.requestCount)
    int8(result.errorCount)
    for metric in [Metric.ttft, .tpot, .outputThroughput] {
      float8(result.typical(metric)?.value)
    }
    bytes(try MeasurementCoding.encode(result.measurements))
  }
}

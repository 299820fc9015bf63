package import BenchmarkDomain
internal import GRDB
package import Storage

extension SQLiteStore {
  package func configurations(
    filter: ConfigurationFilter, order: ListOrder, page: PageRequest
  ) async throws -> Page<BenchmarkDomain.Configuration> {
    guard let key = order.key.configurationColumn else {
      throw StorageError(
        .invalid, "Configurations have no \"\(order.key.rawValue)\" to be ordered by.")
    }
    var list = PagedList(
      question: "configurations \(filter) \(order)", columns: BenchmarkConfiguration.selection,
      source: "configuration c",
      keys: [SortKey(expression: key, isDescending: order.isDescending)])
    if order.key != .configurationID { list.keys.append(SortKey(expression: "c.id")) }
    try list.condition.require(filter)
    return try await read { [list] database in
      try list.page(page, database) { try BenchmarkConfiguration(&$0) }
    }
  }

  package func configuration(_ id: ConfigurationID) async throws
    -> (BenchmarkDomain.Configuration, [BenchmarkResult])?
  {
    try await read { database in
      let configuration = try database.first(
        "SELECT \(BenchmarkConfiguration.selection) FROM configuration c WHERE c.id = ?",
        [id.stored]
      ) { try BenchmarkConfiguration(&$0) }
      guard let configuration else { return nil }
      let results = try database.all(
        """
        SELECT \(BenchmarkResult.selection) FROM \(BenchmarkResult.source)
        WHERE c.id = ? AND r.is_newest = 1
        ORDER BY r.measured_at IS NULL, r.measured_at DESC, r.id
        """, [id.stored]
      ) { try BenchmarkResult(&$0) }
      return (configuration, results)
    }
  }

  package func results(_ query: ResultQuery, page: PageRequest) async throws
    -> Page<ConfigurationResult>
  {
    let isDescending = query.order.isDescending
    let key =
      query.order.key.configurationColumn.map {
        SortKey(expression: $0, isDescending: isDescending)
      }
      ?? SortKey(
        expression: query.order.key.resultColumn, isDescending: isDescending, isNullable: true)
    var list = PagedList(
      question: "results \(query)", columns: ConfigurationResult.selection,
      source: BenchmarkResult.source, keys: [key, SortKey(expression: "r.id")])
    list.condition.require("r.is_newest = 1")
    try list.condition.require(query.filter)
    if let runID = query.runID { list.condition.require("r.run_id = ?", runID) }
    if let kind = query.provenance { list.condition.require("r.kind = ?", kind.rawValue) }
    return try await read { [list] database in
      try list.page(page, database) { try ConfigurationResult(&$0) }
    }
  }

  package func store(_ bundle: ImportBundle) async throws -> ImportOutcome {
    try await write { database, now in
      var outcome = ImportOutcome(
        storedCount: 0, duplicateCount: 0, newModelCount: 0, newHardwareCount: 0)
      for var model in bundle.models {
        if model.createdAt.nanoseconds == 0 { model.createdAt = now }
        if try model.registerIfNew(database) { outcome.newModelCount += 1 }
      }
      for hardware in bundle.hardware where try hardware.registerIfNew(database) {
        outcome.newHardwareCount += 1
      }
      for engine in bundle.engines { _ = try engine.registerIfNew(database) }
      for price in bundle.prices { _ = try price.registerUnderNewID(now, database) }
      for item in bundle.results {
        if try item.store(database) {
          outcome.storedCount += 1
        } else {
          outcome.duplicateCount += 1
        }
      }
      return outcome
    }
  }

  package func dataVersion() async throws -> Int64 {
    try await read { try DataVersion.read($0) }
  }

  package func snapshot() async throws -> CatalogSnapshot {
    try await read { database in
      CatalogSnapshot(
        version: try DataVersion.read(database),
        results: try database.all(
          """
          SELECT \(ConfigurationResult.selection) FROM \(BenchmarkResult.source)
          WHERE r.is_newest = 1
          """
        ) { try ConfigurationResult(&$0) },
        hardware: try HardwareProfile.all(database), prices: try PriceEntry.all(database),
        models: try Model.all(database))
    }
  }
}

extension ConfigurationResult {
  /// Stores an imported result with its configuration; returns false when it is there.
  fileprivate func store(_ database: Database) throws -> Bool {
    guard result.configurationID == configuration.id else {
      throw StorageError(.invalid, "The result \"\(result.id)\" is of another configuration.")
    }
    let key = try configuration.store(database)
    return try result.store(configurationKey: key, attempt: 0, database)
  }
}

extension ListOrder.Key {
  /// The configuration's column; nil when the key is one of results.
  fileprivate var configurationColumn: String? {
    switch self {
    case .configurationID: "c.id"
    case .modelID: "c.model_id"
    case .hardwareID: "c.hardware_id"
    case .engineID: "c.engine_id"
    case .quantizationID: "c.quantization_id"
    case .concurrency: "c.concurrency"
    case .inputTokens: "c.input_tokens"
    case .outputTokens: "c.output_tokens"
    case .measuredAt, .ttft, .tpot, .outputThroughput: nil
    }
  }

  /// The result's column, for the keys that have no other.
  fileprivate var resultColumn: String {
    switch self {
    case .ttft: "r.ttft_seconds"
    case .tpot: "r.tpot_seconds"
    case .outputThroughput: "r.output_tokens_per_second"
    default: "r.measured_at"
    }
  }
}

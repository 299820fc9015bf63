package import BenchmarkDomain
internal import PostgresClient
package import Storage

extension PostgresStore {
  package func configurations(
    filter: ConfigurationFilter, order: ListOrder, page: PageRequest
  ) async throws -> Page<BenchmarkDomain.Configuration> {
    guard let key = order.key.configurationColumn else {
      throw StorageError(
        .invalid, "Configurations have no \"\(order.key.rawValue)\" to be ordered by.")
    }
    let first = SortKey(expression: key.column, kind: key.kind, isDescending: order.isDescending)
    let isByID = order.key == .configurationID
    var list = PagedList(
      question: "configurations \(filter) \(order)", columns: BenchmarkConfiguration.selection,
      source: "benchfront.configuration c", key: isByID ? nil : first,
      ids: isByID ? [first] : [Self.configurationID])
    list.condition.require(filter)
    return try await read { [list] connection in
      try await list.page(page, connection) { try BenchmarkConfiguration(&$0) }
    }
  }

  package func configuration(_ id: ConfigurationID) async throws
    -> (BenchmarkDomain.Configuration, [BenchmarkResult])?
  {
    try await read { connection in
      let answers = try await connection.run([
        PostgresStatement(
          """
          SELECT \(BenchmarkConfiguration.selection) FROM benchfront.configuration c
          WHERE c.id = $1
          """, [.bytea(id.storedBytes)]),
        PostgresStatement(
          """
          SELECT \(BenchmarkResult.selection) FROM \(BenchmarkResult.source)
          WHERE c.id = $1 AND r.is_newest ORDER BY r.measured_at DESC NULLS LAST, r.id
          """, [.bytea(id.storedBytes)]),
      ])
      let configuration = try answers[0].read { try BenchmarkConfiguration(&$0) }.first
      guard let configuration else { return nil }
      return (configuration, try answers[1].read { try BenchmarkResult(&$0) })
    }
  }

  private static let configurationID = SortKey(expression: "c.id", kind: .bytes)

  /// What a list of results is ordered by.
  private static func key(_ order: ListOrder) -> SortKey {
    let isDescending = order.isDescending
    if let (column, kind) = order.key.configurationColumn {
      return SortKey(expression: column, kind: kind, isDescending: isDescending)
    }
    return SortKey(
      expression: order.key.resultColumn, kind: order.key == .measuredAt ? .integer : .real,
      isDescending: isDescending, isNullable: true)
  }

  package func results(_ query: ResultQuery, page: PageRequest) async throws
    -> Page<ConfigurationResult>
  {
    let resultID = SortKey(expression: "r.id", kind: .text)
    var list = PagedList(
      question: "results \(query)", columns: ConfigurationResult.selection,
      source: BenchmarkResult.source, key: Self.key(query.order), ids: [resultID])
    // Results of one configuration stay together, as the indexes of configurations have them.
    if query.order.key.configurationColumn != nil, query.order.key != .configurationID {
      list.ids = [Self.configurationID, resultID]
    }
    list.condition.require("r.is_newest")
    list.condition.require(query.filter)
    if let runID = query.runID { list.condition.require("r.run_id = $", .text(runID)) }
    if let kind = query.provenance { list.condition.require("r.kind = $", .text(kind.rawValue)) }
    return try await read { [list] connection in
      try await list.page(page, connection) { try ConfigurationResult(&$0) }
    }
  }

  package func store(_ bundle: ImportBundle) async throws -> ImportOutcome {
    for item in bundle.results where item.result.configurationID != item.configuration.id {
      throw StorageError(.invalid, "The result \"\(item.result.id)\" is of another configuration.")
    }
    return try await insertion { connection in
      let now = try await self.now(connection)
      var outcome = ImportOutcome(
        storedCount: 0, duplicateCount: 0, newModelCount: 0, newHardwareCount: 0)
      for var model in bundle.models {
        if model.createdAt.nanoseconds == 0 { model.createdAt = now }
        if try await model.insert(connection).isNew { outcome.newModelCount += 1 }
      }
      for hardware in bundle.hardware where try await hardware.insert(connection).isNew {
        outcome.newHardwareCount += 1
      }
      for engine in bundle.engines { _ = try await engine.insert(connection) }
      var newPriceCount = 0
      for price in bundle.prices where try await price.registerUnderNewID(now, connection).isNew {
        newPriceCount += 1
      }
      let keys = try await BenchmarkConfiguration.store(
        bundle.results.map(\.configuration), connection)
      outcome.storedCount = try await ResultInsertion.store(
        bundle.results.map { ($0.result, 0) }, keys, connection)
      outcome.duplicateCount = bundle.results.count - outcome.storedCount
      try await DataVersion.move(by: Int64(newPriceCount + outcome.movedCount), connection)
      return outcome
    }
  }

  package func dataVersion() async throws -> Int64 {
    try await read { try await DataVersion.read($0) }
  }

  package func snapshot() async throws -> CatalogSnapshot {
    try await transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY") { connection in
      try await Self.prepareForAll(connection)
      return CatalogSnapshot(
        version: try await DataVersion.read(connection),
        results: try await connection.copied(
          """
          SELECT \(ConfigurationResult.selection) FROM \(BenchmarkResult.source)
          WHERE r.is_newest
          """, about: try await Self.resultCount(connection)
        ) { try ConfigurationResult(&$0) },
        hardware: try await HardwareProfile.all(connection),
        prices: try await PriceEntry.all(connection), models: try await Model.all(connection))
    }
  }

  /// A million results take longer than any other statement may. Workers of a parallel plan would
  /// hand each row over through a queue; what would compile the plan takes longer than it saves;
  /// and unless all configurations fit into memory, every result is written to a file and read
  /// again before it is joined.
  private static func prepareForAll(_ connection: PostgresConnection) async throws {
    _ = try await connection.run([
      PostgresStatement("SET LOCAL statement_timeout = '10min'"),
      PostgresStatement("SET LOCAL max_parallel_workers_per_gather = 0"),
      PostgresStatement("SET LOCAL jit = off"),
      PostgresStatement("SET LOCAL work_mem = '128MB'"),
    ])
  }

  /// How many results there were when the database counted last; 0 when it has not.
  private static func resultCount(_ connection: PostgresConnection) async throws -> Int {
    let count = try await connection.first(
      "SELECT reltuples::int8 FROM pg_class WHERE oid = 'benchfront.result'::regclass"
    ) { try $0.integer(Int.self) }
    return max(0, count ?? 0)
  }
}

extension ListOrder.Key {
  /// The configuration's column; nil when the key is one of results.
  fileprivate var configurationColumn: (column: String, kind: SortKey.Kind)? {
    switch self {
    case .configurationID: ("c.id", .bytes)
    case .modelID: ("c.model_id", .text)
    case .hardwareID: ("c.hardware_id", .text)
    case .engineID: ("c.engine_id", .text)
    case .quantizationID: ("c.quantization_id", .text)
    case .concurrency: ("c.concurrency", .integer)
    case .inputTokens: ("c.input_tokens", .integer)
    case .outputTokens: ("c.output_tokens", .integer)
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

package import BenchmarkDomain
internal import PostgresClient
package import Storage

extension PostgresStore: CatalogStore {
  package func register(_ model: Model) async throws -> Model {
    try await transaction { connection in
      var model = model
      if model.createdAt.nanoseconds == 0 { model.createdAt = try await self.now(connection) }
      return try await model.registerForRankings(connection)
    }
  }

  package func model(_ id: String) async throws -> Model? {
    try await read { try await Model.find(id, $0) }
  }

  package func models(kind: ModelKind?, page: PageRequest) async throws -> Page<Model> {
    var condition = Condition()
    if let kind { condition.require("kind = $", .text(kind.rawValue)) }
    return try await read { [condition] connection in
      try await Model.page(page, condition, question: kind?.rawValue ?? "", connection)
    }
  }

  package func register(_ hardware: HardwareProfile) async throws -> HardwareProfile {
    try await transaction { try await hardware.registerForRankings($0) }
  }

  package func hardware(_ id: String) async throws -> HardwareProfile? {
    try await read { try await HardwareProfile.find(id, $0) }
  }

  package func hardware(page: PageRequest) async throws -> Page<HardwareProfile> {
    try await read { try await HardwareProfile.page(page, Condition(), question: "", $0) }
  }

  package func register(_ engine: Engine) async throws -> Engine {
    try await transaction { try await engine.register($0).stored }
  }

  package func engine(_ id: String) async throws -> Engine? {
    try await read { try await Engine.find(id, $0) }
  }

  package func engines(page: PageRequest) async throws -> Page<Engine> {
    try await read { try await Engine.page(page, Condition(), question: "", $0) }
  }

  package func register(_ price: PriceEntry) async throws -> PriceEntry {
    try await transaction { connection in
      let now = try await self.now(connection)
      let (stored, isNew) = try await price.registerUnderNewID(now, connection)
      if isNew { try await DataVersion.move(by: 1, connection) }
      return stored
    }
  }

  package func price(_ id: String) async throws -> PriceEntry? {
    try await read { try await PriceEntry.find(id, $0) }
  }

  package func prices(
    hardwareID: String?, modelID: String?, basis: PriceBasis?, page: PageRequest
  ) async throws -> Page<PriceEntry> {
    var condition = Condition()
    if let hardwareID { condition.require("hardware_id = $", .text(hardwareID)) }
    if let modelID { condition.require("model_id = $", .text(modelID)) }
    if let basis { condition.require("basis = $", .text(basis.rawValue)) }
    let question = "\([hardwareID, modelID, basis?.rawValue])"
    return try await read { [condition] connection in
      try await PriceEntry.page(page, condition, question: question, connection)
    }
  }
}

/// The version of the data that rankings read.
enum DataVersion {
  static func read(_ connection: PostgresConnection) async throws -> Int64 {
    let version = try await connection.first(
      "SELECT value FROM benchfront.meta WHERE name = 'data_version'"
    ) { try $0.integer(Int64.self) }
    guard let version else { throw StorageError.damaged("data version") }
    return version
  }

  /// Moves it and tells every server; the last that a transaction does, since others that move it
  /// wait for its end.
  static func move(by count: Int64, _ connection: PostgresConnection) async throws {
    guard count > 0 else { return }
    _ = try await connection.run(
      """
      WITH moved AS (
        UPDATE benchfront.meta SET value = value + $1 WHERE name = 'data_version' RETURNING value)
      SELECT pg_notify('\(StoreChange.catalogChannel)', value::text)::text FROM moved
      """, [.int8(count)])
  }
}

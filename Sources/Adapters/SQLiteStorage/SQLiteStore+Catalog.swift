package import BenchmarkDomain
internal import GRDB
package import Storage

extension SQLiteStore: CatalogStore {
  package func register(_ model: Model) async throws -> Model {
    try await write { database, now in
      var model = model
      if model.createdAt.nanoseconds == 0 { model.createdAt = now }
      return try model.register(database)
    }
  }

  package func model(_ id: String) async throws -> Model? {
    try await read { try Model.find(id, $0) }
  }

  package func models(kind: ModelKind?, page: PageRequest) async throws -> Page<Model> {
    var condition = Condition()
    if let kind { condition.require("kind = ?", kind.rawValue) }
    return try await read { [condition] database in
      try Model.page(page, condition, question: kind?.rawValue ?? "", database)
    }
  }

  package func register(_ hardware: HardwareProfile) async throws -> HardwareProfile {
    try await write { database, _ in try hardware.register(database) }
  }

  package func hardware(_ id: String) async throws -> HardwareProfile? {
    try await read { try HardwareProfile.find(id, $0) }
  }

  package func hardware(page: PageRequest) async throws -> Page<HardwareProfile> {
    try await read { try HardwareProfile.page(page, Condition(), question: "", $0) }
  }

  package func register(_ engine: Engine) async throws -> Engine {
    try await write { database, _ in try engine.register(database) }
  }

  package func engine(_ id: String) async throws -> Engine? {
    try await read { try Engine.find(id, $0) }
  }

  package func engines(page: PageRequest) async throws -> Page<Engine> {
    try await read { try Engine.page(page, Condition(), question: "", $0) }
  }

  package func register(_ price: PriceEntry) async throws -> PriceEntry {
    try await write { database, now in try price.registerUnderNewID(now, database).price }
  }

  package func price(_ id: String) async throws -> PriceEntry? {
    try await read { try PriceEntry.find(id, $0) }
  }

  package func prices(
    hardwareID: String?, modelID: String?, basis: PriceBasis?, page: PageRequest
  ) async throws -> Page<PriceEntry> {
    var condition = Condition()
    if let hardwareID { condition.require("hardware_id = ?", hardwareID) }
    if let modelID { condition.require("model_id = ?", modelID) }
    if let basis { condition.require("basis = ?", basis.rawValue) }
    let question = "\([hardwareID, modelID, basis?.rawValue])"
    return try await read { [condition] database in
      try PriceEntry.page(page, condition, question: question, database)
    }
  }
}

extension PriceEntry {
  /// Stores the price under a new id unless an equal one is there; returns the stored one.
  func registerUnderNewID(_ now: WallTime, _ database: Database) throws
    -> (price: PriceEntry, isNew: Bool)
  {
    if let stored = try findEqual(database) { return (stored, false) }
    var price = self
    price.id = Identifier.uuidVersion7(
      at: now, random: (.random(in: .min ... .max), .random(in: .min ... .max)))
    _ = try price.register(database)
    return (price, true)
  }
}

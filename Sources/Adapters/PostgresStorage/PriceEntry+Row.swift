internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

extension PriceEntry: CatalogEntry {
  static var table: String { "benchfront.price" }
  static var noun: String { "price" }
  static var columns: String {
    """
    id, hardware_id, model_id, usd_per_hour, usd_per_million_input_tokens, \
    usd_per_million_output_tokens, basis, offer, region, source, observed_at
    """
  }

  func parameters() throws -> [PostgresParameter] {
    let rest: [PostgresParameter] = [
      .text(basis.rawValue), .text(offer), .text(region), .text(source),
      .int8(observedAt.nanoseconds),
    ]
    switch item {
    case .hardware(let hardware, let perHour):
      try requireFinite([perHour], "A price")
      return [
        .text(id), .text(hardware), .text(nil), .float8(perHour), .float8(nil), .float8(nil),
      ] + rest
    case .model(let model, let input, let output):
      try requireFinite([input, output], "A price")
      return [
        .text(id), .text(nil), .text(model), .float8(nil), .float8(input), .float8(output),
      ] + rest
    }
  }

  init(_ reader: inout ColumnReader) throws {
    let id = try reader.text()
    let hardwareID = try reader.optionalText()
    let modelID = try reader.optionalText()
    let perHour = try reader.optionalReal()
    let input = try reader.optionalReal()
    let output = try reader.optionalReal()
    let item: PricedItem
    switch (hardwareID, modelID, perHour, input, output) {
    case (let hardware?, nil, let perHour?, nil, nil):
      item = .hardware(id: hardware, usdPerHour: perHour)
    case (nil, let model?, nil, let input?, let output?):
      item = .model(
        id: model, usdPerMillionInputTokens: input, usdPerMillionOutputTokens: output)
    default: throw StorageError.damaged("price")
    }
    self.init(
      id: id, item: item, basis: try reader.name(), offer: try reader.text(),
      region: try reader.text(), source: try reader.text(), observedAt: try reader.time())
  }

  /// The stored price that says the same, whatever its id.
  private func findEqual(_ connection: PostgresConnection) async throws -> PriceEntry? {
    let column =
      switch item {
      case .hardware: "hardware_id = $2"
      case .model: "model_id = $3"
      }
    return try await connection.first(
      """
      SELECT \(Self.columns) FROM \(Self.table)
      WHERE \(column)
      AND hardware_id IS NOT DISTINCT FROM $2 AND model_id IS NOT DISTINCT FROM $3
      AND usd_per_hour IS NOT DISTINCT FROM $4
      AND usd_per_million_input_tokens IS NOT DISTINCT FROM $5
      AND usd_per_million_output_tokens IS NOT DISTINCT FROM $6 AND basis = $7 AND offer = $8
      AND region = $9 AND source = $10 AND observed_at = $11 ORDER BY id LIMIT 1
      """, try parameters()
    ) { try PriceEntry(&$0) }
  }

  /// Stores the price under a new id unless an equal one is there; returns the stored one. Prices
  /// are registered one at a time, so that two servers do not both find none.
  func registerUnderNewID(_ now: WallTime, _ connection: PostgresConnection) async throws
    -> (price: PriceEntry, isNew: Bool)
  {
    _ = try await connection.run(
      "SELECT pg_advisory_xact_lock(hashtextextended('benchfront.price', 0))")
    if let stored = try await findEqual(connection) { return (stored, false) }
    var price = self
    price.id = Identifier.uuidVersion7(
      at: now, random: (.random(in: .min ... .max), .random(in: .min ... .max)))
    return (try await price.register(connection).stored, true)
  }
}

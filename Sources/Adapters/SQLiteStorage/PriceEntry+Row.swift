internal import BenchmarkDomain
internal import GRDB
internal import Storage

extension PriceEntry: CatalogEntry {
  static var table: String { "price" }
  static var noun: String { "price" }
  static var columns: String {
    """
    id, hardware_id, model_id, usd_per_hour, usd_per_million_input_tokens, \
    usd_per_million_output_tokens, basis, offer, region, source, observed_at
    """
  }

  func arguments() throws -> Arguments {
    [id] + (try content())
  }

  /// Everything but the id.
  private func content() throws -> Arguments {
    let rest: Arguments = [basis.rawValue, offer, region, source, observedAt.nanoseconds]
    switch item {
    case .hardware(let id, let perHour):
      try requireFinite([perHour], "A price")
      return [id, nil, perHour, nil, nil] + rest
    case .model(let id, let input, let output):
      try requireFinite([input, output], "A price")
      return [nil, id, nil, input, output] + rest
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
  func findEqual(_ database: Database) throws -> PriceEntry? {
    try database.first(
      """
      SELECT \(Self.columns) FROM price WHERE hardware_id IS ? AND model_id IS ?
      AND usd_per_hour IS ? AND usd_per_million_input_tokens IS ?
      AND usd_per_million_output_tokens IS ? AND basis = ? AND offer = ? AND region = ?
      AND source = ? AND observed_at = ? ORDER BY id LIMIT 1
      """, try content()
    ) { try PriceEntry(&$0) }
  }
}

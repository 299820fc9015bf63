internal import BenchmarkDomain
internal import FoundationEssentials
internal import GRDB
internal import Storage

typealias BenchmarkConfiguration = BenchmarkDomain.Configuration

extension BenchmarkConfiguration {
  /// The columns of the table, of which the first is the key, as `c`.
  static let selection = """
    c.id, c.model_id, c.hardware_id, c.engine_id, c.quantization_id, c.input_tokens, \
    c.output_tokens, c.concurrency, c.max_batch, c.extra
    """

  /// Reads `selection`; a row whose id is not that of its content is damaged.
  init(_ reader: inout ColumnReader) throws {
    let id = try ConfigurationID(stored: try reader.bytes())
    self.init(
      modelID: try reader.text(), hardwareID: try reader.text(), engineID: try reader.text(),
      quantizationID: try reader.text(),
      workload: Workload(
        inputTokens: try reader.integer(), outputTokens: try reader.integer(),
        concurrency: try reader.integer(), maxBatch: try reader.integer()),
      extraDimensions: try DimensionList.decode(try reader.text()))
    guard self.id == id else { throw StorageError.damaged("configuration") }
  }

  /// Stores the configuration where it is new; returns its key. An equal id with other content
  /// is refused.
  func store(_ database: Database) throws -> Int64 {
    let stored = try database.first(
      "SELECT \(Self.selection), c.key FROM configuration c WHERE c.id = ?", [id.stored]
    ) { reader in (configuration: try Self(&reader), key: try reader.integer(Int64.self)) }
    if let stored {
      guard stored.configuration == self else {
        throw StorageError(
          .alreadyExists, "The configuration id \(id) is there with other dimensions.")
      }
      return stored.key
    }
    return try database.insert(
      into: "configuration",
      """
      id, model_id, hardware_id, engine_id, quantization_id, input_tokens, output_tokens, \
      concurrency, max_batch, extra
      """,
      [
        id.stored, modelID, hardwareID, engineID, quantizationID, workload.inputTokens,
        workload.outputTokens, workload.concurrency, workload.maxBatch,
        try DimensionList.encode(extraDimensions),
      ])
  }
}

/// Further dimensions as one JSON list of names and values in turn.
private enum DimensionList {
  static func encode(_ dimensions: [Dimension]) throws -> String {
    if dimensions.isEmpty { return "[]" }
    return try TextList.encode(dimensions.flatMap { [$0.name, $0.value] })
  }

  static func decode(_ text: String) throws -> [Dimension] {
    if text == "[]" { return [] }
    let texts = try TextList.decode(text)
    guard texts.count.isMultiple(of: 2) else { throw StorageError.damaged("dimension") }
    return stride(from: 0, to: texts.count, by: 2).map {
      Dimension(name: texts[$0], value: texts[$0 + 1])
    }
  }
}

extension Condition {
  /// Requires what a filter asks of a configuration `c`.
  mutating func require(_ filter: ConfigurationFilter) throws {
    try require("c.model_id", oneOf: filter.modelIDs)
    try require("c.hardware_id", oneOf: filter.hardwareIDs)
    try require("c.engine_id", oneOf: filter.engineIDs)
    try require("c.quantization_id", oneOf: filter.quantizationIDs)
    if !filter.accelerators.isEmpty {
      require(
        """
        c.hardware_id IN (SELECT id FROM hardware \
        WHERE accelerator IN (SELECT value FROM json_each(?)))
        """, try TextList.encode(filter.accelerators))
    }
    require("c.input_tokens", filter.minInputTokens, filter.maxInputTokens)
    require("c.output_tokens", filter.minOutputTokens, filter.maxOutputTokens)
    require("c.concurrency", filter.minConcurrency, filter.maxConcurrency)
  }

  private mutating func require(_ column: String, _ least: Int32, _ most: Int32) {
    if least != 0 { require("\(column) >= ?", least) }
    if most != 0 { require("\(column) <= ?", most) }
  }
}

/// A table as it moves from one store to another: what every store keeps of it, under the names
/// that every store's table has. What a store keeps besides follows from that.
///
/// Keys move as they are, so that rows refer to each other as before. Numbers of tables and places
/// of columns are written into archives and never change; a new column comes last, with a new
/// version of the archive.
package struct TransferTable: Sendable {
  /// Its number in an archive.
  package let number: Int
  /// Its name.
  package let name: String
  /// What one row is called in a sentence.
  package let noun: String
  /// What several rows are called in a sentence.
  package let plural: String
  /// Its columns, of which the first `orderCount` say what a row is and in which order they come.
  package let columns: [TransferColumn]
  /// How many columns make the order: numbers by size, texts byte by byte.
  package let orderCount: Int
  /// True when the only column of the order is a key that the store counts on.
  package let hasOwnKey: Bool
  /// Most rows of a page; as many of the largest rows fit into memory.
  package let pageSize: Int

  init(
    _ number: Int, _ name: String, _ noun: String, _ plural: String, orderCount: Int = 1,
    pageSize: Int = 500, _ groups: [TransferColumn]...
  ) {
    self.number = number
    self.name = name
    self.noun = noun
    self.plural = plural
    self.columns = groups.flatMap { $0 }
    self.orderCount = orderCount
    self.hasOwnKey = columns[0].name == "key"
    self.pageSize = pageSize
  }

  /// Where a column stands in a row. The name is one of the table's.
  package func place(of name: String) -> Int {
    guard let place = columns.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\(self.name) has no column \(name)")
    }
    return place
  }

  /// The table whose key the rows begin with, where no store's own constraint looks for it.
  package var owner: TransferTable? {
    switch number {
    case Self.sample.number: .execution
    case Self.commit.number: .run
    default: nil
    }
  }

  /// The keys of the owners of some rows, each once.
  package func ownerKeys(of rows: [TransferRow]) -> [Int64] {
    let keys = rows.map { row -> Int64 in
      if case .integer(let key) = row[0] { key } else { 0 }
    }
    return Array(Set(keys))
  }

  /// Every table, in an order in which each refers to those before it alone.
  package static let all = [
    meta, model, hardware, engine, price, configuration, result, run, batch, execution, segment,
    sample, commit, agent, audit,
  ]

  /// The version of the data: one row.
  package static let meta = TransferTable(
    10, "meta", "version of the data", "versions of the data", [.text("name"), .count("value")])

  /// Models.
  package static let model = TransferTable(
    11, "model", "model", "models",
    .texts("id", "display_name", "kind", "provider"),
    [
      .integer("parameter_count"), .integer("layer_count"), .integer("key_value_head_count"),
      .integer("head_dimension"), .integer("context_length"), .text("license"), .text("revision"),
      .integer("created_at"),
    ])

  /// Hardware profiles.
  package static let hardware = TransferTable(
    12, "hardware", "hardware profile", "hardware profiles",
    .texts("id", "accelerator", "vendor"),
    [
      .integer("accelerator_count"), .integer("memory_bytes"),
      .integer("memory_bandwidth_bytes_per_second"), .real("power_watts"),
    ])

  /// Engines.
  package static let engine = TransferTable(
    13, "engine", "engine", "engines",
    .texts("id", "display_name"), [.list("quantization_ids"), .text("homepage")])

  /// Prices.
  package static let price = TransferTable(
    14, "price", "price", "prices",
    [
      .text("id"), .text("hardware_id", isOptional: true), .text("model_id", isOptional: true),
      .real("usd_per_hour", isOptional: true),
      .real("usd_per_million_input_tokens", isOptional: true),
      .real("usd_per_million_output_tokens", isOptional: true),
    ], .texts("basis", "offer", "region", "source"), [.integer("observed_at")])

  /// Configurations that are known.
  package static let configuration = TransferTable(
    15, "configuration", "configuration", "configurations",
    [.key("key"), .bytes("id")], .texts("model_id", "hardware_id", "engine_id", "quantization_id"),
    [
      .small("input_tokens"), .small("output_tokens"), .small("concurrency"),
      .small("max_batch"), .list("extra"),
    ])

  /// Results.
  package static let result = TransferTable(
    16, "result", "result", "results",
    [
      .key("key"), .text("id"), .key("configuration_key"), .text("run_id", isOptional: true),
      .small("attempt"), .bool("is_newest"),
    ], .texts("kind", "tool", "tool_version", "source", "engine_version", "model_revision"),
    [
      .integer("measured_at", isOptional: true), .integer("request_count"), .integer("error_count"),
      .real("ttft_seconds", isOptional: true), .real("tpot_seconds", isOptional: true),
      .real("output_tokens_per_second", isOptional: true), .bytes("measurements"),
    ])
}

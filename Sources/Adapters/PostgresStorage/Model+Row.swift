internal import BenchmarkDomain
internal import PostgresClient

extension Model: CatalogEntry {
  static var table: String { "benchfront.model" }
  static var noun: String { "model" }
  static var columns: String {
    """
    id, display_name, kind, provider, parameter_count, layer_count, key_value_head_count, \
    head_dimension, context_length, license, revision, created_at
    """
  }

  func parameters() -> [PostgresParameter] {
    [
      .text(id), .text(displayName), .text(kind.rawValue), .text(provider),
      .int8(parameterCount), .int8(Int64(layerCount)), .int8(Int64(keyValueHeadCount)),
      .int8(Int64(headDimension)), .int8(Int64(contextLength)), .text(license), .text(revision),
      .int8(createdAt.nanoseconds),
    ]
  }

  init(_ reader: inout ColumnReader) throws {
    self.init(
      id: try reader.text(), displayName: try reader.text(), kind: try reader.name(),
      provider: try reader.text(), parameterCount: try reader.integer(),
      layerCount: try reader.integer(), keyValueHeadCount: try reader.integer(),
      headDimension: try reader.integer(), contextLength: try reader.integer(),
      license: try reader.text(), revision: try reader.text(), createdAt: try reader.time())
  }

  func saysTheSame(as other: Model) -> Bool {
    var other = other
    other.createdAt = createdAt
    return self == other
  }
}

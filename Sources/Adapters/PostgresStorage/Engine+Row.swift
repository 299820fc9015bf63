internal import BenchmarkDomain
internal import PostgresClient

extension Engine: CatalogEntry {
  static var table: String { "benchfront.engine" }
  static var noun: String { "engine" }
  static var columns: String { "id, display_name, quantization_ids, homepage" }

  func parameters() -> [PostgresParameter] {
    [.text(id), .text(displayName), .textArray(quantizationIDs), .text(homepage)]
  }

  init(_ reader: inout ColumnReader) throws {
    self.init(
      id: try reader.text(), displayName: try reader.text(),
      quantizationIDs: try reader.texts(), homepage: try reader.text())
  }
}

internal import BenchmarkDomain
internal import GRDB

extension Engine: CatalogEntry {
  static var table: String { "engine" }
  static var noun: String { "engine" }
  static var isRanked: Bool { false }
  static var columns: String { "id, display_name, quantization_ids, homepage" }

  func arguments() throws -> Arguments {
    [id, displayName, try TextList.encode(quantizationIDs), homepage]
  }

  init(_ reader: inout ColumnReader) throws {
    self.init(
      id: try reader.text(), displayName: try reader.text(),
      quantizationIDs: try reader.texts(), homepage: try reader.text())
  }
}

internal import Storage

/// A row as a protobuf message: column i is field i + 1. Every field is written, in order, unless
/// there is no value, so that equal rows are equal bytes.
enum RowCoding {
  static func encode(_ row: TransferRow) -> [UInt8] {
    var writer = WireWriter()
    for (place, value) in row.enumerated() {
      let field = place + 1
      switch value {
      case .null: break
      case .integer(let number): writer.integer(field, number)
      case .bool(let isTrue): writer.integer(field, isTrue ? 1 : 0)
      case .real(let number): writer.real(field, number)
      case .text(let text): writer.text(field, text)
      case .texts(let texts): for text in texts { writer.text(field, text) }
      case .bytes(let bytes): writer.counted(field, bytes)
      }
    }
    return writer.bytes
  }

  /// Reads a row; nil for what `encode` does not write of a row of the table.
  static func decode(_ bytes: ArraySlice<UInt8>, of table: TransferTable) -> TransferRow? {
    var reader = WireReader(bytes)
    var row: TransferRow = []
    row.reserveCapacity(table.columns.count)
    for (place, column) in table.columns.enumerated() {
      guard let value = value(of: column, place + 1, &reader) else { return nil }
      row.append(value)
    }
    return reader.isAtEnd ? row : nil
  }

  private static func value(
    of column: TransferColumn, _ field: Int, _ reader: inout WireReader
  ) -> TransferValue? {
    if column.kind == .texts {
      var texts: [String] = []
      while reader.take(field, .counted) {
        guard let text = reader.text() else { return nil }
        texts.append(text)
      }
      return .texts(texts)
    }
    guard reader.take(field, column.kind.wireType) else { return column.isOptional ? .null : nil }
    switch column.kind {
    case .integer: return reader.integer().map { .integer($0) }
    case .bool: return reader.varint().flatMap { $0 <= 1 ? .bool($0 == 1) : nil }
    case .real: return reader.real().map { .real($0) }
    case .text, .texts: return reader.text().map { .text($0) }
    case .bytes: return reader.counted().map { .bytes(Array($0)) }
    }
  }
}

extension TransferColumn.Kind {
  fileprivate var wireType: WireType {
    switch self {
    case .integer, .bool: .varint
    case .real: .fixed64
    case .text, .texts, .bytes: .counted
    }
  }
}

internal import GRDB
internal import Storage

/// Reads a file that nobody writes meanwhile.
struct SQLiteTransferSource: TransferSource {
  let database: any DatabaseReader

  func forEachPage(
    of table: TransferTable, _ body: ([TransferRow]) async throws -> Void
  ) async throws {
    var last: TransferRow?
    while true {
      let page = try await page(of: table, after: last)
      guard !page.isEmpty else { return }
      try table.requireSound(page)
      try await body(page)
      last = page.last
    }
  }

  /// The tables that hold something.
  func filledTables() async throws -> [TransferTable] {
    var found: [TransferTable] = []
    for table in TransferTable.all {
      let isFilled = try await read { database in
        try database.first("SELECT EXISTS (SELECT 1 FROM \(table.name))") { try $0.bool() }
      }
      if isFilled == true { found.append(table) }
    }
    return found
  }

  private func page(
    of table: TransferTable, after last: TransferRow?
  ) async throws -> [TransferRow] {
    let names = table.columns.map(\.name).joined(separator: ", ")
    let order = table.columns.prefix(table.orderCount).map(\.name).joined(separator: ", ")
    let marks = [String](repeating: "?", count: table.orderCount).joined(separator: ", ")
    let condition = last == nil ? "" : "WHERE (\(order)) > (\(marks)) "
    return try await read { database in
      let place = try (last?.prefix(table.orderCount) ?? []).map { try $0.argument() }
      return try database.all(
        "SELECT \(names) FROM \(table.name) \(condition)ORDER BY \(order) LIMIT ?",
        place + [table.pageSize]
      ) { reader in try table.columns.map { try reader.value(of: $0) } }
    }
  }

  private func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    do { return try await database.read(body) } catch let error as DatabaseError {
      throw StorageError(error)
    }
  }
}

extension ColumnReader {
  /// The next column's value.
  fileprivate mutating func value(of column: TransferColumn) throws -> TransferValue {
    switch column.kind {
    case .integer: try optionalInteger().map { .integer($0) } ?? .null
    case .bool: .bool(try bool())
    case .real: try optionalReal().map { .real($0) } ?? .null
    case .text: try optionalText().map { .text($0) } ?? .null
    case .texts: .texts(try texts())
    case .bytes: .bytes(try bytes())
    }
  }
}

extension TransferValue {
  /// The value as it is bound to a statement.
  func argument() throws -> (any DatabaseValueConvertible)? {
    switch self {
    case .null: nil
    case .integer(let number): number
    case .bool(let isTrue): isTrue
    case .real(let number): number
    case .text(let text): text
    case .texts(let texts): try TextList.encode(texts)
    case .bytes(let bytes): blob(bytes)
    }
  }
}

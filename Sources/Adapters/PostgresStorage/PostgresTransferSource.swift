internal import PostgresClient
internal import Storage

/// Reads a database inside a transaction.
struct PostgresTransferSource: TransferSource {
  let connection: PostgresConnection

  func forEachPage(
    of table: TransferTable, _ body: ([TransferRow]) async throws -> Void
  ) async throws {
    let names = table.columns.map(\.name).joined(separator: ", ")
    let order = table.columns.prefix(table.orderCount).map(\.name).joined(separator: ", ")
    // One name for each: what is prepared to read a cursor fits its columns alone.
    let cursor = "transfer_\(table.name)"
    // Else the planner may sort a year of samples, which have an index in that order.
    _ = try await connection.run("SET LOCAL cursor_tuple_fraction = 0")
    _ = try await connection.run(
      """
      DECLARE \(cursor) NO SCROLL CURSOR FOR
      SELECT \(names) FROM benchfront.\(table.name) ORDER BY \(order)
      """)
    while true {
      let page = try await connection.all("FETCH \(table.pageSize) FROM \(cursor)") { reader in
        try table.columns.map { try reader.value(of: $0) }
      }
      guard !page.isEmpty else { break }
      try table.requireSound(page)
      try await body(page)
    }
    _ = try await connection.run("CLOSE \(cursor)")
  }

  /// The tables that hold something.
  func filledTables() async throws -> [TransferTable] {
    var found: [TransferTable] = []
    for table in TransferTable.all {
      let isFilled = try await connection.first(
        "SELECT EXISTS (SELECT FROM benchfront.\(table.name))"
      ) { try $0.bool() }
      if isFilled == true { found.append(table) }
    }
    return found
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

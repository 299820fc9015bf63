internal import BenchmarkDomain
internal import GRDB
internal import Storage

/// Writes a file that nobody reads meanwhile.
struct SQLiteTransferTarget: TransferTarget {
  let queue: DatabaseQueue

  func forEachPage(
    of table: TransferTable, _ body: ([TransferRow]) async throws -> Void
  ) async throws {
    try await SQLiteTransferSource(database: queue).forEachPage(of: table, body)
  }

  func append(_ rows: [TransferRow], to table: TransferTable) async throws {
    do {
      try await SQLiteTransfer.write(queue) { database in
        try Self.requireOwners(of: rows, table, database)
        for row in rows { try Self.insert(row, table, database) }
      }
    } catch let error as StorageError where error.code == .conflict {
      throw StorageError.unfitting
    }
  }

  private static func requireOwners(
    of rows: [TransferRow], _ table: TransferTable, _ database: Database
  ) throws {
    guard let owner = table.owner else { return }
    for key in table.ownerKeys(of: rows) {
      let isThere = try database.first(
        "SELECT EXISTS (SELECT 1 FROM \(owner.name) WHERE key = ?)", [key]
      ) { try $0.bool() }
      guard isThere == true else { throw StorageError.unfitting }
    }
  }

  private static func insert(
    _ row: TransferRow, _ table: TransferTable, _ database: Database
  ) throws {
    var names = table.columns.map(\.name)
    var values = try row.map { try $0.argument() }
    if table.number == TransferTable.execution.number {
      names.append("committed_count")
      values.append(TransferTable.committed(in: row)?.committedCount)
    }
    try database.insert(into: table.name, names.joined(separator: ", "), values)
  }
}

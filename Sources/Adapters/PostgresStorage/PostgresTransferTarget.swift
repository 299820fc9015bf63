internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

/// Fills a database inside a transaction.
struct PostgresTransferTarget: TransferTarget {
  let connection: PostgresConnection

  func forEachPage(
    of table: TransferTable, _ body: ([TransferRow]) async throws -> Void
  ) async throws {
    try await PostgresTransferSource(connection: connection).forEachPage(of: table, body)
  }

  func append(_ rows: [TransferRow], to table: TransferTable) async throws {
    do {
      try await requireOwners(of: rows, table)
      let widths = try await widths(of: table)
      switch table.number {
      case TransferTable.execution.number: try await appendExecutions(rows, widths)
      case TransferTable.sample.number: try await appendSamples(rows, widths)
      default:
        let whole = rows.map { row -> (row: TransferRow, more: [Derived]) in (row, []) }
        try await copy(whole, to: table, widths, more: [])
      }
    } catch let error as PostgresError where error.isConstraintViolation {
      throw StorageError.unfitting
    }
  }

  private func requireOwners(of rows: [TransferRow], _ table: TransferTable) async throws {
    guard let owner = table.owner else { return }
    let keys = table.ownerKeys(of: rows)
    let found = try await connection.first(
      "SELECT count(*) FROM benchfront.\(owner.name) WHERE key = ANY ($1)", [.int8Array(keys)]
    ) { try $0.integer(Int.self) }
    guard found == keys.count else { throw StorageError.unfitting }
  }

  // MARK: What follows from the rows

  /// A value that this store keeps besides.
  private enum Derived {
    case bool(Bool)
    case time(Int64?)
  }

  /// Executions, with the partitions of their samples.
  private func appendExecutions(_ rows: [TransferRow], _ widths: [Int]) async throws {
    let started = TransferTable.execution.place(of: "started_at")
    let now = try await connection.first("SELECT benchfront.nanoseconds(NULL)") { try $0.time() }
    var times: Set<Int64> = []
    let whole = rows.map { row -> (row: TransferRow, more: [Derived]) in
      guard let committed = TransferTable.committed(in: row), committed.committedCount > 0 else {
        let isFull = TransferTable.committed(in: row)?.isFull == true
        return (row, [.bool(isFull), .time(nil)])
      }
      var time = now?.microseconds ?? 0
      if case .integer(let moment) = row[started] {
        time = WallTime(nanoseconds: moment).microseconds
      }
      times.insert(time)
      return (row, [.bool(committed.isFull), .time(time)])
    }
    try await copy(whole, to: .execution, widths, more: ["is_full", "samples_at"])
    _ = try await connection.run(
      """
      SELECT benchfront.make_sample_partition(w.week AT TIME ZONE 'UTC')::text FROM (
        SELECT DISTINCT date_trunc('week', (
          timestamptz 'epoch' + n.time * INTERVAL '1 microsecond') AT TIME ZONE 'UTC') AS week
        FROM unnest($1::int8[]) AS n (time)) AS w
      """, [.int8Array(Array(times))])
  }

  /// Samples, each beside those of its execution.
  private func appendSamples(_ rows: [TransferRow], _ widths: [Int]) async throws {
    let keys = rows.map { row -> Int64 in
      if case .integer(let key) = row[0] { key } else { 0 }
    }
    let found = try await connection.all(
      "SELECT key, samples_at FROM benchfront.execution WHERE key = ANY ($1)",
      [.int8Array(Array(Set(keys)))]
    ) { (try $0.integer(Int64.self), try $0.optionalTimestamp()) }
    let times = Dictionary(found) { first, _ in first }
    let whole = try zip(rows, keys).map { row, key -> (row: TransferRow, more: [Derived]) in
      guard let time = times[key] ?? nil else {
        throw StorageError(.invalid, "Execution \(key) has no committed request.")
      }
      return (row, [.time(time)])
    }
    try await copy(whole, to: .sample, widths, more: ["started_at"])
  }

  // MARK: Copying

  /// The sizes of the table's columns in bytes, -1 where they vary.
  private func widths(of table: TransferTable) async throws -> [Int] {
    let found = try await connection.all(
      """
      SELECT attname::text, attlen::int8 FROM pg_attribute
      WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
      """, [.text("benchfront." + table.name)]
    ) { (try $0.text(), try $0.integer(Int.self)) }
    let byName = Dictionary(found) { first, _ in first }
    return try table.columns.map { column in
      guard let width = byName[column.name] else { throw StorageError.damaged(table.noun) }
      return width
    }
  }

  private func copy(
    _ rows: [(row: TransferRow, more: [Derived])], to table: TransferTable, _ widths: [Int],
    more: [String]
  ) async throws {
    var copied = CopyRows()
    for (row, derived) in rows {
      copied.begin(columns: Int16(row.count + derived.count))
      for (place, value) in row.enumerated() {
        guard copied.append(value, width: widths[place]) else {
          throw StorageError(
            .invalid,
            "The \(table.columns[place].name) of \(table.title(of: row)) is too large for it.")
        }
      }
      for value in derived {
        switch value {
        case .bool(let isTrue): copied.bool(isTrue)
        case .time(let time): copied.timestamp(time)
        }
      }
    }
    let names = (table.columns.map(\.name) + more).joined(separator: ", ")
    try await copied.copy(into: "benchfront." + table.name, names, connection)
  }
}

extension CopyRows {
  /// A value of a column of so many bytes; false when it does not fit.
  fileprivate mutating func append(_ value: TransferValue, width: Int) -> Bool {
    switch value {
    case .null: null()
    case .integer(let number):
      switch width {
      case 2:
        guard let number = Int16(exactly: number) else { return false }
        int2(number)
      case 4:
        guard let number = Int32(exactly: number) else { return false }
        int4(number)
      default: int8(number)
      }
    case .bool(let isTrue): bool(isTrue)
    case .real(let number): float8(number)
    case .text(let value): text(value)
    case .texts(let values): texts(values)
    case .bytes(let value): bytes(value)
    }
    return true
  }
}

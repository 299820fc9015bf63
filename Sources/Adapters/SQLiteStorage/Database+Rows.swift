internal import BenchmarkDomain
internal import FoundationEssentials
internal import GRDB
internal import Storage

/// Values that are bound to a statement, in order.
typealias Arguments = [(any DatabaseValueConvertible)?]

extension Database {
  /// Runs a statement that is kept for the next time; returns how many rows it changed.
  @discardableResult
  func run(_ sql: String, _ arguments: Arguments = []) throws -> Int {
    try cachedStatement(sql: sql).execute(arguments: .of(arguments))
    return changesCount
  }

  /// Reads every row. `isKept` is false for statements of many shapes, which are not kept.
  func all<Value>(
    _ sql: String, _ arguments: Arguments = [], isKept: Bool = true,
    _ read: (inout ColumnReader) throws -> Value
  ) throws -> [Value] {
    let statement = isKept ? try cachedStatement(sql: sql) : try makeStatement(sql: sql)
    let cursor = try Row.fetchCursor(statement, arguments: .of(arguments))
    var values: [Value] = []
    while let row = try cursor.next() {
      var reader = ColumnReader(row)
      values.append(try read(&reader))
    }
    return values
  }

  /// Reads the first row, if there is one.
  func first<Value>(
    _ sql: String, _ arguments: Arguments = [], _ read: (inout ColumnReader) throws -> Value
  ) throws -> Value? {
    try all(sql, arguments, read).first
  }

  /// Inserts a row into a table; returns its key where the table has one.
  @discardableResult
  func insert(into table: String, _ columns: String, _ arguments: Arguments) throws -> Int64 {
    let marks = [String](repeating: "?", count: arguments.count).joined(separator: ", ")
    try run("INSERT INTO \(table) (\(columns)) VALUES (\(marks))", arguments)
    return lastInsertedRowID
  }
}

extension StatementArguments {
  /// Values in order. A name of its own, because where an optional is expected `init` means the
  /// one that takes `[Any]`, casts each and may fail.
  static func of(_ values: [DatabaseValue]) -> StatementArguments { StatementArguments(values) }

  /// Values in order.
  static func of(_ values: Arguments) -> StatementArguments {
    of(values.map { $0?.databaseValue ?? .null })
  }
}

/// Bytes as a blob.
func blob(_ bytes: [UInt8]) -> Data { Data(bytes) }

extension ConfigurationID {
  /// Its bytes as a blob.
  var stored: Data { Data(storedBytes) }
}

internal import PostgresClient
internal import Storage

extension PostgresConnection {
  /// Reads every row.
  func all<Value: Sendable>(
    _ sql: String, _ parameters: [PostgresParameter] = [],
    _ read: @Sendable (inout ColumnReader) throws -> Value
  ) async throws -> [Value] {
    try await run(sql, parameters).read(read)
  }

  /// Reads the first row, if there is one.
  func first<Value: Sendable>(
    _ sql: String, _ parameters: [PostgresParameter] = [],
    _ read: @Sendable (inout ColumnReader) throws -> Value
  ) async throws -> Value? {
    try await run(sql, parameters).read(read).first
  }

  /// Reads rows however many they are, a chunk at a time.
  func each<Value: Sendable>(
    _ sql: String, _ parameters: [PostgresParameter] = [],
    _ read: @escaping @Sendable (inout ColumnReader) throws -> Value
  ) async throws -> [Value] {
    let values = Collected<Value>()
    try await forEachChunk(PostgresStatement(sql, parameters)) { rows in
      for row in rows {
        var reader = ColumnReader(row)
        values.items.append(try read(&reader))
      }
    }
    return values.items
  }
}

/// What was read so far.
// @unchecked: chunks come one after the other, and it is read behind the last.
private final class Collected<Value>: @unchecked Sendable {
  var items: [Value] = []
}

extension PostgresAnswer {
  /// Reads every row.
  func read<Value>(_ read: (inout ColumnReader) throws -> Value) throws -> [Value] {
    try rows.map { row in
      var reader = ColumnReader(row)
      return try read(&reader)
    }
  }
}

extension PostgresStatement {
  /// Inserts a row into a table.
  static func insert(
    into table: String, _ columns: String, _ parameters: [PostgresParameter], _ rest: String = ""
  ) -> PostgresStatement {
    let marks = (1...max(1, parameters.count)).map { "$\($0)" }.joined(separator: ", ")
    return PostgresStatement(
      "INSERT INTO \(table) (\(columns)) VALUES (\(marks)) \(rest)", parameters)
  }
}

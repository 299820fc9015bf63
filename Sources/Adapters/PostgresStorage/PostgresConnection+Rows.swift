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

  /// Reads the rows of a query however many they are, as binary COPY hands them over: libpq makes
  /// a result of every row that a statement streams, with a description of each column. There is
  /// room for `about` so many from the start.
  func copied<Value: Sendable>(
    _ query: String, about count: Int,
    _ read: @escaping @Sendable (inout CopiedColumns) throws -> Value
  ) async throws -> [Value] {
    let rows = CopiedRows(about: count, read)
    _ = try await copyOut("COPY (\(query)) TO STDOUT (FORMAT binary)") { try rows.take($0) }
    return rows.values
  }
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

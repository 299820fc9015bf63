import CPostgres

/// A row of an answer; it reads the answer in place.
package struct PostgresRow: Sendable {
  let answer: PostgresAnswer
  let index: Int32

  /// Whether the column is NULL.
  ///
  /// - Throws: `PostgresError` when there is no such column.
  package func isNull(_ column: some PostgresColumn) throws(PostgresError) -> Bool {
    PQgetisnull(answer.result, index, try column.place(in: answer)) == 1
  }

  /// `bool`.
  package func bool(_ column: some PostgresColumn) throws(PostgresError) -> Bool {
    try read(column, [.bool]) { bytes, _ in bytes.first == 1 }
  }

  /// `int2`, `int4` or `int8`.
  package func int(_ column: some PostgresColumn) throws(PostgresError) -> Int64 {
    try read(column, [.int8, .int4, .int2]) { bytes, type in
      switch type {
      case .int2: Int64(bytes.loadBigEndian(as: Int16.self))
      case .int4: Int64(bytes.loadBigEndian(as: Int32.self))
      default: bytes.loadBigEndian(as: Int64.self)
      }
    }
  }

  /// `float4` or `float8`.
  package func double(_ column: some PostgresColumn) throws(PostgresError) -> Double {
    try read(column, [.float8, .float4]) { bytes, type in
      type == .float4
        ? Double(Float(bitPattern: bytes.loadBigEndian(as: UInt32.self)))
        : Double(bitPattern: bytes.loadBigEndian(as: UInt64.self))
    }
  }

  /// `text`, `varchar` or `json`; `jsonb` as its text.
  package func text(_ column: some PostgresColumn) throws(PostgresError) -> String {
    try read(column, [.text, .varchar, .json, .jsonb]) { bytes, type in
      // `jsonb` begins with its version.
      String(decoding: type == .jsonb ? bytes.dropFirst() : bytes[...], as: UTF8.self)
    }
  }

  /// `bytea`.
  package func bytes(_ column: some PostgresColumn) throws(PostgresError) -> [UInt8] {
    try read(column, [.bytea]) { bytes, _ in Array(bytes) }
  }

  /// `uuid`: 16 bytes.
  package func uuid(_ column: some PostgresColumn) throws(PostgresError) -> [UInt8] {
    try read(column, [.uuid]) { bytes, _ in Array(bytes) }
  }

  /// `int8[]` without NULLs.
  package func int8Array(_ column: some PostgresColumn) throws(PostgresError) -> [Int64] {
    try items(column, .int8Array) { $0.loadBigEndian(as: Int64.self) }
  }

  /// `text[]` without NULLs.
  package func textArray(_ column: some PostgresColumn) throws(PostgresError) -> [String] {
    try items(column, .textArray) { String(decoding: $0, as: UTF8.self) }
  }

  /// `bytea[]` without NULLs.
  package func bytesArray(_ column: some PostgresColumn) throws(PostgresError) -> [[UInt8]] {
    try items(column, .byteaArray) { Array($0) }
  }

  private func items<Item>(
    _ column: some PostgresColumn, _ type: PostgresType, _ item: (UnsafeRawBufferPointer) -> Item
  ) throws(PostgresError) -> [Item] {
    let found: [Item]? = try read(column, [type]) { bytes, _ -> [Item]? in
      // Dimensions, whether there are NULLs, element type; then length and lower bound.
      let dimensions = bytes.loadBigEndian(as: Int32.self)
      guard dimensions > 0 else { return [] }
      guard dimensions == 1, bytes.count >= 20 else { return nil }
      let count = UnsafeRawBufferPointer(rebasing: bytes[12...]).loadBigEndian(as: Int32.self)
      var rest = UnsafeRawBufferPointer(rebasing: bytes[20...])
      var items: [Item] = []
      for _ in 0..<max(0, count) {
        let length = Int(rest.count < 4 ? -1 : rest.loadBigEndian(as: Int32.self))
        guard length >= 0, rest.count >= 4 + length else { return nil }
        items.append(item(UnsafeRawBufferPointer(rebasing: rest[4..<4 + length])))
        rest = UnsafeRawBufferPointer(rebasing: rest[(4 + length)...])
      }
      return items
    }
    guard let found else {
      throw PostgresError(.unexpected, "column \(column) is no plain list")
    }
    return found
  }

  /// `timestamptz`, as microseconds since 1970.
  package func timestamp(_ column: some PostgresColumn) throws(PostgresError) -> Int64 {
    try read(column, [.timestamptz]) { bytes, _ in
      bytes.loadBigEndian(as: Int64.self) &+ PostgresType.epochOffset
    }
  }

  /// What `read` reads; nil when the column is NULL.
  package func optional<Value>(
    _ column: some PostgresColumn, _ read: (PostgresRow) throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value? {
    try isNull(column) ? nil : try read(self)
  }

  private func read<Value>(
    _ column: some PostgresColumn, _ types: [PostgresType],
    _ body: (UnsafeRawBufferPointer, PostgresType) -> Value
  ) throws(PostgresError) -> Value {
    let number = try column.place(in: answer)
    guard let type = PostgresType(rawValue: PQftype(answer.result, number)), types.contains(type)
    else {
      throw PostgresError(
        .unexpected, "column \(column) is of type \(PQftype(answer.result, number))")
    }
    guard PQgetisnull(answer.result, index, number) == 0,
      let value = PQgetvalue(answer.result, index, number)
    else { throw PostgresError(.unexpected, "column \(column) is null") }
    let bytes = UnsafeRawBufferPointer(
      start: value, count: Int(PQgetlength(answer.result, index, number)))
    return body(bytes, type)
  }
}

/// The names of an answer's columns; rows that come one by one share them.
final class PostgresColumns: Sendable {
  private let numbers: [String: Int32]

  init(of result: OpaquePointer) {
    var numbers: [String: Int32] = [:]
    for number in 0..<PQnfields(result) {
      numbers[String(cString: PQfname(result, number))] = number
    }
    self.numbers = numbers
  }

  func number(of name: String) throws(PostgresError) -> Int32 {
    guard let number = numbers[name] else {
      throw PostgresError(.unexpected, "the answer has no column \(name)")
    }
    return number
  }
}

/// An answer of the server: rows, or how many a statement touched.
// @unchecked: nothing changes a result once libpq has handed it over.
package final class PostgresAnswer: @unchecked Sendable {
  let result: OpaquePointer
  private let columns: PostgresColumns

  init(_ result: OpaquePointer, _ columns: PostgresColumns) {
    self.result = result
    self.columns = columns
  }

  deinit { PQclear(result) }

  /// The rows.
  package var rows: [PostgresRow] {
    (0..<PQntuples(result)).map { PostgresRow(answer: self, index: $0) }
  }

  /// Rows that the statement inserted, updated, deleted, copied or returned.
  package var affectedCount: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

  /// What the server calls the statement that it ran, such as `COMMIT`.
  var tag: String { String(cString: PQcmdStatus(result)) }

  /// Memory that libpq holds for it.
  var byteCount: Int { PQresultMemorySize(result) }

  func column(_ name: String) throws(PostgresError) -> Int32 { try columns.number(of: name) }

  func column(_ place: Int) throws(PostgresError) -> Int32 {
    guard place >= 0, place < Int(PQnfields(result)) else {
      throw PostgresError(.unexpected, "the answer has no column \(place)")
    }
    return Int32(place)
  }
}

/// What a column of an answer is called by: its name, or its place from 0, which needs no look-up.
package protocol PostgresColumn: Sendable {
  /// Its place.
  ///
  /// - Throws: `PostgresError` when there is no such column.
  func place(in answer: PostgresAnswer) throws(PostgresError) -> Int32
}

extension String: PostgresColumn {
  package func place(in answer: PostgresAnswer) throws(PostgresError) -> Int32 {
    try answer.column(self)
  }
}

extension Int: PostgresColumn {
  package func place(in answer: PostgresAnswer) throws(PostgresError) -> Int32 {
    try answer.column(self)
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func loadBigEndian<Value: FixedWidthInteger>(as type: Value.Type) -> Value {
    guard count >= MemoryLayout<Value>.size else { return 0 }
    return Value(bigEndian: loadUnaligned(as: type))
  }
}

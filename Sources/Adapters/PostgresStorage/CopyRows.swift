internal import PostgresClient

/// Rows in the format of binary COPY (https://www.postgresql.org/docs/15/sql-copy.html).
struct CopyRows: Sendable {
  /// Rows are sent once they take so many bytes, so that the server stores some while the next are
  /// laid out.
  static let pieceBytes = 65_536
  private static let header =
    Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [UInt8](repeating: 0, count: 8)
  /// When PostgreSQL's time begins, the year 2000, in microseconds since 1970.
  static let postgresEpoch: Int64 = 946_684_800_000_000
  private var data: [UInt8]
  private(set) var count = 0

  init(reservingBytes capacity: Int = 0) {
    data = []
    data.reserveCapacity(capacity + Self.header.count + 2)
    data += Self.header
  }

  /// Begins a row; as many values must follow.
  mutating func begin(columns: Int16) {
    count += 1
    raw(columns)
  }

  mutating func int2(_ value: Int16) {
    raw(Int32(2))
    raw(value)
  }

  mutating func int4(_ value: Int32) {
    raw(Int32(4))
    raw(value)
  }

  mutating func int8(_ value: Int64?) {
    guard let value else { return null() }
    raw(Int32(8))
    raw(value)
  }

  mutating func float8(_ value: Double?) {
    guard let value else { return null() }
    raw(Int32(8))
    raw(value.bitPattern)
  }

  mutating func bool(_ value: Bool) {
    raw(Int32(1))
    data.append(value ? 1 : 0)
  }

  mutating func text(_ value: String?) {
    guard var value else { return null() }
    value.withUTF8 { text in
      raw(Int32(text.count))
      data.append(contentsOf: text)
    }
  }

  mutating func bytes(_ value: [UInt8]) {
    raw(Int32(value.count))
    data += value
  }

  /// A `timestamptz`, from microseconds since 1970.
  mutating func timestamp(_ value: Int64?) { int8(value.map { $0 - Self.postgresEpoch }) }

  /// Begins a row with columns of known widths, `byteCount` of bytes at most.
  mutating func begin(byteCount: Int, _ body: (inout FixedColumns) -> Void) {
    count += 1
    withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { buffer in
      var columns = FixedColumns(buffer)
      body(&columns)
      data.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<columns.count]))
    }
  }

  /// The bytes of a column whose length is laid out.
  mutating func content(_ bytes: ArraySlice<UInt8>) { data.append(contentsOf: bytes) }

  /// A `text[]` without NULLs.
  mutating func texts(_ values: [String]) {
    let size = values.reduce(values.isEmpty ? 12 : 20) { $0 + 4 + $1.utf8.count }
    raw(Int32(size))
    // Dimensions, no NULLs, the type of `text`; then length and lower bound of the only dimension.
    raw(Int32(values.isEmpty ? 0 : 1))
    raw(Int32(0))
    raw(Int32(25))
    guard !values.isEmpty else { return }
    raw(Int32(values.count))
    raw(Int32(1))
    for value in values { text(value) }
  }

  mutating func null() { raw(Int32(-1)) }

  private mutating func raw(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { data.append(contentsOf: $0) }
  }

  /// Copies the rows into a table; nothing when there are none.
  func copy(
    into table: String, _ columns: String, _ connection: PostgresConnection
  ) async throws {
    guard count > 0 else { return }
    _ = try await connection.copyIn(Self.statement(table, columns)) { writer in
      try await writer.write(data)
      try await writer.write(Self.end)
    }
  }

  /// The COPY of rows into a table.
  static func statement(_ table: String, _ columns: String) -> String {
    "COPY \(table) (\(columns)) FROM STDIN (FORMAT binary)"
  }

  /// What stands behind the last row.
  static let end: [UInt8] = [0xff, 0xff]

  /// Sends what has been laid out, if that is worth it yet, and goes on behind it.
  mutating func sendPiece(_ writer: CopyWriter) async throws {
    guard data.count >= Self.pieceBytes else { return }
    try await writer.write(data)
    data.removeAll(keepingCapacity: true)
  }

  /// Sends the rest, and the end of the rows.
  mutating func sendEnd(_ writer: CopyWriter) async throws {
    try await writer.write(data + Self.end)
    data = []
  }
}

internal import PostgresClient

/// Rows in the format of binary COPY (https://www.postgresql.org/docs/15/sql-copy.html).
struct CopyRows: Sendable {
  private static let header =
    Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0] + [UInt8](repeating: 0, count: 8)
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
  mutating func timestamp(_ value: Int64?) {
    guard let value else { return null() }
    // PostgreSQL's time begins in 2000.
    int8(value - 946_684_800_000_000)
  }

  private mutating func null() { raw(Int32(-1)) }

  private mutating func raw(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { data.append(contentsOf: $0) }
  }

  /// Copies the rows into a table; nothing when there are none.
  func copy(
    into table: String, _ columns: String, _ connection: PostgresConnection
  ) async throws {
    guard count > 0 else { return }
    _ = try await connection.copyIn("COPY \(table) (\(columns)) FROM STDIN (FORMAT binary)") {
      writer in
      try await writer.write(data)
      // The end of the rows.
      try await writer.write([0xff, 0xff])
    }
  }
}

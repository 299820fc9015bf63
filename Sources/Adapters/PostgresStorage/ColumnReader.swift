internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

/// Reads the columns of a row one after the other; whatever does not fit is `corrupt`.
struct ColumnReader: ColumnSource {
  private let row: PostgresRow
  private var place = 0

  init(_ row: PostgresRow) { self.row = row }

  private mutating func next<Value>(
    _ read: (PostgresRow, Int) throws(PostgresError) -> Value
  ) throws -> Value? {
    defer { place += 1 }
    do throws(PostgresError) {
      return try row.isNull(place) ? nil : try read(row, place)
    } catch { throw StorageError.damaged("value") }
  }

  mutating func optionalText() throws -> String? {
    try next { row, place throws(PostgresError) in try row.text(place) }
  }

  mutating func commonText() throws -> String { try text() }

  mutating func optionalInteger() throws -> Int64? {
    try next { row, place throws(PostgresError) in try row.int(place) }
  }

  mutating func optionalReal() throws -> Double? {
    try next { row, place throws(PostgresError) in try row.double(place) }
  }

  mutating func real() throws -> Double { try present(optionalReal()) }

  mutating func bool() throws -> Bool {
    try present(next { row, place throws(PostgresError) in try row.bool(place) })
  }

  mutating func bytes() throws -> [UInt8] {
    try present(next { row, place throws(PostgresError) in try row.bytes(place) })
  }

  mutating func slice() throws -> ArraySlice<UInt8> { try bytes()[...] }

  mutating func texts() throws -> [String] {
    try present(next { row, place throws(PostgresError) in try row.textArray(place) })
  }

  /// A `timestamptz`, in microseconds since 1970.
  mutating func optionalTimestamp() throws -> Int64? {
    try next { row, place throws(PostgresError) in try row.timestamp(place) }
  }
}

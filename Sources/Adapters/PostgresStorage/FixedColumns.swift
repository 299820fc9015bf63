/// Columns of known widths in the format of binary COPY, laid out in memory that is there: rows of
/// many small columns cost one step each of growing an array otherwise.
struct FixedColumns: ~Copyable {
  private let buffer: UnsafeMutableRawBufferPointer
  /// Bytes that are laid out.
  private(set) var count = 0

  init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

  /// The count of columns, which begins a row.
  mutating func begin(columns: Int16) { raw(columns) }

  mutating func int2(_ value: Int16) {
    raw(Int32(2))
    raw(value)
  }

  mutating func int4(_ value: Int32) {
    raw(Int32(4))
    raw(value)
  }

  mutating func int8(_ value: Int64) {
    raw(Int32(8))
    raw(value)
  }

  /// A `timestamptz`, from microseconds since 1970.
  mutating func timestamp(_ value: Int64) { int8(value - CopyRows.postgresEpoch) }

  /// The length of a column whose bytes follow.
  mutating func length(_ count: Int) { raw(Int32(count)) }

  private mutating func raw(_ value: some FixedWidthInteger) {
    let size = value.bitWidth / 8
    precondition(count + size <= buffer.count, "a row is as long as was said")
    buffer.storeBytes(of: value.bigEndian, toByteOffset: count, as: type(of: value))
    count += size
  }
}

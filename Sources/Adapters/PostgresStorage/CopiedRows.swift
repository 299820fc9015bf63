internal import Storage

/// Rows of binary COPY (https://www.postgresql.org/docs/15/sql-copy.html) on their way into values.
// @unchecked: pieces come one after the other, and the values are read behind the last.
final class CopiedRows<Value: Sendable>: @unchecked Sendable {
  private let read: (inout CopiedColumns) throws -> Value
  private var columns = CopiedColumns()
  private(set) var values: [Value] = []

  /// More rows than this make their room as they come.
  private static var mostReserved: Int { 4_000_000 }

  /// Makes room for about so many rows: a list that grows moves what it holds again and again.
  init(about count: Int = 0, _ read: @escaping @Sendable (inout CopiedColumns) throws -> Value) {
    self.read = read
    values.reserveCapacity(min(count + count / 8, Self.mostReserved))
  }

  /// Takes a piece, which has whole rows: PostgreSQL sends each as a message of its own.
  func take(_ bytes: [UInt8]) throws {
    try columns.begin(bytes)
    while try columns.nextRow() { values.append(try read(&columns)) }
  }
}

/// Reads the columns of rows of binary COPY one after the other.
struct CopiedColumns: ColumnSource {
  private static let signatureBytes = 11

  private var bytes: [UInt8] = []
  private var place = 0
  /// Columns of the row that were not read yet.
  private var columnsLeft = 0
  private var hasHeader = false
  private var common = CommonTexts()

  /// Takes the next piece, whose first begins with a header.
  mutating func begin(_ bytes: [UInt8]) throws {
    guard place == self.bytes.count else { throw Self.damage }
    self.bytes = bytes
    place = 0
    if hasHeader { return }
    hasHeader = true
    // The signature and flags, then what extends the header by so many bytes.
    _ = try take(Self.signatureBytes + 4)
    _ = try take(Int(try number(Int32.self)))
  }

  /// Goes to the next row; false behind the last one of the piece, which a row of -1 columns ends.
  mutating func nextRow() throws -> Bool {
    guard columnsLeft == 0 else { throw Self.damage }
    if place == bytes.count { return false }
    columnsLeft = Int(try number(Int16.self))
    if columnsLeft >= 0 { return true }
    columnsLeft = 0
    guard place == bytes.count else { throw Self.damage }
    return false
  }

  mutating func optionalText() throws -> String? {
    try next().map { text(at: $0) }
  }

  mutating func commonText() throws -> String {
    let range = try present(next())
    let bytes = bytes
    return bytes.withUnsafeBytes { common.text(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  mutating func optionalInteger() throws -> Int64? {
    guard let range = try next() else { return nil }
    switch range.count {
    case 8: return integer(Int64.self, at: range.lowerBound)
    case 4: return Int64(integer(Int32.self, at: range.lowerBound))
    case 2: return Int64(integer(Int16.self, at: range.lowerBound))
    default: throw Self.damage
    }
  }

  mutating func slice() throws -> ArraySlice<UInt8> { bytes[try present(next())] }

  /// A `text[]` without NULLs.
  mutating func texts() throws -> [String] {
    let range = try present(next())
    // Dimensions, whether there are NULLs, element type; then length and lower bound.
    place = range.lowerBound
    let dimensions = try number(Int32.self)
    _ = try take(8)
    guard dimensions == 0 || dimensions == 1 else { throw Self.damage }
    var texts: [String] = []
    if dimensions == 1 {
      let count = try number(Int32.self)
      _ = try take(4)
      for _ in 0..<max(0, count) { texts.append(try element()) }
    }
    guard place == range.upperBound else { throw Self.damage }
    return texts
  }

  private mutating func element() throws -> String {
    let start = try take(Int(try number(Int32.self)))
    return text(at: start..<place)
  }
}

extension CopiedColumns {
  private static var damage: StorageError { .damaged("value") }

  /// Where the next column's bytes are; nil when it is NULL.
  private mutating func next() throws -> Range<Int>? {
    guard columnsLeft > 0 else { throw Self.damage }
    columnsLeft -= 1
    let length = Int(try number(Int32.self))
    if length == -1 { return nil }
    let start = try take(length)
    return start..<place
  }

  private func text(at range: Range<Int>) -> String {
    bytes.withUnsafeBytes { bytes in
      String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }
  }

  private mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
    let start = try take(MemoryLayout<Number>.size)
    return integer(Number.self, at: start)
  }

  private func integer<Number: FixedWidthInteger>(_: Number.Type, at start: Int) -> Number {
    bytes.withUnsafeBytes { bytes in
      Number(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: Number.self))
    }
  }

  /// Where the next bytes begin, so many of which are there.
  private mutating func take(_ count: Int) throws -> Int {
    guard count >= 0, count <= bytes.count - place else { throw Self.damage }
    defer { place += count }
    return place
  }
}

internal import BenchmarkDomain
internal import FoundationEssentials
internal import GRDB
internal import Storage

/// Reads the columns of a row one after the other; whatever does not fit is `corrupt`.
struct ColumnReader {
  private let row: Row
  private var index = 0

  init(_ row: Row) { self.row = row }

  private mutating func next() throws -> DatabaseValue {
    guard index < row.count else { throw StorageError.damaged("row") }
    defer { index += 1 }
    return row[index]
  }

  /// The value as it is stored, for a page token.
  mutating func value() throws -> DatabaseValue { try next() }

  mutating func optionalText() throws -> String? {
    switch try next().storage {
    case .string(let text): return text
    case .null: return nil
    default: throw StorageError.damaged("text")
    }
  }

  mutating func text() throws -> String { try present(optionalText()) }

  mutating func optionalInteger() throws -> Int64? {
    switch try next().storage {
    case .int64(let number): return number
    case .null: return nil
    default: throw StorageError.damaged("number")
    }
  }

  mutating func integer<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws -> Number {
    try present(Number(exactly: present(optionalInteger())))
  }

  mutating func optionalReal() throws -> Double? {
    switch try next().storage {
    case .double(let number): return number
    case .int64(let number): return Double(number)
    case .null: return nil
    default: throw StorageError.damaged("number")
    }
  }

  mutating func real() throws -> Double { try present(optionalReal()) }

  mutating func bool() throws -> Bool { try integer(Int64.self) != 0 }

  mutating func bytes() throws -> [UInt8] {
    switch try next().storage {
    case .blob(let data): return [UInt8](data)
    default: throw StorageError.damaged("value")
    }
  }

  mutating func optionalTime() throws -> WallTime? {
    try optionalInteger().map { WallTime(nanoseconds: $0) }
  }

  mutating func time() throws -> WallTime { try present(optionalTime()) }

  mutating func name<Name: RawRepresentable<String>>(_: Name.Type = Name.self) throws -> Name {
    try present(Name(rawValue: text()))
  }

  mutating func code<Code: RawRepresentable<UInt8>>(_: Code.Type = Code.self) throws -> Code {
    try present(Code(rawValue: integer()))
  }

  mutating func texts() throws -> [String] { try TextList.decode(text()) }

  private func present<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw StorageError.damaged("value") }
    return value
  }
}

/// Lists of texts in one column, as JSON, so that `json_each` reads them.
enum TextList {
  static func encode(_ texts: [String]) throws -> String {
    guard let data = try? JSONEncoder().encode(texts) else {
      // Only text that is no Unicode fails, which `String` cannot hold.
      throw StorageError(.invalid, "A list of texts cannot be stored.")
    }
    return String(decoding: data, as: UTF8.self)
  }

  static func decode(_ text: String) throws -> [String] {
    do { return try JSONDecoder().decode([String].self, from: Data(text.utf8)) } catch {
      throw StorageError.damaged("list")
    }
  }
}

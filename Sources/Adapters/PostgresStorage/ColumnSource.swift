internal import BenchmarkDomain
internal import Storage

/// Gives the columns of a row one after the other; whatever does not fit is `corrupt`.
protocol ColumnSource {
  mutating func optionalText() throws -> String?

  /// A text that many rows have, which may share its storage with theirs.
  mutating func commonText() throws -> String

  mutating func optionalInteger() throws -> Int64?

  /// The bytes, within what the source may hold of the whole row.
  mutating func slice() throws -> ArraySlice<UInt8>

  mutating func texts() throws -> [String]
}

extension ColumnSource {
  func present<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw StorageError.damaged("value") }
    return value
  }

  mutating func text() throws -> String { try present(optionalText()) }

  mutating func integer<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws -> Number {
    try present(Number(exactly: present(optionalInteger())))
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
}

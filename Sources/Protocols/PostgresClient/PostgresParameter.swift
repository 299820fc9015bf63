/// A parameter of a statement, in PostgreSQL's binary format.
package struct PostgresParameter: Sendable, Hashable {
  /// Type's object id; 0 lets the server infer it.
  let type: UInt32
  /// The binary value; nil for NULL.
  let bytes: [UInt8]?

  private init(_ type: PostgresType, _ bytes: [UInt8]?) {
    self.type = type.rawValue
    self.bytes = bytes
  }

  /// `bool`.
  package static func bool(_ value: Bool?) -> Self { Self(.bool, value.map { [$0 ? 1 : 0] }) }
  /// `int4`.
  package static func int4(_ value: Int32?) -> Self { Self(.int4, value.map { bigEndian($0) }) }
  /// `int8`.
  package static func int8(_ value: Int64?) -> Self { Self(.int8, value.map { bigEndian($0) }) }
  /// `float8`.
  package static func float8(_ value: Double?) -> Self {
    Self(.float8, value.map { bigEndian($0.bitPattern) })
  }
  /// `text`; a text with NUL inside is refused by the server.
  package static func text(_ value: String?) -> Self { Self(.text, value.map { Array($0.utf8) }) }
  /// `bytea`.
  package static func bytea(_ value: [UInt8]?) -> Self { Self(.bytea, value) }
  /// `jsonb`, from its text.
  package static func jsonb(_ value: String?) -> Self {
    Self(.jsonb, value.map { [1] + Array($0.utf8) })
  }
  /// `timestamptz`, from microseconds since 1970.
  package static func timestamp(_ value: Int64?) -> Self {
    Self(.timestamptz, value.map { bigEndian($0 &- PostgresType.epochOffset) })
  }
  /// `int8[]`.
  package static func int8Array(_ values: [Int64]) -> Self {
    Self(.int8Array, array(of: .int8, values.map { bigEndian($0) }))
  }
  /// `text[]`.
  package static func textArray(_ values: [String]) -> Self {
    Self(.textArray, array(of: .text, values.map { Array($0.utf8) }))
  }

  /// `bytea[]`.
  package static func byteaArray(_ values: [[UInt8]]) -> Self {
    Self(.byteaArray, array(of: .bytea, values))
  }
  /// `float8[]`.
  package static func float8Array(_ values: [Double]) -> Self {
    Self(.float8Array, array(of: .float8, values.map { bigEndian($0.bitPattern) }))
  }
  /// `bool[]`.
  package static func boolArray(_ values: [Bool]) -> Self {
    Self(.boolArray, array(of: .bool, values.map { [$0 ? 1 : 0] }))
  }
  /// `uuid`, 16 bytes; the server refuses another length.
  package static func uuid(_ value: [UInt8]?) -> Self { Self(.uuid, value) }

  private static func array(of type: PostgresType, _ items: [[UInt8]]) -> [UInt8] {
    // Dimensions, no NULLs, element type; then length and lower bound of the only dimension.
    var bytes = bigEndian(Int32(items.isEmpty ? 0 : 1)) + bigEndian(Int32(0))
    bytes += bigEndian(type.rawValue)
    guard !items.isEmpty else { return bytes }
    bytes += bigEndian(Int32(items.count)) + bigEndian(Int32(1))
    for item in items { bytes += bigEndian(Int32(item.count)) + item }
    return bytes
  }

  private static func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}

/// Object ids of the types that are spoken here (`src/include/catalog/pg_type.dat`).
enum PostgresType: UInt32 {
  case bool = 16
  case bytea = 17
  case int8 = 20
  case int2 = 21
  case int4 = 23
  case text = 25
  case json = 114
  case float4 = 700
  case float8 = 701
  case boolArray = 1000
  case byteaArray = 1001
  case textArray = 1009
  case int8Array = 1016
  case float8Array = 1022
  case varchar = 1043
  case timestamptz = 1184
  case uuid = 2950
  case jsonb = 3802

  /// Microseconds from 1970 to 2000, where PostgreSQL's time begins.
  static let epochOffset: Int64 = 946_684_800_000_000
}

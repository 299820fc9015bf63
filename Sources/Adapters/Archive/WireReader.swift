/// Reads protobuf's wire format, as `WireWriter` writes it. Nil stands for what it does not write.
struct WireReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }
  var restCount: Int { rest.count }

  /// A number in the fewest groups of seven bits.
  mutating func varint() -> UInt64? {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      let group = UInt64(byte & 0x7f)
      guard shift < 63 || group <= 1, shift == 0 || byte != 0 else { return nil }
      number |= group << shift
      if byte < 0x80 { return number }
    }
    return nil
  }

  /// Takes the tag of a field; false, with nothing taken, when another one follows.
  mutating func take(_ field: Int, _ type: WireType) -> Bool {
    var ahead = self
    guard ahead.varint() == UInt64(field) << 3 | type.rawValue else { return false }
    self = ahead
    return true
  }

  /// The tag of a message or of bytes: its field.
  mutating func countedField() -> Int? {
    guard let tag = varint(), tag & 7 == WireType.counted.rawValue else { return nil }
    return Int(exactly: tag >> 3)
  }

  /// What stands behind the tag of an `int64`.
  mutating func integer() -> Int64? { varint().map { Int64(bitPattern: $0) } }

  /// What stands behind the tag of a `double`.
  mutating func real() -> Double? {
    guard rest.count >= 8 else { return nil }
    defer { rest = rest.dropFirst(8) }
    return Double(bitPattern: rest.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// What stands behind the tag of a message or of bytes.
  mutating func counted() -> ArraySlice<UInt8>? {
    guard let count = varint(), count <= UInt64(rest.count) else { return nil }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  /// What stands behind the tag of a `string`.
  mutating func text() -> String? {
    guard let utf8 = counted() else { return nil }
    return String(validating: utf8, as: UTF8.self)
  }
}

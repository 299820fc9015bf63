/// Writes protobuf's wire format (https://protobuf.dev/programming-guides/encoding).
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  /// A number in groups of seven bits, the lowest first.
  mutating func varint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// A field of type `int64` or `bool`.
  mutating func integer(_ field: Int, _ number: Int64) {
    tag(field, .varint)
    varint(UInt64(bitPattern: number))
  }

  /// A field of type `double`.
  mutating func real(_ field: Int, _ number: Double) {
    tag(field, .fixed64)
    withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A field of type `string`.
  mutating func text(_ field: Int, _ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      tag(field, .counted)
      varint(UInt64(utf8.count))
      bytes.append(contentsOf: utf8)
    }
  }

  /// A field of type `bytes`, or a message.
  mutating func counted(_ field: Int, _ value: [UInt8]) {
    tag(field, .counted)
    varint(UInt64(value.count))
    bytes += value
  }

  private mutating func tag(_ field: Int, _ type: WireType) {
    varint(UInt64(field) << 3 | type.rawValue)
  }
}

/// How a field is written.
enum WireType: UInt64 {
  case varint = 0
  case fixed64 = 1
  case counted = 2
}

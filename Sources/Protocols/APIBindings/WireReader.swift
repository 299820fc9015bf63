import CProtobufC

/// Reads the wire format tag by tag; refuses what no field can be.
///
/// https://protobuf.dev/programming-guides/encoding/
struct WireReader {
  /// One field as it stands on the wire.
  struct Field {
    let number: UInt32
    let wireType: UInt8
    /// Where its tag starts.
    let start: Int
    /// The bytes behind the tag; behind the length where there is one.
    let content: Range<Int>
  }

  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    position = 0
  }

  /// The next field; nil at the end. A failure names no field.
  mutating func next() throws(DecodingFailure) -> (field: Field, failure: DecodingFailure?)? {
    guard position < bytes.count else { return nil }
    let start = position
    let tag = try number(maximumBytes: 5)
    let wireType = UInt8(truncatingIfNeeded: tag & 7)
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw Self.failure(.illegalTag) }
    let fieldNumber = UInt32(truncatingIfNeeded: tag >> 3)
    do throws(DecodingFailure) {
      let content = try content(wireType)
      return (Field(number: fieldNumber, wireType: wireType, start: start, content: content), nil)
    } catch {
      return (Field(number: fieldNumber, wireType: wireType, start: start, content: 0..<0), error)
    }
  }

  /// Moves over what follows a tag.
  private mutating func content(_ wireType: UInt8) throws(DecodingFailure) -> Range<Int> {
    switch wireType {
    case 0:
      let start = position
      _ = try number(maximumBytes: 10)
      return start..<position
    case 1: return try take(8)
    case 2: return try take(Int(clamping: try number(maximumBytes: 5)))
    case 5: return try take(4)
    default: throw Self.failure(.illegalTag)
    }
  }

  private mutating func take(_ count: Int) throws(DecodingFailure) -> Range<Int> {
    guard count <= bytes.count - position else { throw Self.failure(.truncated) }
    defer { position += count }
    return position..<position + count
  }

  /// A base-128 number of at most so many bytes and 64 bits.
  @inline(__always)
  mutating func number(maximumBytes: Int) throws(DecodingFailure) -> UInt64 {
    // Most tags and lengths have one byte.
    if position < bytes.count, bytes[position] < 0x80 {
      defer { position += 1 }
      return UInt64(bytes[position])
    }
    if let number = shortNumber(maximumBytes: maximumBytes) { return number }
    return try longNumber(maximumBytes: maximumBytes)
  }

  /// A number of at most eight bytes with as many before the end, read at once; nil for another.
  private mutating func shortNumber(maximumBytes: Int) -> UInt64? {
    guard position + 8 <= bytes.count else { return nil }
    let word = UInt64(
      littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    let ends = ~word & 0x8080_8080_8080_8080
    let count = ends.trailingZeroBitCount / 8 + 1
    guard count <= min(8, maximumBytes) else { return nil }
    position += count
    // Seven bits of each byte, moved together: two bytes each, then four, then all.
    let number = word & (ends ^ (ends &- 1)) & 0x7F7F_7F7F_7F7F_7F7F
    let pairs = number & 0x007F_007F_007F_007F | (number & 0x7F00_7F00_7F00_7F00) >> 1
    let halves = pairs & 0x0000_3FFF_0000_3FFF | (pairs & 0x3FFF_0000_3FFF_0000) >> 2
    return halves & 0x0FFF_FFFF | (halves >> 32) << 28
  }

  private mutating func longNumber(maximumBytes: Int) throws(DecodingFailure) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<maximumBytes {
      guard position < bytes.count else { throw Self.failure(.truncated) }
      let byte = bytes[position]
      position += 1
      guard index < 9 || byte <= 1 else { throw Self.failure(.overlongNumber) }
      value |= UInt64(byte & 0x7f) << UInt64(7 * index)
      if byte < 0x80 { return value }
    }
    throw Self.failure(.overlongNumber)
  }

  static func failure(_ reason: DecodingFailure.Reason) -> DecodingFailure {
    DecodingFailure(field: "", reason: reason)
  }
}

/// What protobuf-c's descriptor says of a field.
struct FieldType {
  let descriptor: UnsafePointer<ProtobufCFieldDescriptor>

  init?(_ message: UnsafePointer<ProtobufCMessageDescriptor>, _ number: UInt32) {
    guard let found = protobuf_c_message_descriptor_get_field(message, number) else { return nil }
    descriptor = found
  }

  var isRepeated: Bool { descriptor.pointee.label == PROTOBUF_C_LABEL_REPEATED }
  var name: String { descriptor.pointee.name.map { String(cString: $0) } ?? "" }
  var isString: Bool { descriptor.pointee.type == PROTOBUF_C_TYPE_STRING }

  /// The descriptor of a message field; nil for another.
  var message: UnsafePointer<ProtobufCMessageDescriptor>? {
    guard descriptor.pointee.type == PROTOBUF_C_TYPE_MESSAGE else { return nil }
    return descriptor.pointee.descriptor?
      .assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
  }

  /// The wire type of one element.
  var wireType: UInt8 {
    UInt8(truncatingIfNeeded: Self.wireTypes >> UInt64(3 * descriptor.pointee.type.rawValue)) & 7
  }

  /// The wire types of protobuf-c's types, an octal digit each, that of type 0 last; every field
  /// of every message is looked up.
  private static let wireTypes: UInt64 = 0o2_2200_1510_5010_0500

  /// True when a wire type can be this field, packed or not.
  func accepts(_ wireType: UInt8) -> Bool {
    wireType == self.wireType || (wireType == 2 && isRepeated)
  }
}

/// Walks over the wire format (https://protobuf.dev/programming-guides/encoding/) as long as it is
/// what a reader expects: nil for everything else, which `APIMessage.decode` looks at.
struct WireCursor {
  /// Most bytes of a tag or a length.
  static let longestLength = 5

  private let wire: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ wire: UnsafeRawBufferPointer) { self.wire = wire }

  /// Bytes in all.
  var count: Int { wire.count }

  /// The next tag: a field's number, and its wire type in the lowest three bits.
  @inline(__always)
  mutating func tag() -> UInt64? { number(maximumBytes: Self.longestLength) }

  /// Where the part ends whose length comes next; nil when that lies behind `end`.
  mutating func end(within end: Int) -> Int? {
    guard let length = number(maximumBytes: Self.longestLength), position <= end,
      length <= UInt64(end - position)
    else { return nil }
    return position + Int(length)
  }

  /// Moves on to a place not behind the end.
  mutating func move(to place: Int) { position = place }

  /// Text up to a place; nil when it is not UTF-8.
  mutating func text(until end: Int) -> String? {
    defer { position = end }
    return String(validating: wire[position..<end], as: UTF8.self)
  }

  /// A base-128 number of at most eight bytes, which all of ours have.
  @inline(__always)
  mutating func number(maximumBytes: Int = 8) -> UInt64? {
    if position < wire.count, wire[position] < 0x80 {
      defer { position += 1 }
      return UInt64(wire[position])
    }
    guard position + 8 <= wire.count else { return lastNumber(maximumBytes) }
    let word = UInt64(littleEndian: wire.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    let ends = ~word & 0x8080_8080_8080_8080
    let byteCount = ends.trailingZeroBitCount / 8 + 1
    guard byteCount <= maximumBytes else { return nil }
    position += byteCount
    // Seven bits of each byte, moved together: two bytes each, then four, then all.
    let bits = word & (ends ^ (ends &- 1)) & 0x7F7F_7F7F_7F7F_7F7F
    let pairs = bits & 0x007F_007F_007F_007F | (bits & 0x7F00_7F00_7F00_7F00) >> 1
    let halves = pairs & 0x0000_3FFF_0000_3FFF | (pairs & 0x3FFF_0000_3FFF_0000) >> 2
    return halves & 0x0FFF_FFFF | (halves >> 32) << 28
  }

  /// A number near the end of all.
  private mutating func lastNumber(_ maximumBytes: Int) -> UInt64? {
    var value: UInt64 = 0
    for index in 0..<maximumBytes where position < wire.count {
      let byte = wire[position]
      position += 1
      value |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte < 0x80 { return value }
    }
    return nil
  }
}

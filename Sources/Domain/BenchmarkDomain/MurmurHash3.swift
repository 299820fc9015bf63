/// MurmurHash3 x64 128, by Austin Appleby, in the public domain; not for adversaries.
///
/// Source: https://github.com/aappleby/smhasher, `MurmurHash3.cpp`.
package enum MurmurHash3 {
  private static let first: UInt64 = 0x87c3_7b91_1142_53d5
  private static let second: UInt64 = 0x4cf5_ad43_2745_937f

  /// Hashes bytes with seed 0; returns the two halves in the reference's order.
  package static func hash(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
    var a: UInt64 = 0
    var b: UInt64 = 0
    let blocks = bytes.count / 16
    for block in 0..<blocks {
      let offset = block * 16
      a ^= mixFirst(word(bytes, offset, 8))
      a = rotate(a, 27) &+ b
      a = a &* 5 &+ 0x52dc_e729
      b ^= mixSecond(word(bytes, offset + 8, 8))
      b = rotate(b, 31) &+ a
      b = b &* 5 &+ 0x3849_5ab5
    }
    let tail = bytes.count - blocks * 16
    if tail > 8 { b ^= mixSecond(word(bytes, blocks * 16 + 8, tail - 8)) }
    if tail > 0 { a ^= mixFirst(word(bytes, blocks * 16, min(tail, 8))) }
    return finish(a, b, length: UInt64(bytes.count))
  }

  private static func finish(_ a: UInt64, _ b: UInt64, length: UInt64) -> (UInt64, UInt64) {
    var a = a ^ length
    var b = b ^ length
    a = a &+ b
    b = b &+ a
    a = avalanche(a)
    b = avalanche(b)
    a = a &+ b
    b = b &+ a
    return (a, b)
  }

  private static func mixFirst(_ word: UInt64) -> UInt64 { rotate(word &* first, 31) &* second }
  private static func mixSecond(_ word: UInt64) -> UInt64 { rotate(word &* second, 33) &* first }
  private static func rotate(_ value: UInt64, _ by: UInt64) -> UInt64 {
    value << by | value >> (64 - by)
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> UInt64 {
    if count == 8 {
      return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    return value
  }

  private static func avalanche(_ value: UInt64) -> UInt64 {
    var value = value
    value ^= value >> 33
    value = value &* 0xff51_afd7_ed55_8ccd
    value ^= value >> 33
    value = value &* 0xc4ce_b9fe_1a85_ec53
    value ^= value >> 33
    return value
  }
}

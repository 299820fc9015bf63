/// The encoding of a request's gaps: the differences of successive chunk stamps in nanoseconds,
/// each as an unsigned LEB128 number (7 bits a byte, least significant first, the top bit set on
/// every byte but the last).
///
/// The encoding is canonical: equal gaps make equal bytes, and only those bytes decode.
package enum DeltaVarint {
  /// The most gaps that `decode` returns unless told otherwise.
  package static let defaultMaximumCount = 1 << 20

  /// Encodes gaps, in nanoseconds.
  package static func encode(_ gaps: [UInt64]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(gaps.count * 4)
    for gap in gaps {
      var rest = gap
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(truncatingIfNeeded: rest))
    }
    return bytes
  }

  /// Decodes gaps, in nanoseconds.
  ///
  /// Throws `malformed` on a number that is cut off, longer than needed or above 64 bits, and on
  /// more than `maximumCount` numbers.
  package static func decode(
    _ bytes: ArraySlice<UInt8>, maximumCount: Int = defaultMaximumCount
  ) throws(StatisticsError) -> [UInt64] {
    let count = try self.count(bytes, maximumCount: maximumCount)
    var gaps: [UInt64] = []
    gaps.reserveCapacity(count)
    var value: UInt64 = 0
    var shift: UInt64 = 0
    for (offset, byte) in bytes.enumerated() {
      try check(byte, shift: shift, offset: offset)
      value |= UInt64(byte & 0x7F) << shift
      shift += 7
      guard byte < 0x80 else { continue }
      gaps.append(value)
      value = 0
      shift = 0
    }
    return gaps
  }

  /// The number of gaps in `bytes`, without decoding them; throws as `decode` does on a cut-off
  /// end and on too many.
  package static func count(
    _ bytes: ArraySlice<UInt8>, maximumCount: Int = defaultMaximumCount
  ) throws(StatisticsError) -> Int {
    if let last = bytes.last, last >= 0x80 {
      throw StatisticsError(.malformed, "the gaps end within a number")
    }
    var count = 0
    for byte in bytes where byte < 0x80 { count += 1 }
    guard count <= maximumCount else {
      throw StatisticsError(.malformed, "\(count) gaps exceed the limit of \(maximumCount)")
    }
    return count
  }

  /// The number of gaps in `bytes` and their sum, without an array of them; throws as `decode`
  /// does, and `outOfRange` on a sum above 64 bits.
  package static func total(
    _ bytes: ArraySlice<UInt8>, maximumCount: Int = defaultMaximumCount
  ) throws(StatisticsError) -> (count: Int, sum: UInt64) {
    if let last = bytes.last, last >= 0x80 {
      throw StatisticsError(.malformed, "the gaps end within a number")
    }
    let total = try GapTotal(bytes.span.bytes)
    guard total.count <= maximumCount else {
      throw StatisticsError(.malformed, "\(total.count) gaps exceed the limit of \(maximumCount)")
    }
    return (total.count, total.sum)
  }

  static func check(_ byte: UInt8, shift: UInt64, offset: Int) throws(StatisticsError) {
    // The tenth byte holds bit 63 alone.
    if shift >= 63, byte > 1 {
      throw StatisticsError(.malformed, "the gap at byte \(offset) exceeds 64 bits")
    }
    if shift > 0, byte == 0 {
      throw StatisticsError(.malformed, "the gap at byte \(offset) is longer than needed")
    }
  }
}

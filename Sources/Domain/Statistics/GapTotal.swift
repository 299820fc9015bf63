/// Counts encoded gaps and adds them up, many at a time: a server does so with every sample.
///
/// Gaps between 2.1 and 268 ms take four bytes: 64 bytes hold sixteen of them then, and most words
/// two; the others are taken one by one.
struct GapTotal {
  private(set) var count = 0
  private(set) var sum: UInt64 = 0
  private var offset = 0
  /// Where the next sixteen are worth a look.
  private var nextSixteen = 0

  private static let topBits: UInt64 = 0x8080_8080_8080_8080
  private static let topBitsOfTwo: UInt64 = 0x0080_8080_0080_8080
  /// The seven bits of every other byte.
  private static let everyOther: UInt64 = 0x007F_007F_007F_007F
  /// What adding `everyOther` sets beside the last bytes, unless they are 0.
  private static let lastsOfTwo: UInt64 = 0x0080_0000_0080_0000

  /// Reads all of `bytes`, whose last byte ends a number; throws as `DeltaVarint.total` does.
  init(_ bytes: RawSpan) throws(StatisticsError) {
    while offset + 8 <= bytes.byteCount {
      if takeSixteen(bytes) { continue }
      let word = UInt64(
        littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
      if !takeTwo(word), try !takeOne(word) { try takeLong(bytes) }
    }
    while offset < bytes.byteCount { try takeLong(bytes) }
  }

  /// Takes sixteen numbers of four bytes; false when the next bytes are something else.
  private mutating func takeSixteen(_ bytes: RawSpan) -> Bool {
    guard offset >= nextSixteen, offset + 64 <= bytes.byteCount, UInt64(littleEndian: 1) == 1 else {
      return false
    }
    let words = bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
    let (evens, odds) = (words & Self.everyOther, (words &>> 8) & Self.everyOther)
    let faults =
      ((words & Self.topBits) ^ Self.topBitsOfTwo)
      | (~(odds &+ Self.everyOther) & Self.lastsOfTwo)
    guard Self.union(faults) == 0 else {
      nextSixteen = offset + 64
      return false
    }
    return take(16, Self.sum(evens), Self.sum(odds), byteCount: 64)
  }

  // Halves are laid over each other, since looking at single words takes them out of the vector.

  private static func union(_ words: SIMD8<UInt64>) -> UInt64 {
    let four = words.lowHalf | words.highHalf
    let two = four.lowHalf | four.highHalf
    return two.x | two.y
  }

  private static func sum(_ words: SIMD8<UInt64>) -> UInt64 {
    let four = words.lowHalf &+ words.highHalf
    let two = four.lowHalf &+ four.highHalf
    return two.x &+ two.y
  }

  /// Takes two numbers of four bytes; false when the word is something else.
  private mutating func takeTwo(_ word: UInt64) -> Bool {
    let (evens, odds) = (word & Self.everyOther, (word >> 8) & Self.everyOther)
    guard word & Self.topBits == Self.topBitsOfTwo,
      (odds + Self.everyOther) & Self.lastsOfTwo == Self.lastsOfTwo
    else { return false }
    return take(2, evens, odds, byteCount: 8)
  }

  /// Adds up numbers of four bytes, of which `evens` and `odds` are the sums of each first and
  /// third, and each second and fourth byte, two by two in 16 bits each.
  private mutating func take(
    _ count: Int, _ evens: UInt64, _ odds: UInt64, byteCount: Int
  ) -> Bool {
    let (even, odd) = ((evens & 0xFFFF_FFFF) + evens >> 32, (odds & 0xFFFF_FFFF) + odds >> 32)
    let low = (even & 0xFFFF) + (odd & 0xFFFF) << 7
    let (next, overflow) = sum.addingReportingOverflow(low + (even >> 16) << 14 + (odd >> 16) << 21)
    guard !overflow else { return false }
    sum = next
    self.count += count
    offset += byteCount
    return true
  }

  /// Takes the number that the word begins with; false when it does not end there, or is longer
  /// than needed.
  private mutating func takeOne(_ word: UInt64) throws(StatisticsError) -> Bool {
    let ends = ~word & Self.topBits
    guard ends != 0 else { return false }
    let byteCount = ends.trailingZeroBitCount / 8 + 1
    let number = word & (ends ^ (ends - 1))
    guard byteCount == 1 || number >> UInt64(8 * (byteCount - 1)) != 0 else { return false }
    let halves = Self.halves(number)
    try add(halves & 0xFFFF_FFFF | (halves >> 32) << 28)
    offset += byteCount
    return true
  }

  /// Takes a number byte by byte.
  private mutating func takeLong(_ bytes: RawSpan) throws(StatisticsError) {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      try DeltaVarint.check(byte, shift: shift, offset: offset)
      value |= UInt64(byte & 0x7F) << shift
      shift += 7
      offset += 1
      if byte < 0x80 { break }
    }
    try add(value)
  }

  private mutating func add(_ value: UInt64) throws(StatisticsError) {
    let (next, overflow) = sum.addingReportingOverflow(value)
    if overflow { throw StatisticsError(.outOfRange, "the gaps exceed the clock") }
    sum = next
    count += 1
  }

  /// The seven low bits of each byte moved together, four bytes in each half of the word.
  private static func halves(_ word: UInt64) -> UInt64 {
    let pairs = word & 0x007F_007F_007F_007F | (word & 0x7F00_7F00_7F00_7F00) >> 1
    return pairs & 0x0000_3FFF_0000_3FFF | (pairs & 0x3FFF_0000_3FFF_0000) >> 2
  }
}

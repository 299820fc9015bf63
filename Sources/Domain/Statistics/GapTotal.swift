/// Counts encoded gaps and adds them up, eight bytes at a time: a server does so with every sample.
///
/// Gaps between 2.1 and 268 ms take four bytes, so that most words hold two of them; the others
/// are taken one by one.
struct GapTotal {
  private(set) var count = 0
  private(set) var sum: UInt64 = 0
  private var offset = 0

  private static let topBits: UInt64 = 0x8080_8080_8080_8080
  private static let topBitsOfTwo: UInt64 = 0x0080_8080_0080_8080
  private static let lastBytesOfTwo: (UInt64, UInt64) = (0x7F00_0000, 0x7F00_0000_0000_0000)

  /// Reads all of `bytes`, whose last byte ends a number; throws as `DeltaVarint.total` does.
  init(_ bytes: RawSpan) throws(StatisticsError) {
    while offset + 8 <= bytes.byteCount {
      let word = UInt64(
        littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
      if !takeTwo(word), try !takeOne(word) { try takeLong(bytes) }
    }
    while offset < bytes.byteCount { try takeLong(bytes) }
  }

  /// Takes two numbers of four bytes; false when the word is something else.
  private mutating func takeTwo(_ word: UInt64) -> Bool {
    guard word & Self.topBits == Self.topBitsOfTwo, word & Self.lastBytesOfTwo.0 != 0,
      word & Self.lastBytesOfTwo.1 != 0
    else { return false }
    let halves = Self.halves(word)
    let (next, overflow) = sum.addingReportingOverflow((halves & 0xFFFF_FFFF) + halves >> 32)
    guard !overflow else { return false }
    sum = next
    count += 2
    offset += 8
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

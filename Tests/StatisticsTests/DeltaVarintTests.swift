import Statistics
import Testing

@Suite("Gaps as bytes")
struct DeltaVarintTests {
  @Test("the bytes are unsigned LEB128")
  func bytes() {
    #expect(DeltaVarint.encode([]) == [])
    #expect(DeltaVarint.encode([0, 127, 128, 624_485]) == [0, 0x7F, 0x80, 1, 0xE5, 0x8E, 0x26])
    #expect(DeltaVarint.encode([.max]) == Array(repeating: 0xFF, count: 9) + [1])
  }

  @Test("random gaps of every length come back")
  func roundTrip() throws {
    var random = SystemRandomNumberGenerator()
    let gaps = (0..<10_000).map { UInt64.random(in: 0...UInt64.max, using: &random) >> ($0 % 64) }
    let bytes = DeltaVarint.encode(gaps)
    #expect(try DeltaVarint.decode(bytes[...]) == gaps)
    #expect(try DeltaVarint.count(bytes[...]) == gaps.count)
  }

  @Test("number and sum are those of the gaps, of whatever lengths they are", arguments: 0..<200)
  func totalOfMixedLengths(seed: Int) throws {
    var random = Xorshift(state: UInt64(seed) + 1)
    // Most gaps of an answer take four bytes: runs of them, with others between.
    let gaps = (0..<Int(random.next() % 50)).map { _ in
      let length = random.next() % 3 == 0 ? random.next() % 8 + 1 : 4
      return (random.next() >> (64 - 7 * length)) | 1 << (7 * (length - 1))
    }
    let bytes = DeltaVarint.encode(gaps)
    let (count, sum) = try DeltaVarint.total(bytes[...])
    #expect(count == gaps.count && sum == gaps.reduce(0, +))
    for end in bytes.indices {
      // Cut within a number, and with a number that is longer than needed at each place.
      let isWhole = end == 0 || bytes[end - 1] < 0x80
      #expect((try? DeltaVarint.total(bytes[..<end])) != nil || !isWhole)
      guard bytes[end] < 0x80 else { continue }
      var overlong = bytes
      overlong[end] |= 0x80
      overlong.insert(0, at: end + 1)
      #expect(throws: StatisticsError.self) { try DeltaVarint.total(overlong[...]) }
    }
  }

  @Test("number and sum are those of the gaps")
  func total() throws {
    let gaps: [UInt64] = [0, 127, 128, 624_485, 1 << 62]
    let (count, sum) = try DeltaVarint.total(DeltaVarint.encode(gaps)[...])
    #expect(count == gaps.count && sum == gaps.reduce(0, +))
    #expect(throws: StatisticsError.self) { try DeltaVarint.total([0xFF, 0xFF]) }
    #expect(throws: StatisticsError.self) { try DeltaVarint.total([0x80, 0]) }
    #expect(throws: StatisticsError.self) {
      try DeltaVarint.total(DeltaVarint.encode([.max, 1])[...])
    }
  }

  @Test(
    "cut-off, overlong and too large numbers are refused",
    arguments: [
      [0x80], [5, 0xFF], [0x80, 0], [1, 0xFF, 0x80, 0],
      Array(repeating: 0xFF, count: 9) + [2], Array(repeating: 0xFF, count: 10) + [1],
      Array(repeating: 0x80, count: 11) + [1], Array(repeating: 0x80, count: 1000) + [1],
    ] as [[UInt8]])
  func malformed(bytes: [UInt8]) {
    #expect { try DeltaVarint.decode(bytes[...]) } throws: {
      ($0 as? StatisticsError)?.code == .malformed
    }
  }

  @Test("every sequence of bytes either is refused or encodes back to itself")
  func garbage() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      if let gaps = try? DeltaVarint.decode(bytes[...]) {
        #expect(DeltaVarint.encode(gaps) == bytes)
      }
    }
  }

  @Test("more gaps than allowed are refused")
  func bounded() throws {
    let bytes = [UInt8](repeating: 1, count: 11)
    #expect(try DeltaVarint.decode(bytes[...], maximumCount: 11).count == 11)
    #expect(throws: StatisticsError.self) { try DeltaVarint.decode(bytes[...], maximumCount: 10) }
    #expect(throws: StatisticsError.self) { try DeltaVarint.count(bytes[...], maximumCount: 10) }
  }
}

/// Numbers that a seed repeats.
private struct Xorshift: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    for _ in 0..<3 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
    }
    return state &* 0x2545_F491_4F6C_DD1D
  }
}

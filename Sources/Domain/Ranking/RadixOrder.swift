/// Sorting row numbers by 64-bit keys, for more rows than a comparison sort should see.
enum RadixOrder {
  /// Row numbers by ascending key; equal keys keep the order of `rows`.
  static func ascending(_ keys: [UInt64], rows: [UInt32]) -> [UInt32] {
    precondition(keys.count == rows.count, "every row has a key")
    var pairs = zip(keys, rows).map { Pair(key: $0, row: $1) }
    if pairs.count < 2048 {
      // Rows break ties, which keeps the sort stable for ascending rows.
      pairs.sort { $0.key != $1.key ? $0.key < $1.key : $0.row < $1.row }
    } else {
      sort(&pairs)
    }
    return pairs.map(\.row)
  }

  /// A key whose unsigned order is the order of finite numbers; 0 and -0 are equal.
  @inline(__always)
  static func key(_ value: Double) -> UInt64 {
    let bits = (value + 0).bitPattern
    return bits >> 63 == 0 ? bits | (1 << 63) : ~bits
  }

  private struct Pair {
    var key: UInt64
    var row: UInt32
  }

  private static let digitBits: UInt64 = 11
  private static let digits = 6

  /// Least significant digit first; digits that all keys share are skipped.
  private static func sort(_ pairs: inout [Pair]) {
    let size = 1 << Int(digitBits)
    let mask = UInt64(size - 1)
    var counts = [UInt32](repeating: 0, count: size * digits)
    pairs.withUnsafeBufferPointer { pairs in
      counts.withUnsafeMutableBufferPointer { counts in
        for pair in pairs {
          for digit in 0..<digits {
            let value = Int((pair.key >> (UInt64(digit) &* digitBits)) & mask)
            counts[digit &* size &+ value] &+= 1
          }
        }
      }
    }
    var other = pairs
    for digit in 0..<digits {
      var offsets = Array(counts[(digit * size)..<((digit + 1) * size)])
      if offsets.contains(UInt32(pairs.count)) { continue }
      var sum: UInt32 = 0
      for index in offsets.indices {
        (offsets[index], sum) = (sum, sum + offsets[index])
      }
      scatter(pairs, into: &other, offsets: &offsets, shift: UInt64(digit) * digitBits, mask: mask)
      swap(&pairs, &other)
    }
  }

  private static func scatter(
    _ source: [Pair], into target: inout [Pair], offsets: inout [UInt32], shift: UInt64,
    mask: UInt64
  ) {
    source.withUnsafeBufferPointer { source in
      target.withUnsafeMutableBufferPointer { target in
        offsets.withUnsafeMutableBufferPointer { offsets in
          for pair in source {
            let value = Int((pair.key >> shift) & mask)
            target[Int(offsets[value])] = pair
            offsets[value] &+= 1
          }
        }
      }
    }
  }
}

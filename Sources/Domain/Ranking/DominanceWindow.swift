/// Rows of a front, eight to a block in structure-of-arrays, that candidates are compared with.
///
/// Lower is better in every column. Lanes without a row hold infinity, which never beats a finite
/// candidate.
struct DominanceWindow {
  private let width: Int
  private var blocks: [SIMD8<Double>] = []
  private var count = 0

  init(width: Int) {
    self.width = width
  }

  /// Adds a row of `width` finite values.
  mutating func insert(_ row: UnsafePointer<Double>) {
    let lane = count & 7
    if lane == 0 {
      blocks.append(contentsOf: repeatElement(SIMD8(repeating: .infinity), count: width))
    }
    let start = blocks.count - width
    for column in 0..<width { blocks[start + column][lane] = row[column] }
    count += 1
  }

  /// Whether some row is at most as large as `row` in every column.
  func covers(_ row: UnsafePointer<Double>) -> Bool {
    blocks.withUnsafeBufferPointer { blocks in
      guard let base = blocks.baseAddress else { return false }
      let first = SIMD8(repeating: row[0])
      let second = SIMD8(repeating: row[1])
      var start = 0
      while start < blocks.count {
        let block = base + start
        var hit: Lanes = (block[0] .<= first) .& (block[1] .<= second)
        start &+= width
        guard hit.isAnySet else { continue }
        for column in 2..<width {
          hit .&= (block[column] .<= SIMD8(repeating: row[column]))
        }
        if hit.isAnySet { return true }
      }
      return false
    }
  }
}

/// Eight yes-or-no answers.
typealias Lanes = SIMDMask<SIMD8<Int64>>

extension Lanes {
  // Folded by hand, since the library's `any` and `all` compare 64-bit lanes one by one on machines
  // without AVX-512.

  /// Whether some lane is set.
  @inline(__always)
  var isAnySet: Bool {
    let bits = unsafeBitCast(self, to: SIMD8<Int64>.self)
    let four = bits.lowHalf | bits.highHalf
    let two = four.lowHalf | four.highHalf
    return (two[0] | two[1]) != 0
  }

  /// Whether every lane is set.
  @inline(__always)
  var isEverySet: Bool {
    let bits = unsafeBitCast(self, to: SIMD8<Int64>.self)
    let four = bits.lowHalf & bits.highHalf
    let two = four.lowHalf & four.highHalf
    return (two[0] & two[1]) != 0
  }
}

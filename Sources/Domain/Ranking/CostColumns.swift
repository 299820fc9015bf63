/// A decision matrix seen as costs: lower is better in every column.
struct CostColumns {
  private let matrix: DecisionMatrix
  private let signs: [Double]

  init(_ matrix: DecisionMatrix) {
    self.matrix = matrix
    signs = matrix.criteria.map { $0.direction == .cost ? 1 : -1 }
  }

  var rowCount: Int { matrix.rowCount }
  var width: Int { signs.count }

  /// The cost of one cell.
  @inline(__always)
  func cost(_ row: Int, _ column: Int) -> Double { matrix[row, column] * signs[column] }

  /// The costs of some rows, row after row.
  func gather(_ rows: [UInt32]) -> [Double] {
    [Double](unsafeUninitializedCapacity: rows.count * width) { buffer, count in
      matrix.cells.withUnsafeBufferPointer { cells in
        for column in 0..<width {
          let start = column * rowCount
          let sign = signs[column]
          for (index, row) in rows.enumerated() {
            buffer[index &* width &+ column] = cells[start &+ Int(row)] * sign
          }
        }
      }
      count = rows.count * width
    }
  }

  /// A sum over columns scaled to their ranges: no row has a larger one than a row it dominates.
  ///
  /// Every step is monotone in floating point as well, so this holds to the last bit; rows of
  /// equal sum may still dominate one another.
  func monotoneSums() -> [Double] {
    var sums = [Double](repeating: 0, count: rowCount)
    for column in 0..<width {
      let values = matrix.column(column)
      // Halves, so that no difference overflows.
      let low = (values.min() ?? 0) * 0.5
      let high = (values.max() ?? 0) * 0.5
      guard high > low else { continue }
      let base = signs[column] > 0 ? low : high
      let inverse = 1 / (high - low)
      let factor = signs[column] * (inverse.isFinite ? inverse : 1)
      values.withUnsafeBufferPointer { values in
        sums.withUnsafeMutableBufferPointer { sums in
          for row in 0..<values.count { sums[row] += (values[row] * 0.5 - base) * factor }
        }
      }
    }
    return sums
  }

  /// Rows that none of `pivots` dominates for certain: those that a pivot beats in every column
  /// and in the sum are left out.
  func survivors(of pivots: [Int], sums: [Double]) -> [UInt32] {
    let limits = pivots.flatMap { row in (0..<width).map { cost(row, $0) } }
    let bars = pivots.map { sums[$0] }
    let whole = rowCount & ~7
    var rows: [UInt32] = []
    withPointers(sums, limits, bars) { sums, pivots in
      for start in stride(from: 0, to: whole, by: 8) {
        let beaten = beaten(start, sums, pivots)
        if beaten.isEverySet { continue }
        for lane in 0..<8 where !beaten[lane] { rows.append(UInt32(start + lane)) }
      }
    }
    rows.append(contentsOf: UInt32(whole)..<UInt32(rowCount))
    return rows
  }

  /// Pivots as the filter reads them, valid while their arrays are pinned.
  private struct Pivots {
    let cells: UnsafeBufferPointer<Double>
    let signs: UnsafeBufferPointer<Double>
    let limits: UnsafeBufferPointer<Double>
    let bars: UnsafeBufferPointer<Double>
  }

  private func withPointers(
    _ sums: [Double], _ limits: [Double], _ bars: [Double],
    _ body: (UnsafeBufferPointer<Double>, Pivots) -> Void
  ) {
    matrix.cells.withUnsafeBufferPointer { cells in
      signs.withUnsafeBufferPointer { signs in
        limits.withUnsafeBufferPointer { limits in
          bars.withUnsafeBufferPointer { bars in
            sums.withUnsafeBufferPointer { sums in
              body(sums, Pivots(cells: cells, signs: signs, limits: limits, bars: bars))
            }
          }
        }
      }
    }
  }

  /// Which of the eight rows from `start` on some pivot dominates for certain.
  @inline(__always)
  private func beaten(
    _ start: Int, _ sums: UnsafeBufferPointer<Double>, _ pivots: Pivots
  ) -> Lanes {
    var beaten = Lanes(repeating: false)
    let eightSums = sums.eight(at: start)
    let (width, rowCount) = (pivots.signs.count, sums.count)
    for pivot in 0..<pivots.bars.count {
      var hit: Lanes = eightSums .> SIMD8(repeating: pivots.bars[pivot])
      var column = 0
      while column < width, hit.isAnySet {
        let values = pivots.cells.eight(at: column &* rowCount &+ start)
        let costs = values * SIMD8(repeating: pivots.signs[column])
        hit .&= (costs .>= SIMD8(repeating: pivots.limits[pivot &* width &+ column]))
        column &+= 1
      }
      beaten .|= hit
      if beaten.isEverySet { break }
    }
    return beaten
  }
}

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
    let limits = pivots.map { row in (0..<width).map { matrix[row, $0] } }
    var rows: [UInt32] = []
    matrix.cells.withUnsafeBufferPointer { cells in
      sums.withUnsafeBufferPointer { sums in
        let whole = rowCount & ~7
        for start in stride(from: 0, to: whole, by: 8) {
          let beaten = beaten(cells, sums, start, pivots, limits)
          if beaten == Self.allLanes { continue }
          for lane in 0..<8 where !beaten[lane] { rows.append(UInt32(start + lane)) }
        }
        for row in whole..<rowCount { rows.append(UInt32(row)) }
      }
    }
    return rows
  }

  private static let allLanes = Lanes(repeating: true)

  @inline(__always)
  private func beaten(
    _ cells: UnsafeBufferPointer<Double>, _ sums: UnsafeBufferPointer<Double>, _ start: Int,
    _ pivots: [Int], _ limits: [[Double]]
  ) -> Lanes {
    var beaten = Lanes(repeating: false)
    let eightSums = sums.eight(at: start)
    for (pivot, limit) in zip(pivots, limits) {
      var hit: Lanes = eightSums .> SIMD8(repeating: sums[pivot])
      for column in 0..<width {
        let values = cells.eight(at: column &* rowCount &+ start)
        let best = SIMD8(repeating: limit[column])
        let loses: Lanes = signs[column] > 0 ? values .>= best : values .<= best
        hit .&= loses
        if !hit.isAnySet { break }
      }
      beaten .|= hit
      if beaten == Self.allLanes { break }
    }
    return beaten
  }
}

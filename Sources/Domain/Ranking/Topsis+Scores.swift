extension Topsis {
  /// The closeness of every row to the ideal, from 0 (worst) to 1 (ideal).
  ///
  /// Throws `shape` where the matrix has other criteria than this was prepared for.
  package func scores(_ matrix: DecisionMatrix) throws(RankingError) -> [Double] {
    guard matrix.criteria == criteria else {
      throw RankingError(.shape, "the matrix has other criteria than the weights")
    }
    let terms = self.terms(rowCount: matrix.rowCount)
    return matrix.cells.withUnsafeBufferPointer { cells in
      [Double](unsafeUninitializedCapacity: matrix.rowCount) { scores, count in
        let whole = matrix.rowCount & ~7
        for row in stride(from: 0, to: whole, by: 8) {
          Self.scoreEight(cells, terms, row, into: scores)
        }
        for row in whole..<matrix.rowCount { scores[row] = Self.scoreOne(cells, terms, row) }
        count = matrix.rowCount
      }
    }
  }

  /// One criterion that contributes.
  private struct Term {
    let start: Int
    let antiIdeal: Double
    let range: Double
    let squaredWeight: Double
  }

  /// The criteria that contribute; weights relative to the largest, which scores do not depend on,
  /// so that no square vanishes.
  private func terms(rowCount: Int) -> [Term] {
    let largest = effectiveWeights.max() ?? 0
    return effectiveWeights.indices.compactMap { index in
      guard effectiveWeights[index] > 0 else { return nil }
      let weight = effectiveWeights[index] / largest
      return Term(
        start: index * rowCount, antiIdeal: bounds[index].antiIdeal,
        range: bounds[index].ideal - bounds[index].antiIdeal, squaredWeight: weight * weight)
    }
  }

  @inline(__always)
  private static func scoreEight(
    _ cells: UnsafeBufferPointer<Double>, _ terms: [Term], _ row: Int,
    into scores: UnsafeMutableBufferPointer<Double>
  ) {
    var ideal = SIMD8<Double>.zero
    var antiIdeal = SIMD8<Double>.zero
    for term in terms {
      let values = cells.eight(at: term.start &+ row)
      let place = ((values - term.antiIdeal) / term.range)
        .clamped(lowerBound: .zero, upperBound: .one)
      let missing = SIMD8<Double>.one - place
      ideal += term.squaredWeight * missing * missing
      antiIdeal += term.squaredWeight * place * place
    }
    let far = antiIdeal.squareRoot()
    let sum = ideal.squareRoot() + far
    let score = (far / sum).replacing(with: 0.5, where: sum .== 0)
    UnsafeMutableRawPointer(scores.baseAddress! + row).storeBytes(of: score, as: SIMD8<Double>.self)
  }

  private static func scoreOne(
    _ cells: UnsafeBufferPointer<Double>, _ terms: [Term], _ row: Int
  ) -> Double {
    var ideal = 0.0
    var antiIdeal = 0.0
    for term in terms {
      let place = min(max((cells[term.start + row] - term.antiIdeal) / term.range, 0), 1)
      ideal += term.squaredWeight * (1 - place) * (1 - place)
      antiIdeal += term.squaredWeight * place * place
    }
    let far = antiIdeal.squareRoot()
    let sum = ideal.squareRoot() + far
    return sum == 0 ? 0.5 : far / sum
  }
}

extension UnsafeBufferPointer<Double> {
  /// Eight values from `index` on, which all lie in the buffer.
  @inline(__always)
  func eight(at index: Int) -> SIMD8<Double> {
    UnsafeRawPointer(baseAddress! + index).loadUnaligned(as: SIMD8<Double>.self)
  }
}

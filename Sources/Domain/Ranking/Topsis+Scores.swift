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
        withUnsafeTemporaryAllocation(of: Double.self, capacity: Self.chunk) { distances in
          for start in stride(from: 0, to: matrix.rowCount, by: Self.chunk) {
            let rows = start..<min(start + Self.chunk, matrix.rowCount)
            Self.score(
              cells, terms, rows: rows, distances: distances,
              into: UnsafeMutableBufferPointer(rebasing: scores[rows]))
          }
        }
        count = matrix.rowCount
      }
    }
  }

  /// Rows scored at a time, so that their distances stay in the nearest cache.
  private static let chunk = 512

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

  /// Scores some rows in plain loops, which the compiler turns into vectors; `scores` holds the
  /// squared distances from the worst until the end.
  private static func score(
    _ cells: UnsafeBufferPointer<Double>, _ terms: [Term], rows: Range<Int>,
    distances ideal: UnsafeMutableBufferPointer<Double>,
    into scores: UnsafeMutableBufferPointer<Double>
  ) {
    for index in 0..<scores.count {
      ideal[index] = 0
      scores[index] = 0
    }
    for term in terms {
      let values = UnsafeBufferPointer(
        rebasing: cells[(term.start + rows.lowerBound)..<(term.start + rows.upperBound)])
      add(term, values, ideal: ideal.baseAddress!, antiIdeal: scores.baseAddress!)
    }
    for index in 0..<scores.count {
      let far = scores[index].squareRoot()
      let sum = ideal[index].squareRoot() + far
      scores[index] = sum == 0 ? 0.5 : far / sum
    }
  }

  /// Adds one criterion to the squared distances.
  private static func add(
    _ term: Term, _ values: UnsafeBufferPointer<Double>, ideal: UnsafeMutablePointer<Double>,
    antiIdeal: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<values.count {
      let raw = (values[index] - term.antiIdeal) / term.range
      let raised = raw > 0 ? raw : 0
      let place = raised < 1 ? raised : 1
      let missing = 1 - place
      ideal[index] += term.squaredWeight * missing * missing
      antiIdeal[index] += term.squaredWeight * place * place
    }
  }
}

extension UnsafeBufferPointer<Double> {
  /// Eight values from `index` on, which all lie in the buffer.
  @inline(__always)
  func eight(at index: Int) -> SIMD8<Double> {
    UnsafeRawPointer(baseAddress! + index).loadUnaligned(as: SIMD8<Double>.self)
  }
}

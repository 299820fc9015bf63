/// Rows to be ranked by criteria, stored column by column; every cell is finite.
package struct DecisionMatrix: Sendable, Equatable {
  package let criteria: [Criterion]
  package let rowCount: Int
  /// Column after column, each of `rowCount` values.
  let cells: [Double]

  /// Takes one array per criterion, all of one length.
  ///
  /// Throws `shape` where the lengths do not fit and `notFinite` with row and criterion of the
  /// first cell that is a NaN or an infinity.
  package init(criteria: [Criterion], columns: [[Double]]) throws(RankingError) {
    guard columns.count == criteria.count else {
      throw RankingError(.shape, "\(columns.count) columns for \(criteria.count) criteria")
    }
    let rowCount = columns.first?.count ?? 0
    for (criterion, column) in zip(criteria, columns) where column.count != rowCount {
      throw RankingError(
        .shape, "\(criterion.name) has \(column.count) values for \(rowCount) rows")
    }
    var cells: [Double] = []
    cells.reserveCapacity(rowCount * criteria.count)
    for column in columns { cells.append(contentsOf: column) }
    try self.init(criteria: criteria, rowCount: rowCount, cells: cells)
  }

  /// Takes rows one after the other (C order); throws as above.
  package init(criteria: [Criterion], rowMajor: [Double]) throws(RankingError) {
    let width = criteria.count
    guard width > 0, rowMajor.count.isMultiple(of: width) else {
      throw RankingError(.shape, "\(rowMajor.count) cells are no rows of \(width) criteria")
    }
    let rowCount = rowMajor.count / width
    let cells = [Double](unsafeUninitializedCapacity: rowMajor.count) { buffer, count in
      rowMajor.withUnsafeBufferPointer { source in
        for column in 0..<width {
          for row in 0..<rowCount {
            buffer[column &* rowCount &+ row] = source[row &* width &+ column]
          }
        }
      }
      count = rowMajor.count
    }
    try self.init(criteria: criteria, rowCount: rowCount, cells: cells)
  }

  private init(criteria: [Criterion], rowCount: Int, cells: [Double]) throws(RankingError) {
    guard !criteria.isEmpty else { throw RankingError(.shape, "there are no criteria") }
    guard rowCount <= Int(UInt32.max) else {
      throw RankingError(.shape, "\(rowCount) rows exceed \(UInt32.max)")
    }
    self.criteria = criteria
    self.rowCount = rowCount
    self.cells = cells
    try checkFinite()
  }

  /// One cell.
  package subscript(row: Int, column: Int) -> Double { cells[column * rowCount + row] }

  /// The cells of one row.
  package func row(_ row: Int) -> [Double] { criteria.indices.map { self[row, $0] } }

  /// The cells of one criterion.
  package func column(_ column: Int) -> ArraySlice<Double> {
    cells[(column * rowCount)..<((column + 1) * rowCount)]
  }

  private func checkFinite() throws(RankingError) {
    // x - x is 0 for finite x alone, and the sum vectorizes where a search would not.
    let residue = cells.withUnsafeBufferPointer { cells in
      var lanes = SIMD8<Double>.zero
      let whole = cells.count & ~7
      for start in stride(from: 0, to: whole, by: 8) {
        let values = SIMD8<Double>(UnsafeBufferPointer(rebasing: cells[start..<(start + 8)]))
        lanes += values - values
      }
      var rest = 0.0
      for index in whole..<cells.count { rest += cells[index] - cells[index] }
      return lanes.sum() + rest
    }
    guard residue != 0, let bad = cells.firstIndex(where: { !$0.isFinite }) else { return }
    let name = criteria[bad / rowCount].name
    throw RankingError(.notFinite, "\(name) of row \(bad % rowCount) is \(cells[bad])")
  }
}

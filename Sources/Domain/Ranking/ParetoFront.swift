/// The rows that no other row dominates: none is at least as good in every criterion and better in
/// one.
package struct ParetoFront: Sendable, Equatable {
  /// Rows of the front in ascending order, equal rows among them.
  package let rows: [Int]
  /// Beside each row: whether an earlier row has the same values.
  package let isDuplicate: [Bool]

  package var count: Int { rows.count }

  /// The front without rows that repeat an earlier one.
  package var firstOfDuplicates: [Int] {
    zip(rows, isDuplicate).compactMap { $1 ? nil : $0 }
  }

  /// The first front of a matrix.
  ///
  /// A few rows of the lowest sum drop most others in one pass; what is left is sorted and swept:
  /// two criteria by one bar, three by a staircase, four and more against blocks of the front
  /// (sort-filter-skyline, Chomicki et al. 2003).
  package init(of matrix: DecisionMatrix) {
    let columns = CostColumns(matrix)
    let sums = columns.monotoneSums()
    let rows = columns.survivors(of: Self.pivots(sums), sums: sums)
    let sweep =
      columns.width <= 3
      ? Sweep(columns, rows, keys: rows.map { columns.cost(Int($0), 0) }, .staircase)
      : Sweep(columns, rows, keys: rows.map { sums[Int($0)] }, .blocks)
    self.init(sweep.front)
  }

  private init(_ members: [(row: UInt32, isDuplicate: Bool)]) {
    let members = members.sorted { $0.row < $1.row }
    rows = members.map { Int($0.row) }
    isDuplicate = members.map(\.isDuplicate)
  }

  private static let pivotCount = 16

  /// Rows of the lowest sums.
  private static func pivots(_ sums: [Double]) -> [Int] {
    var pivots: [Int] = []
    var bar = Double.infinity
    for row in sums.indices where sums[row] < bar {
      let place = pivots.firstIndex { sums[$0] > sums[row] } ?? pivots.count
      pivots.insert(row, at: place)
      guard pivots.count > pivotCount else { continue }
      pivots.removeLast()
      bar = sums[pivots[pivotCount - 1]]
    }
    return pivots
  }
}

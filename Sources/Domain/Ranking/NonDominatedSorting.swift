/// Fronts behind the first: what is left when a front is taken away has a first front again.
package enum NonDominatedSorting {
  /// The number of the front of every row, from 0, in row order; equal rows share theirs.
  ///
  /// Rows are walked in an order in which none dominates an earlier one; each goes to the first
  /// front that does not dominate it, found by halving, since a row dominated by a front is
  /// dominated by every front before that (ENS-BS, Zhang et al. 2015).
  package static func ranks(of matrix: DecisionMatrix) -> [Int] {
    let columns = CostColumns(matrix)
    let sums = columns.monotoneSums()
    let order = Sweep.order(columns, Array(0..<UInt32(matrix.rowCount)), keys: sums)
    let width = max(2, columns.width)
    let costs = padded(columns.gather(order), from: columns.width, to: width)
    var fronts: [DominanceWindow] = []
    var ranks = [Int](repeating: 0, count: matrix.rowCount)
    costs.withUnsafeBufferPointer { costs in
      guard let base = costs.baseAddress else { return }
      for (index, row) in order.enumerated() {
        let values = base + index * width
        if index > 0, Sweep.areEqual(values, values - width, width: width) {
          ranks[Int(row)] = ranks[Int(order[index - 1])]
          continue
        }
        let rank = firstFront(of: values, in: fronts)
        if rank == fronts.count { fronts.append(DominanceWindow(width: width)) }
        fronts[rank].insert(values)
        ranks[Int(row)] = rank
      }
    }
    return ranks
  }

  private static func firstFront(
    of row: UnsafePointer<Double>, in fronts: [DominanceWindow]
  ) -> Int {
    var low = 0
    var high = fronts.count
    while low < high {
      let middle = (low + high) / 2
      if fronts[middle].covers(row) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Rows with zeros after their columns; a window needs two.
  private static func padded(_ costs: [Double], from width: Int, to padding: Int) -> [Double] {
    guard width < padding else { return costs }
    return costs.flatMap { [$0] + Array(repeating: 0, count: padding - width) }
  }
}

/// Rows in an order in which no row dominates an earlier one, walked once.
///
/// Equal rows are neighbours in that order, so each shares the verdict of the one before it, and
/// what else is covered by an earlier row is dominated.
struct Sweep {
  enum Method {
    /// Columns past the first as a staircase; for up to three columns.
    case staircase
    /// Blocks of the front; for four columns and more.
    case blocks
  }

  /// The rows that are not dominated.
  private(set) var front: [(row: UInt32, isDuplicate: Bool)] = []

  /// Walks `rows` by ascending key, then lexicographically, then by row; `keys` are monotone: no
  /// row has a larger one than a row it dominates.
  init(_ columns: CostColumns, _ rows: [UInt32], keys: [Double], _ method: Method) {
    let order = Self.order(columns, rows, keys: keys)
    let costs = columns.gather(order)
    let width = columns.width
    costs.withUnsafeBufferPointer { costs in
      guard let base = costs.baseAddress else { return }
      switch method {
      case .staircase:
        var steps = Staircase(width: width)
        walk(order, base, width: width, insert: { steps.insert($0) }, covers: { steps.covers($0) })
      case .blocks:
        var window = PartitionedWindow(pivot: Self.middle(base, width: width, count: order.count))
        walk(
          order, base, width: width, insert: { window.insert($0) }, covers: { window.covers($0) })
      }
    }
  }

  private mutating func walk(
    _ order: [UInt32], _ base: UnsafePointer<Double>, width: Int,
    insert: (UnsafePointer<Double>) -> Void, covers: (UnsafePointer<Double>) -> Bool
  ) {
    var wasKept = false
    for (index, row) in order.enumerated() {
      let costs = base + index * width
      if index > 0, Self.areEqual(costs, costs - width, width: width) {
        if wasKept { front.append((row, true)) }
        continue
      }
      wasKept = !covers(costs)
      guard wasKept else { continue }
      insert(costs)
      front.append((row, false))
    }
  }

  /// The order of the walk.
  static func order(_ columns: CostColumns, _ rows: [UInt32], keys: [Double]) -> [UInt32] {
    let sorted = zip(keys, rows)
    var order = RadixOrder.ascending(
      sorted.map { RadixOrder.key($0.0) }, rows: Array(0..<UInt32(rows.count)))
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, keys[Int(order[end])] == keys[Int(order[start])] { end += 1 }
      if end - start > 1 {
        order[start..<end].sort { precedes(columns, Int(rows[Int($0)]), Int(rows[Int($1)])) }
      }
      start = end
    }
    return order.map { rows[Int($0)] }
  }

  private static func precedes(_ columns: CostColumns, _ a: Int, _ b: Int) -> Bool {
    for column in 0..<columns.width {
      let (left, right) = (columns.cost(a, column), columns.cost(b, column))
      if left != right { return left < right }
    }
    return a < b
  }

  static func areEqual(
    _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, width: Int
  ) -> Bool {
    for column in 0..<width where a[column] != b[column] { return false }
    return true
  }

  /// The median of every column over a sample of rows.
  private static func middle(
    _ base: UnsafePointer<Double>, width: Int, count: Int
  ) -> [Double] {
    let step = max(1, count / 256)
    return (0..<width).map { column in
      let values = stride(from: 0, to: count, by: step).map { base[$0 * width + column] }.sorted()
      return values.isEmpty ? 0 : values[values.count / 2]
    }
  }
}

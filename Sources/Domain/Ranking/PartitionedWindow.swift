/// A front split by which columns are worse than a pivot, so that a candidate meets only the parts
/// that can dominate it.
///
/// A row that is at most as large as the candidate everywhere is worse than the pivot only where
/// the candidate is too: its bits are a subset of the candidate's (Lee and Hwang, BSkyTree, 2010).
struct PartitionedWindow {
  private let width: Int
  private let pivot: [Double]
  private var parts: [(bits: UInt8, window: DominanceWindow)] = []
  private var places: [Int?]

  /// `pivot` holds one value a column; the first eight columns tell the parts apart.
  init(pivot: [Double]) {
    width = pivot.count
    self.pivot = Array(pivot.prefix(8))
    places = Array(repeating: nil, count: 1 << min(8, pivot.count))
  }

  /// Adds a row of finite values.
  mutating func insert(_ row: UnsafePointer<Double>) {
    let bits = bits(row)
    let place = places[Int(bits)] ?? open(bits)
    parts[place].window.insert(row)
  }

  /// Whether some row is at most as large as `row` in every column.
  func covers(_ row: UnsafePointer<Double>) -> Bool {
    let others = ~bits(row)
    for part in parts where part.bits & others == 0 && part.window.covers(row) { return true }
    return false
  }

  private mutating func open(_ bits: UInt8) -> Int {
    places[Int(bits)] = parts.count
    parts.append((bits, DominanceWindow(width: width)))
    return parts.count - 1
  }

  @inline(__always)
  private func bits(_ row: UnsafePointer<Double>) -> UInt8 {
    var bits: UInt8 = 0
    for column in pivot.indices where row[column] >= pivot[column] { bits |= 1 << UInt8(column) }
    return bits
  }
}

/// The front of the second and third column of rows that come in the order of the first.
///
/// Steps ascend in the second column and descend strictly in the third. A missing column counts as
/// equal everywhere, so two columns make a single step and one column makes one row.
struct Staircase {
  private let width: Int
  private var steps: [(second: Double, third: Double)] = []

  init(width: Int) {
    self.width = width
  }

  /// Whether an earlier row is at most as large in the second and in the third column.
  func covers(_ row: UnsafePointer<Double>) -> Bool {
    let (second, third) = values(row)
    let place = firstIndex(above: second)
    return place > 0 && steps[place - 1].third <= third
  }

  /// Adds a row that is not covered.
  mutating func insert(_ row: UnsafePointer<Double>) {
    let (second, third) = values(row)
    let place = firstIndex { $0.second >= second }
    var end = place
    while end < steps.count, steps[end].third >= third { end += 1 }
    steps.replaceSubrange(place..<end, with: [(second: second, third: third)])
  }

  private func values(_ row: UnsafePointer<Double>) -> (second: Double, third: Double) {
    (width > 1 ? row[1] : 0, width > 2 ? row[2] : 0)
  }

  private func firstIndex(above second: Double) -> Int { firstIndex { $0.second > second } }

  /// The first step for which `isPast` holds, which holds for all after it.
  private func firstIndex(_ isPast: ((second: Double, third: Double)) -> Bool) -> Int {
    var low = 0
    var high = steps.count
    while low < high {
      let middle = (low + high) / 2
      if isPast(steps[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

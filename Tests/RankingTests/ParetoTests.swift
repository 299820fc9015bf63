import Testing

@testable import Ranking

@Suite("Pareto fronts")
struct ParetoTests {
  private func matrix(_ rows: [[Double]], _ directions: [Direction]? = nil) throws
    -> DecisionMatrix
  {
    let directions = directions ?? Array(repeating: .cost, count: rows.first?.count ?? 1)
    return try DecisionMatrix(
      criteria: directions.enumerated().map { Criterion("c\($0)", $1) },
      rowMajor: rows.flatMap { $0 })
  }

  /// By the definition, pair by pair.
  private func bruteForce(_ rows: [[Double]], _ directions: [Direction]) -> [Int] {
    func dominates(_ a: [Double], _ b: [Double]) -> Bool {
      var isBetter = false
      for column in a.indices {
        let (x, y) = directions[column] == .cost ? (a[column], b[column]) : (b[column], a[column])
        if x > y { return false }
        isBetter = isBetter || x < y
      }
      return isBetter
    }
    return rows.indices.filter { row in !rows.contains { dominates($0, rows[row]) } }
  }

  @Test("a row that is beaten nowhere or equal stays, others go")
  func definition() throws {
    let front = try ParetoFront(of: matrix([[1, 4], [2, 2], [4, 1], [2, 3], [4, 4], [1, 5]]))
    #expect(front.rows == [0, 1, 2])
    #expect(front.firstOfDuplicates == [0, 1, 2])
  }

  @Test("directions are respected")
  func directions() throws {
    let rows: [[Double]] = [[1, 4], [2, 2], [4, 9]]
    #expect(try ParetoFront(of: matrix(rows, [.cost, .benefit])).rows == [0, 2])
    #expect(try ParetoFront(of: matrix(rows, [.benefit, .benefit])).rows == [2])
  }

  @Test("duplicates stay on the front, flagged after the first")
  func duplicates() throws {
    for width in 1...6 {
      let best = Array(repeating: 0.0, count: width)
      let worse = Array(repeating: 1.0, count: width)
      let front = try ParetoFront(of: matrix([worse, best, worse, best, best]))
      #expect(front.rows == [1, 3, 4])
      #expect(front.isDuplicate == [false, true, true])
      #expect(front.firstOfDuplicates == [1])
    }
  }

  @Test("no rows have an empty front, one row is its own")
  func few() throws {
    for width in 1...6 {
      let criteria = (0..<width).map { Criterion("c\($0)", .cost) }
      #expect(try ParetoFront(of: DecisionMatrix(criteria: criteria, rowMajor: [])).rows == [])
      let one = try matrix([Array(repeating: 3, count: width)])
      #expect(ParetoFront(of: one).rows == [0])
      #expect(NonDominatedSorting.ranks(of: one) == [0])
    }
  }

  @Test("zero and minus zero are one value")
  func signedZero() throws {
    let front = try ParetoFront(of: matrix([[0, -0.0, 1, 1], [-0.0, 0, 1, 1], [0, 0, 1, 2]]))
    #expect(front.rows == [0, 1])
    #expect(front.isDuplicate == [false, true])
  }

  @Test("random rows agree with the definition, ties and mixed directions included")
  func random() throws {
    var generator = SplitMix64(state: UInt64.random(in: 0...UInt64.max))
    let seed = generator.state
    for trial in 0..<120 {
      let width = 1 + trial % 7
      let levels: UInt64 = [2, 5, 30, 1 << 40][trial % 4]
      let count = Int(generator.next() % 200)
      let rows = (0..<count).map { _ in
        (0..<width).map { _ in Double(generator.next() % levels) - 2 }
      }
      let directions: [Direction] = (0..<width).map { _ in
        generator.next() % 2 == 0 ? .cost : .benefit
      }
      let matrix = try DecisionMatrix(
        criteria: directions.enumerated().map { Criterion("c\($0)", $1) },
        rowMajor: rows.flatMap { $0 })
      let expected = bruteForce(rows, directions)
      #expect(ParetoFront(of: matrix).rows == expected, "seed \(seed), trial \(trial)")
      let ranks = NonDominatedSorting.ranks(of: matrix)
      #expect(ranks.indices.filter { ranks[$0] == 0 } == expected, "seed \(seed), trial \(trial)")
    }
  }

  @Test("ranks peel one front after the other")
  func ranks() throws {
    let rows: [[Double]] = [[0, 0], [1, 1], [2, 0], [2, 2], [1, 1], [0, 3]]
    #expect(NonDominatedSorting.ranks(of: try matrix(rows)) == [0, 1, 1, 2, 1, 1])
  }

  @Test("a front larger than any block is found whole")
  func large() throws {
    // Points on a plane: none dominates another; and one row behind each.
    var generator = SplitMix64(state: 7)
    let plane = (0..<3_000).map { _ in
      let parts = (0..<3).map { _ in Double(generator.next() % 1_000_000) }
      return parts + [-parts.reduce(0, +)]
    }
    let front = try ParetoFront(of: matrix(plane.flatMap { [$0, $0.map { $0 + 1 }] }))
    #expect(front.rows == (0..<3_000).map { $0 * 2 })
  }
}

/// Vigna's generator, for tests that can be repeated.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

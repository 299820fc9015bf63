import Ranking
import Testing

@Suite("TOPSIS at its edges")
struct TopsisTests {
  private func scores(
    _ rows: [[Double]], _ weights: [Double], _ directions: [Direction],
    _ normalization: Normalization = .vector
  ) throws -> [Double] {
    let criteria = directions.enumerated().map { Criterion("c\($0)", $1) }
    let matrix = try DecisionMatrix(criteria: criteria, rowMajor: rows.flatMap { $0 })
    return try Topsis(
      matrix: matrix, weights: Weights(weights), normalization: normalization
    ).scores(matrix)
  }

  @Test("a column of zeros or of one value contributes nothing", arguments: [0.0, 7, -3])
  func constantColumn(value: Double) throws {
    let benefit = Array(repeating: Direction.benefit, count: 3)
    for normalization in Normalization.allCases {
      let with = try scores(
        [[1, value, 3], [2, value, 2], [3, value, 1.5]], [0.4, 0.3, 0.3], benefit, normalization)
      let without = try scores(
        [[1, 3], [2, 2], [3, 1.5]], [0.4, 0.3], Array(benefit.prefix(2)), normalization)
      for (a, b) in zip(with, without) { #expect(abs(a - b) < 1e-12) }
    }
  }

  @Test("a single row and identical rows score one half and share rank one", arguments: [1, 3])
  func identical(count: Int) throws {
    for normalization in Normalization.allCases {
      let scores = try scores(
        Array(repeating: [4, 5], count: count), [0.5, 0.5], [.cost, .benefit], normalization)
      #expect(scores == Array(repeating: 0.5, count: count))
      #expect(Standing.ranks(scores) == Array(repeating: 1, count: count))
    }
  }

  @Test("negative values are allowed")
  func negative() throws {
    let scores = try scores([[-1, 2], [3, -4], [0.5, 1]], [0.5, 0.5], [.benefit, .cost])
    for (score, expected) in zip(scores, [0, 1, 0.27808804]) {
      #expect(abs(score - expected) < 1e-8)
    }
  }

  @Test("NaN and infinities are refused with row and criterion")
  func notFinite() {
    for bad in [Double.nan, .infinity, -.infinity] {
      for row in [0, 5, 9, 17] {
        var column = Array(repeating: 1.0, count: 18)
        column[row] = bad
        #expect {
          try DecisionMatrix(
            criteria: [Criterion("a", .cost), Criterion("ttft", .cost)],
            columns: [Array(repeating: 1, count: 18), column])
        } throws: {
          let error = $0 as? RankingError
          return error?.code == .notFinite && error?.message.contains("ttft of row \(row)") == true
        }
      }
    }
  }

  @Test("weights need not sum to one; zero, negative and non-finite ones are refused")
  func weights() throws {
    #expect(try Weights([2, 1, 1]).values == [0.5, 0.25, 0.25])
    #expect(try Weights([1e308, 1e308]).values == [0.5, 0.5])
    for bad in [[0, 0], [1, -0.1], [.nan, 1], [.infinity, 1], []] as [[Double]] {
      #expect(throws: RankingError.self) { try Weights(bad) }
    }
  }

  @Test("shapes that do not fit are refused")
  func shapes() throws {
    let criteria = [Criterion("a", .cost), Criterion("b", .benefit)]
    #expect(throws: RankingError.self) {
      try DecisionMatrix(criteria: criteria, rowMajor: [1, 2, 3])
    }
    #expect(throws: RankingError.self) {
      try DecisionMatrix(criteria: criteria, columns: [[1], [1, 2]])
    }
    #expect(throws: RankingError.self) { try DecisionMatrix(criteria: [], rowMajor: []) }
    let bounds = [Bounds(ideal: 0, antiIdeal: 1), Bounds(ideal: 1, antiIdeal: 0)]
    #expect(throws: RankingError.self) {
      try Topsis(criteria: criteria, weights: Weights([1]), bounds: bounds)
    }
    #expect(throws: RankingError.self) {
      try Topsis(criteria: criteria, weights: Weights([1, 1]), bounds: bounds.reversed())
    }
    let topsis = try Topsis(criteria: criteria, weights: Weights([1, 1]), bounds: bounds)
    let other = try DecisionMatrix(criteria: criteria.reversed(), rowMajor: [1, 2])
    #expect(throws: RankingError.self) { try topsis.scores(other) }
    #expect(try topsis.scores(DecisionMatrix(criteria: criteria, rowMajor: [])).isEmpty)
  }

  @Test("stated bounds clamp, and scores do not depend on the other rows")
  func statedBounds() throws {
    let bounds = [Bounds(ideal: 100, antiIdeal: 1100), Bounds(ideal: 50, antiIdeal: 0)]
    let rank = { (rows: [Double]) in
      try Topsis.rank(
        rowMajor: rows, weights: [3, 1], directions: [.cost, .benefit], bounds: bounds)
    }
    // Row 0: places 0.5 and 0.5; row 1 lies beyond the ideal in both, row 2 beyond the worst.
    let standings = try rank([600, 25, 20, 80, 5000, -3])
    #expect(standings.map(\.row) == [1, 0, 2])
    #expect(standings.map(\.score) == [1, 0.5, 0])
    #expect(try rank([600, 25])[0].score == 0.5)
  }

  @Test("places and separations explain a score")
  func explanation() throws {
    let criteria = [Criterion("a", .cost), Criterion("b", .benefit)]
    let topsis = try Topsis(
      criteria: criteria, weights: Weights([0.6, 0.4]),
      bounds: [Bounds(ideal: 0, antiIdeal: 10), Bounds(ideal: 10, antiIdeal: 0)])
    #expect(topsis.place(2.5, in: 0) == 0.75)
    #expect(topsis.place(20, in: 1) == 1)
    let (ideal, antiIdeal) = topsis.separations(row: [2.5, 20])
    let score = try topsis.scores(DecisionMatrix(criteria: criteria, rowMajor: [2.5, 20]))[0]
    #expect(abs(antiIdeal / (ideal + antiIdeal) - score) < 1e-15)
  }

  @Test("rows in blocks of eight and rows left over score alike")
  func blocks() throws {
    var random = SystemRandomNumberGenerator()
    let rows = (0..<37).map { _ in [Double.random(in: 0...9, using: &random), .random(in: 0...9)] }
    let criteria = [Criterion("a", .cost), Criterion("b", .benefit)]
    let topsis = try Topsis(
      criteria: criteria, weights: Weights([0.3, 0.7]),
      bounds: [Bounds(ideal: 1, antiIdeal: 8), Bounds(ideal: 7, antiIdeal: 2)])
    let scores = try topsis.scores(
      DecisionMatrix(criteria: criteria, rowMajor: rows.flatMap { $0 }))
    for (row, score) in zip(rows, scores) {
      #expect(
        try topsis.scores(DecisionMatrix(criteria: criteria, rowMajor: row)) == [score])
    }
  }

  @Test("extreme ranges neither overflow nor vanish")
  func extremes() throws {
    let tiny = try scores([[1, 1e-300], [1, 3e-300], [1, 2e-300]], [1e-9, 1], [.cost, .cost])
    #expect(Standing.ranks(tiny) == [1, 3, 2])
    let huge = try scores([[1e300, 1], [1.5e300, 1], [1.1e300, 1]], [1, 1], [.cost, .cost])
    #expect(Standing.ranks(huge) == [1, 3, 2])
    #expect(throws: RankingError.self) {
      try scores([[-1.7e308, 1], [1.7e308, 1]], [1, 1], [.cost, .cost])
    }
  }
}

import Ranking
import Testing

/// Examples as printed in the literature, to the digits that were printed.
@Suite("Published TOPSIS examples")
struct PublishedTopsisTests {
  private struct Example {
    let rows: [[Double]]
    let weights: [Double]
    let directions: [Direction]
    let normalization: Normalization
    let scores: [Double]
    let ranks: [Int]
    let tolerance: Double
  }

  private func check(_ example: Example) throws {
    let criteria = example.directions.enumerated().map { Criterion("c\($0)", $1) }
    let matrix = try DecisionMatrix(criteria: criteria, rowMajor: example.rows.flatMap { $0 })
    let topsis = try Topsis(
      matrix: matrix, weights: Weights(example.weights), normalization: example.normalization)
    let scores = try topsis.scores(matrix)
    for (score, printed) in zip(scores, example.scores) {
      #expect(abs(score - printed) <= example.tolerance)
    }
    #expect(Standing.ranks(scores) == example.ranks)
  }

  @Test("four fighter aircraft (Hwang and Yoon 1981)")
  func fighters() throws {
    try check(
      Example(
        rows: [
          [2.0, 1500, 20000, 5.5, 5, 9], [2.5, 2700, 18000, 6.5, 3, 5],
          [1.8, 2000, 21000, 4.5, 7, 7], [2.2, 1800, 20000, 5.0, 5, 5],
        ],
        weights: [0.2, 0.1, 0.1, 0.1, 0.2, 0.3],
        directions: [.benefit, .benefit, .benefit, .cost, .benefit, .benefit],
        normalization: .vector, scores: [0.643, 0.268, 0.613, 0.312], ranks: [1, 4, 2, 3],
        tolerance: 0.0006))
  }

  @Test("three mountain routes, normalized linearly, with a tie (Opricovic and Tzeng 2004)")
  func mountains() throws {
    try check(
      Example(
        rows: [[1, 3000], [2, 3750], [5, 4500]], weights: [0.5, 0.5],
        directions: [.cost, .benefit], normalization: .minMax, scores: [0.5, 0.617, 0.5],
        ranks: [2, 1, 2], tolerance: 0.0006))
  }

  @Test("six sites (Papathanasiou and Ploskas 2018)")
  func sites() throws {
    try check(
      Example(
        rows: [
          [8, 7, 2, 1], [5, 3, 7, 5], [7, 5, 6, 4], [9, 9, 7, 3], [11, 10, 3, 7], [6, 9, 5, 4],
        ],
        weights: [0.4, 0.3, 0.1, 0.2], directions: Array(repeating: .benefit, count: 4),
        normalization: .vector, scores: [0.387, 0.327, 0.391, 0.615, 0.868, 0.493],
        ranks: [5, 6, 4, 2, 1, 3], tolerance: 0.0006))
  }

  @Test("six tablets by entropy weights (Ersoy 2021)")
  func tablets() throws {
    try check(
      Example(
        rows: [
          [256, 8, 41, 1.6, 1.77, 7347.16], [256, 8, 32, 1.0, 1.8, 6919.99],
          [256, 8, 53, 1.6, 1.9, 8400], [256, 8, 41, 1.0, 1.75, 6808.9],
          [512, 8, 35, 1.6, 1.7, 8479.99], [256, 4, 35, 1.6, 1.7, 7499.99],
        ],
        weights: [0.405, 0.221, 0.134, 0.199, 0.007, 0.034],
        directions: [.benefit, .benefit, .benefit, .benefit, .cost, .cost],
        normalization: .vector, scores: [0.308, 0.254, 0.327, 0.263, 0.857, 0.192],
        ranks: [3, 5, 2, 4, 1, 6], tolerance: 0.005))
  }
}

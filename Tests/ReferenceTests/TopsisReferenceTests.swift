import Ranking
import Testing

/// One published example with its exact scores.
struct TopsisExample: Decodable {
  struct Expected: Decodable {
    let closeness: [Double]
    let separationIdeal: [Double]
    let separationNegativeIdeal: [Double]
    let rankingCompetition: [Int]
  }

  let matrix: [[Double]]
  let weights: [Double]
  let types: [Int]
  let normalization: String
  let expected: Expected
}

/// One edge case; some are described in words alone.
struct TopsisEdgeCase: Decodable {
  /// The library's scores, or what it said instead.
  enum Outcome: Decodable {
    case scores([Double])
    case words(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let scores = try? value.decode([Double].self) {  // Not a list: a sentence.
        self = .scores(scores)
      } else {
        self = .words(try value.decode(String.self))
      }
    }
  }

  let `case`: String
  let matrix: [[Double]]?
  let weights: [Double]?
  let types: [Int]?
  let pymcdm: Outcome
}

@Suite("TOPSIS against published results", .enabled(if: ReferenceFolder.isSet))
struct TopsisReferenceTests {
  static let examples = ReferenceFolder.files(in: "ranking", prefix: "topsis_")
    .filter { $0 != "topsis_edge_cases.json" }

  private func prepared(
    _ rows: [[Double]], _ weights: [Double], _ types: [Int], _ normalization: Normalization
  ) throws -> (topsis: Topsis, scores: [Double]) {
    let criteria = types.enumerated().map { Criterion("c\($0)", $1 > 0 ? .benefit : .cost) }
    let matrix = try DecisionMatrix(criteria: criteria, rowMajor: rows.flatMap { $0 })
    let topsis = try Topsis(
      matrix: matrix, weights: Weights(weights), normalization: normalization)
    return (topsis, try topsis.scores(matrix))
  }

  @Test("there are examples")
  func present() { #expect(Self.examples.count >= 4) }

  @Test("scores, separations and ranks are met to 1e-9", arguments: examples)
  func example(file: String) throws {
    let example = try ReferenceFolder.decode(TopsisExample.self, "ranking/\(file)")
    let normalization: Normalization = example.normalization == "minmax" ? .minMax : .vector
    let (topsis, scores) = try prepared(
      example.matrix, example.weights, example.types, normalization)
    #expect(Standing.ranks(scores) == example.expected.rankingCompetition)
    for (row, values) in example.matrix.enumerated() {
      let (ideal, antiIdeal) = topsis.separations(row: values)
      #expect(abs(scores[row] - example.expected.closeness[row]) < 1e-9)
      #expect(abs(ideal - example.expected.separationIdeal[row]) < 1e-9)
      #expect(abs(antiIdeal - example.expected.separationNegativeIdeal[row]) < 1e-9)
    }
  }

  @Test("edge cases come out as recommended")
  func edgeCases() throws {
    let cases = try ReferenceFolder.decode(
      [TopsisEdgeCase].self, "ranking/topsis_edge_cases.json")
    for edge in cases {
      guard let rows = edge.matrix, let weights = edge.weights, let types = edge.types else {
        continue
      }
      let scores = try prepared(rows, weights, types, .vector).scores
      if case .scores(let expected) = edge.pymcdm {
        for (score, value) in zip(scores, expected) { #expect(abs(score - value) < 1e-8) }
      }
      if edge.case.hasPrefix("zero column") {
        // Contributes 0: the problem of the other two columns with the same raw weights.
        let two = try prepared(
          rows.map { [$0[0], $0[2]] }, [weights[0], weights[2]], [types[0], types[2]], .vector)
        for (score, value) in zip(scores, two.scores) { #expect(abs(score - value) < 1e-12) }
      }
      if edge.case == "ties" {
        #expect(Standing.ranks(scores) == [2, 1, 2])
        #expect(Standing.order(scores) { $0 > $1 }.map(\.row) == [1, 2, 0])
      }
    }
  }
}

import Ranking
import TLS
import Testing

/// A small matrix with its fronts.
struct ParetoExample: Decodable {
  let matrix: [[Double]]
  let firstFrontKeepDuplicates: [Int]
  let firstFrontFirstOfDuplicates: [Int]
  let ranks0Based: [Int]
}

/// Generators with the sizes and hashes of their fronts.
struct LargeParetoFile: Decodable {
  let cases: [LargeParetoCase]
}

struct LargeParetoCase: Decodable, CustomTestStringConvertible {
  let generator: String
  let n: Int
  let m: Int
  let seed: UInt64
  let firstRow: [Double]
  let lastRow: [Double]
  let columnSums: [Double]
  let frontSizeKeepDuplicates: Int
  let frontSizeFirstOfDuplicates: Int
  let sha256SortedIndicesKeepDuplicates: String
  let sha256SortedIndicesFirstOfDuplicates: String
  let nFronts: Int?
  let sha256RanksRowOrder: String?

  var testDescription: String { "\(generator), \(n) x \(m)" }

  /// The cases of up to `rows` rows; none where the folder is not set.
  static func all(moreThan least: Int, upTo most: Int) -> [LargeParetoCase] {
    guard ReferenceFolder.isSet else { return [] }
    // Unreadable: no cases, which `present` reports.
    let file = try? ReferenceFolder.decode(LargeParetoFile.self, "ranking/pareto_large.json")
    return (file?.cases ?? []).filter { $0.n > least && $0.n <= most }
  }
}

@Suite("Pareto fronts against reference results", .enabled(if: ReferenceFolder.isSet))
struct ParetoReferenceTests {
  static let examples = ReferenceFolder.files(in: "ranking", prefix: "pareto_")
    .filter { $0 != "pareto_large.json" }

  private func costs(_ width: Int) -> [Criterion] {
    (0..<width).map { Criterion("c\($0)", .cost) }
  }

  @Test("there are matrices and generators")
  func present() {
    #expect(Self.examples.count >= 18)
    #expect(LargeParetoCase.all(moreThan: 0, upTo: 1_000_000).count >= 40)
  }

  @Test("first front and ranks are met index by index", arguments: examples)
  func example(file: String) throws {
    let example = try ReferenceFolder.decode(ParetoExample.self, "ranking/\(file)")
    let matrix = try DecisionMatrix(
      criteria: costs(example.matrix[0].count), rowMajor: example.matrix.flatMap { $0 })
    let front = ParetoFront(of: matrix)
    #expect(front.rows == example.firstFrontKeepDuplicates)
    #expect(front.firstOfDuplicates == example.firstFrontFirstOfDuplicates)
    #expect(NonDominatedSorting.ranks(of: matrix) == example.ranks0Based)
  }

  @Test("fronts and ranks of 9,000 rows", arguments: LargeParetoCase.all(moreThan: 0, upTo: 9_000))
  func thousands(example: LargeParetoCase) throws {
    let matrix = try checkFront(example)
    let ranks = NonDominatedSorting.ranks(of: matrix)
    #expect(ranks.max().map { $0 + 1 } == example.nFronts)
    #expect(hash(ranks) == example.sha256RanksRowOrder)
  }

  @Test(
    "fronts of 100,000 rows", arguments: LargeParetoCase.all(moreThan: 9_000, upTo: 100_000))
  func hundredThousand(example: LargeParetoCase) throws {
    _ = try checkFront(example)
  }

  #if !DEBUG
    @Test(
      "fronts of 1,000,000 rows, built for release",
      arguments: LargeParetoCase.all(moreThan: 100_000, upTo: 1_000_000))
    func million(example: LargeParetoCase) throws {
      _ = try checkFront(example)
    }
  #endif

  private func checkFront(_ example: LargeParetoCase) throws -> DecisionMatrix {
    let matrix = try DecisionMatrix(
      criteria: costs(example.m), columns: try ParetoGenerator.columns(of: example))
    #expect(matrix.row(0) == example.firstRow)
    #expect(matrix.row(example.n - 1) == example.lastRow)
    for column in 0..<example.m {
      #expect(matrix.column(column).reduce(0, +) == example.columnSums[column])
    }
    let front = ParetoFront(of: matrix)
    #expect(front.count == example.frontSizeKeepDuplicates)
    #expect(front.firstOfDuplicates.count == example.frontSizeFirstOfDuplicates)
    #expect(hash(front.rows) == example.sha256SortedIndicesKeepDuplicates)
    #expect(hash(front.firstOfDuplicates) == example.sha256SortedIndicesFirstOfDuplicates)
    return matrix
  }

  /// The hash of numbers in decimal, joined by commas.
  private func hash(_ numbers: [Int]) -> String {
    Digest(of: numbers.map(String.init).joined(separator: ",")).hexadecimal
  }
}

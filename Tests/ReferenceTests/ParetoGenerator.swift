import Testing

/// The portable generators of the large cases: integers alone, exact in a Double.
struct ParetoGenerator {
  private var state: UInt64

  /// The columns of a case; throws where its generator is unknown.
  static func columns(of example: LargeParetoCase) throws -> [[Double]] {
    var generator = ParetoGenerator(state: example.seed)
    let repeats = example.generator.hasPrefix("dups_")
    let name = repeats ? String(example.generator.dropFirst(5)) : example.generator
    let row = try generator.maker(name, width: example.m)
    var columns = Array(
      repeating: [Double](repeating: 0, count: example.n), count: example.m)
    for index in 0..<example.n {
      let values = row(&generator)
      for column in 0..<example.m { columns[column][index] = Double(values[column]) }
    }
    if repeats {
      for index in stride(from: 4, to: example.n, by: 5) {
        for column in 0..<example.m { columns[column][index] = columns[column][index - 3] }
      }
    }
    return columns
  }

  private func maker(
    _ name: String, width: Int
  ) throws -> (inout ParetoGenerator) -> [Int64] {
    switch name {
    case "uniform":
      return { generator in (0..<width).map { _ in Int64(generator.next() >> 32) } }
    case "anti":
      return { generator in generator.anti(width) }
    default:
      let levels = try #require(name.hasPrefix("grid") ? UInt64(name.dropFirst(4)) : nil)
      return { generator in (0..<width).map { _ in Int64(generator.next() % levels) } }
    }
  }

  private mutating func anti(_ width: Int) -> [Int64] {
    let sum = (0..<8).reduce(Int64(0)) { sum, _ in sum + Int64(next() >> 32) }
    let level = (1 << 30) + (sum >> 4)
    let reach = min(level, (1 << 32) - level)
    var row = Array(repeating: level, count: width)
    for column in 0..<width {
      let shift = ((2 * Int64(next() >> 40) - (1 << 24)) * reach) >> 24
      row[column] += shift
      row[(column + 1) % width] -= shift
    }
    return row
  }

  /// splitmix64.
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

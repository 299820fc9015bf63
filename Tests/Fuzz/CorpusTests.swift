import Foundation
import Testing

/// What the fuzzers begin with, held in every run of the tests; a crash ends the run here as there.
@Suite("Corpora of the fuzz targets")
struct CorpusTests {
  @Test("every target has a corpus, and every corpus its target")
  func corporaAreWhole() throws {
    #expect(try Self.list(Self.folder) == targets.keys.sorted())
  }

  @Test("no input of a corpus breaks its target", arguments: targets.keys.sorted())
  func inputs(of name: String) throws {
    let target = try #require(targets[name])
    for input in try Self.corpus(of: name) { Self.run(target, input) }
  }

  @Test("nor does any that is cut off, or altered in some bytes", arguments: targets.keys.sorted())
  func alteredInputs(of name: String) throws {
    let target = try #require(targets[name])
    var generator = Generator(state: 20_261_124)
    let corpus = try Self.corpus(of: name)
    for input in corpus {
      for length in stride(from: 0, to: input.count, by: max(1, input.count / 64)) {
        Self.run(target, Array(input.prefix(length)))
      }
      for _ in 0..<64 {
        let other = corpus.randomElement(using: &generator) ?? []
        Self.run(target, Self.altered(input, with: other, by: &generator))
      }
    }
  }

  private static func run(_ target: FuzzTarget, _ input: [UInt8]) {
    input.withUnsafeBytes { target($0) }
  }

  /// The input with some bytes replaced, and now and then the tail of another behind it.
  private static func altered(
    _ input: [UInt8], with other: [UInt8], by generator: inout Generator
  ) -> [UInt8] {
    var bytes = input
    if Bool.random(using: &generator) {
      let cut = Int.random(in: 0...bytes.count, using: &generator)
      bytes = bytes.prefix(cut) + other.suffix(other.count / 2)
    }
    guard !bytes.isEmpty else { return bytes }
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
        in: 0...255, using: &generator)
    }
    return bytes
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().path + "/corpus"

  private static func list(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private static func corpus(of name: String) throws -> [[UInt8]] {
    let inputs = try list("\(folder)/\(name)").map { file in
      try #require(FileManager.default.contents(atPath: "\(folder)/\(name)/\(file)")).map { $0 }
    }
    try #require(!inputs.isEmpty)
    return inputs
  }
}

/// SplitMix64: the same alterations in every run.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

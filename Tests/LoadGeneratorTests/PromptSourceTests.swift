import LoadGenerator
import Testing

@Suite("Prompts")
struct PromptSourceTests {
  @Test("the same seed makes the same prompts, another makes others")
  func seeds() {
    let one = PromptSource(seed: 7, inputTokens: 64)
    let same = PromptSource(seed: 7, inputTokens: 64)
    let other = PromptSource(seed: 8, inputTokens: 64)
    for index: UInt32 in 0..<50 {
      #expect(one.prompt(index: index) == same.prompt(index: index))
      #expect(one.prompt(index: index) != other.prompt(index: index))
      #expect(one.prompt(index: index) != one.prompt(index: index, warmupOfSegment: 0))
    }
    #expect(one.prompt(index: 0, warmupOfSegment: 0) != one.prompt(index: 0, warmupOfSegment: 1))
  }

  @Test("a prompt has a word for each token, and no two begin alike")
  func prefixes() {
    let source = PromptSource(seed: 1, inputTokens: 16)
    var prefixes: Set<String> = []
    for index: UInt32 in 0..<3000 {
      let words = source.prompt(index: index).split(separator: " ")
      #expect(words.count == 16)
      prefixes.insert(words.prefix(3).joined(separator: " "))
    }
    #expect(prefixes.count == 3000)
    #expect(PromptSource(seed: 1, inputTokens: 1).prompt(index: 9).split(separator: " ").count == 1)
  }
}

import BenchmarkDomain
import Testing

@Suite("Text from outside")
struct TextRuleTests {
  @Test("ids and names are lines within their lengths")
  func faults() {
    #expect(TextRule.faultOfID("org/Model-1.5 (käse)") == nil)
    #expect(TextRule.faultOfID("") == "must not be empty")
    for text in [" a", "a ", "\u{A0}a", "a\u{3000}"] {
      #expect(TextRule.faultOfID(text) == "must not begin or end with a space")
    }
    #expect(
      TextRule.faultOfID(String(repeating: "x", count: 201))
        == "must have at most 200 bytes, not 201")
    for text in ["a\u{1B}[31m", "a\nb", "a\u{7F}", "\u{9B}2J", "a\u{85}"] {
      #expect(TextRule.faultOfName(text) == "must not contain control characters")
    }
    #expect(TextRule.faultOfName("") == nil)
    #expect(TextRule.faultOfName("Â £ é \u{A0}") == nil)
  }

  @Test("a report is cut behind a whole character and has no NUL")
  func reports() {
    #expect(TextRule.report("a\nb\0c") == "a\nb?c")
    let cut = TextRule.report("x" + String(repeating: "é", count: 6_000))
    #expect(cut.utf8.count == 9_999 && cut.hasSuffix("é"))
  }
}

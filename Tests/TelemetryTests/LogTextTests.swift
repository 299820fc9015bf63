import Telemetry
import Testing

@Suite("Text from outside in a log")
struct LogTextTests {
  @Test(
    "it stays within its quotation marks, on its line",
    arguments: [
      ("", "\"\""), ("the token 'x' is ü", "\"the token 'x' is ü\""),
      ("a\" status=OK \\", #""a\" status=OK \\""#),
      ("a\nb\u{1B}[31m\u{202E}\u{2028}", #""a\u{a}b\u{1b}[31m\u{202e}\u{2028}""#),
    ])
  func quoted(text: String, line: String) {
    #expect(LogText.quoted(text) == line)
  }

  @Test("it is cut behind a whole character")
  func limit() {
    #expect(LogText.quoted("abc", limit: 3) == "\"abc\"")
    #expect(LogText.quoted("abüc", limit: 3) == "\"ab...\"")
  }
}

import LoadGenerator
import Testing

@Suite("Event stream parser")
struct EventStreamParserTests {
  private func events(_ pieces: [[UInt8]]) throws -> [String] {
    var parser = EventStreamParser()
    var found: [String] = []
    for piece in pieces {
      try parser.feed(piece.span.bytes) { found.append(String(decoding: $0, as: UTF8.self)) }
    }
    return found
  }

  @Test(
    "events are the same wherever the stream is cut, whatever ends its lines",
    arguments: ["\n", "\r\n", "\r"])
  func splits(newline: String) throws {
    let lines = [
      "\u{FEFF}: a comment", "data: one", "", "", "event: x", "id: 7", "data:two", "data:  more",
      "", "retry: 5", "", "data", "", "data: [DONE]", "", "data: cut off",
    ]
    let bytes = Array(lines.joined(separator: newline).utf8)
    let expected = ["one", "two\n more", "", "[DONE]"]
    #expect(try events(bytes.map { [$0] }) == expected)
    for cut in 0...bytes.count {
      #expect(try events([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
    }
  }

  @Test("an event beyond the bound is refused")
  func bound() throws {
    var parser = EventStreamParser(limitBytes: 100)
    let line = Array("data: 012345678901234567890123456789\n".utf8)
    try parser.feed(line.span.bytes) { _ in }
    try parser.feed(line.span.bytes) { _ in }
    #expect(throws: EventStreamParser.Overflow.self) {
      for _ in 0..<3 { try parser.feed(line.span.bytes) { _ in } }
    }
  }

  @Test("lines that are no field are counted")
  func strays() throws {
    var parser = EventStreamParser()
    try parser.feed(Array("<html>\n: fine\ndata: x\n\n".utf8).span.bytes) { _ in }
    #expect(parser.strayLines == 1)
  }
}

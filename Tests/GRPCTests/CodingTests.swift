import HTTP2
import Reactor
import Testing

@testable import GRPC

@Suite("Encodings of gRPC")
struct CodingTests {
  @Test("base64 reads back, padded or not")
  func base64() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      var text = Base64.encode(bytes)
      #expect(Base64.decode(text) == bytes)
      while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
      #expect(Base64.decode(text) == bytes)
    }
    #expect(Base64.encode(Array("foob".utf8)) == Array("Zm9vYg".utf8))
    for bad in ["A", "A=", "AA=", "=", "AAAA=", "AA=A", "A A", "A===", "AA\n"] {
      #expect(Base64.decode(Array(bad.utf8)) == nil, "\(bad)")
    }
  }

  @Test("a status message reads back; odd escapes stay as they are")
  func percent() {
    for text in ["", "plain", "100%", "a\nb\r", "ü ☃ 💥", "%41", " a b ", " "] {
      #expect(PercentCoding.decode(PercentCoding.encode(text)) == text)
    }
    #expect(PercentCoding.encode("a%\n") == Array("a%25%0A".utf8))
    #expect(PercentCoding.encode(" a b ") == Array("%20a b%20".utf8))
    #expect(PercentCoding.decode(Array("%zz%4".utf8)) == "%zz%4")
  }

  @Test("a status message is cut between characters, and never inside an escape")
  func percentLimit() {
    let text = String(repeating: "é", count: 10)
    for limit in 0..<70 {
      let encoded = PercentCoding.encode(text, limit: limit)
      #expect(encoded.count <= limit)
      #expect(PercentCoding.decode(encoded) == text.prefix(limit / 6))
    }
    for (limit, expected) in [(2, "ab"), (3, "ab"), (4, "ab c"), (9, "ab c")] {
      #expect(PercentCoding.encode("ab c", limit: limit) == Array(expected.utf8))
    }
  }

  @Test("the code of a serialized status is read, whatever else is in it")
  func statusDetails() {
    #expect(StatusDetails.code([]) == 0)
    #expect(StatusDetails.code([8, 5]) == 5)
    #expect(StatusDetails.code([18, 2, 110, 111, 8, 5, 26, 0]) == 5)
    #expect(StatusDetails.code([13, 1, 2, 3, 4, 17, 1, 2, 3, 4, 5, 6, 7, 8, 8, 3]) == 3)
    for bad: [UInt8] in [[8], [18, 5, 1], [13, 1], [11], [18, 255, 255, 255, 255, 255]] {
      #expect(StatusDetails.code(bad) == nil)
    }
  }

  @Test("spaces around a text value are lost, those within are not")
  func metadataSpaces() throws {
    var metadata = Metadata()
    for value in ["  a b ", " ", "", "c"] { try metadata.append("x", value) }
    #expect(metadata.all("x") == [.text("a b"), .text(""), .text(""), .text("c")])
  }

  @Test("timeouts are read in every unit and written in the finest that fits")
  func timeout() {
    #expect(Timeout.parse(Array("99999999H".utf8)) == .seconds(99_999_999 * 3600))
    #expect(Timeout.parse(Array("5M".utf8)) == .seconds(300))
    #expect(Timeout.parse(Array("7u".utf8)) == .microseconds(7))
    #expect(Timeout.format(5) == "5n")
    #expect(Timeout.format(-3) == "1n")
    #expect(Timeout.format(100_000_001) == "100001u")
    for nanoseconds: Int64 in [1, 99_999_999, 1_000_000_001, 86_400_000_000_000, .max] {
      let read = Timeout.parse(Array(Timeout.format(nanoseconds).utf8))
      #expect(read.map { $0 >= .nanoseconds(nanoseconds) } == true)
    }
  }

  @Test("metadata that gRPC forbids is refused")
  func metadata() {
    for name in ["", "grpc-x", ":path", "Ünder", "a b", "te", "x-bin"] {
      #expect(throws: RPCError.self) {
        var metadata = Metadata()
        try metadata.append(name, "v")
      }
    }
    #expect(throws: RPCError.self) {
      var metadata = Metadata()
      try metadata.append("x", "line\nbreak")
    }
    #expect(throws: RPCError.self) {
      var metadata = Metadata()
      try metadata.append("x", binary: [1])
    }
  }

  @Test("a body cut anywhere gives the same messages")
  func deframer() throws {
    let messages: [[UInt8]] = [[], [1], Array(repeating: 7, count: 300), [2, 3], []]
    var body: [UInt8] = []
    for message in messages {
      body += [0, 0, 0, UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    }
    for piece in 1..<body.count {
      var deframer = MessageDeframer(maxMessageBytes: 300)
      var got: [[UInt8]] = []
      for start in stride(from: 0, to: body.count, by: piece) {
        let part = Array(body[start..<min(start + piece, body.count)])
        try deframer.push(part.span.bytes)
        while let message = try deframer.next() { got.append(message.bytes) }
      }
      #expect(got == messages)
      #expect(!deframer.isInsideMessage)
    }
  }

  @Test("many short messages wait as bytes, and come out all the same")
  func manyMessages() throws {
    var deframer = MessageDeframer(maxMessageBytes: 10)
    let one: [UInt8] = [0, 0, 0, 0, 1]
    for index in 0..<100 {
      let part = one + [UInt8(index * 2)] + one + [UInt8(index * 2 + 1)]
      try deframer.push(part.span.bytes)
      #expect(deframer.messageCount <= 18)
    }
    for index in 0..<200 { #expect(try deframer.next()?.bytes == [UInt8(index)]) }
    #expect(try deframer.next() == nil)
    #expect(!deframer.isInsideMessage)
  }

  @Test("what is wrong behind many short messages is found when they are taken")
  func lateViolation() throws {
    for (tail, isCutShort) in [([9, 0, 0, 0, 0] as [UInt8], false), ([0, 0, 0, 0, 2, 1], true)] {
      var deframer = MessageDeframer(maxMessageBytes: 10)
      let empty: [UInt8] = [0, 0, 0, 0, 0]
      for _ in 0..<50 { try deframer.push(empty.span.bytes) }
      try deframer.push(tail.span.bytes)
      for _ in 0..<50 { #expect(try deframer.next()?.bytes == []) }
      #expect(deframer.isInsideMessage == isCutShort || !isCutShort)
      if isCutShort {
        #expect(try deframer.next() == nil)
      } else {
        #expect(throws: RPCError.self) { try deframer.next() }
        #expect(throws: RPCError.self) {
          let bytes = tail.span.bytes
          try deframer.push(bytes)
        }
      }
    }
  }

  @Test("the wait between attempts grows to its bound, with jitter")
  func backoff() {
    var generator = SystemRandomNumberGenerator()
    let backoff = Backoff()
    for failures in 1..<60 {
      let expected = min(0.2 * pow(1.6, failures - 1), 15)
      let delay =
        Double(backoff.delay(failures: failures, using: &generator).wholeNanoseconds) / 1e9
      #expect(delay >= expected * 0.799 && delay <= expected * 1.201)
    }
  }

  private func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { value, _ in value * base }
  }
}

@Suite("The rules of a call on the server")
struct ServerCallStateTests {
  @Test("a unary call takes exactly one message")
  func unary() {
    var state = ServerCallState(kind: .unary)
    #expect(state.received() == nil)
    #expect(state.received()?.code == .unimplemented)
    var empty = ServerCallState(kind: .unary)
    guard case .fail = empty.ended(isInsideMessage: false) else {
      Issue.record("an empty request was accepted")
      return
    }
    #expect(empty.ended(isInsideMessage: false) == .ignore)
  }

  @Test("headers go once, and nothing goes after the status")
  func order() {
    var state = ServerCallState(kind: .bidirectionalStreaming)
    #expect(state.sending() == .headersFirst)
    #expect(state.sending() == .message)
    #expect(state.finish() == .trailers)
    #expect(state.finish() == .nothing)
    guard case .refuse = state.sending() else {
      Issue.record("a message was accepted after the status")
      return
    }
    var silent = ServerCallState(kind: .unary)
    #expect(silent.finish() == .trailersOnly)
    #expect(silent.ended(isInsideMessage: true) == .ignore)
  }
}

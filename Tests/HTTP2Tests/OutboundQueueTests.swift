import Testing

@testable import HTTP2

@Suite("Outbound queue")
struct OutboundQueueTests {
  @Test("bytes leave in order, whatever the size of the buffer", arguments: [1, 2, 3, 5, 64, 4096])
  func order(bufferBytes: Int) {
    var queue = OutboundQueue()
    var expected: [UInt8] = []
    for index in 0..<600 {
      let body = [UInt8](repeating: UInt8(index % 251), count: index % 7)
      let headCount = index % 9
      var head: UInt64 = 0
      for place in 0..<headCount {
        head |= UInt64(place + 1) << UInt64(56 - 8 * place)
        expected.append(UInt8(place + 1))
      }
      expected += body
      queue.append(OutboundChunk(head: head, headCount: headCount, body: body))
    }
    #expect(queue.count == expected.count)
    var moved: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: bufferBytes)
    while queue.count > 0 {
      let count = buffer.withUnsafeMutableBytes { queue.move(into: $0) }
      moved += buffer.prefix(count)
    }
    #expect(moved == expected)
  }

  @Test("bytes are passed in order where they lie", arguments: [1, 3, 8, 9, 100, 257])
  func passing(pieceBytes: Int) {
    var queue = OutboundQueue()
    var expected: [UInt8] = []
    for round in 0..<3 {
      let body = [UInt8](repeating: UInt8(10 + round), count: 100)
      queue.append(OutboundChunk(head: 0x0102_0304_0500_0000, headCount: 5, body: body))
      expected += [1, 2, 3, 4, 5] + body
    }
    let passed = Passed()
    while queue.count > 0 {
      queue.pass(min(pieceBytes, queue.count), to: passed.append)
    }
    #expect(passed.bytes == expected)
  }
}

private final class Passed {
  var bytes: [UInt8] = []

  func append(_ span: RawSpan) {
    span.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}

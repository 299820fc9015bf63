import HTTP2
import Testing

@Suite("Session, client and server back to back in memory")
struct SessionTests {
  /// Answers each request with its own body when it is complete.
  private func echo(_ handler: RecordingHandler) {
    handler.onEnd = { [unowned handler] stream in
      stream.respond(.ok, endsStream: false)
      stream.send(OutboundChunk(body: handler.body))
      stream.finish(trailers: HeaderFields(["result": "done"]))
    }
  }

  @Test("a request and its answer arrive whole, cut anywhere", arguments: [1, 7, 65_536])
  func echo(pieceBytes: Int) throws {
    let pair = try Pair(prepare: echo)
    let request = try pair.client.request("/a", header: ("x-name", "value"))
    request.stream?.send(OutboundChunk(head: 0x6869_0000_0000_0000, headCount: 2, body: [33, 34]))
    request.stream?.finish()
    try pair.run(pieceBytes: pieceBytes)
    #expect(pair.server.handlers[0].headers[0].first("x-name") == "value")
    #expect(pair.server.handlers[0].body == [0x68, 0x69, 33, 34])
    #expect(request.headers.map { $0.first(":status") } == ["200"])
    #expect(request.body == [0x68, 0x69, 33, 34])
    #expect(request.trailers?.first("result") == "done")
    #expect(request.hasEnded)
    #expect(request.closeCodes == [.noError])
    #expect(pair.server.handlers[0].closeCodes == [.noError])
    #expect(pair.client.session.openStreams == 0 && pair.server.session.openStreams == 0)
  }

  @Test("large bodies cross in both directions at once")
  func large() throws {
    var payload = [UInt8](0...250)
    while payload.count < 5_000_000 { payload += payload }
    payload.removeLast(payload.count - 5_000_000)
    let pair = try Pair { handler in
      handler.onHeaders = { stream, _ in
        stream.respond(.ok, endsStream: false)
        stream.send(OutboundChunk(body: payload))
      }
      handler.onEnd = { $0.finish() }
    }
    let request = try pair.client.request()
    for start in stride(from: 0, to: payload.count, by: 10_000) {
      request.stream?.send(OutboundChunk(body: Array(payload[start..<(start + 10_000)])))
    }
    request.stream?.finish()
    try pair.run()
    let (isSameThere, isSameBack) =
      (pair.server.handlers[0].body == payload, request.body == payload)
    #expect(pair.server.handlers[0].body.count == payload.count)
    #expect(request.body.count == payload.count)
    #expect(isSameThere && isSameBack)
    #expect(request.closeCodes == [.noError])
  }

  @Test("a large body leaves in pieces of the size that is asked for")
  func largeBodyInPieces() throws {
    let body = [UInt8](repeating: 7, count: 200_000)
    var client = HTTP2Configuration()
    client.streamWindowBytes = 262_144
    let pair = try Pair(client: client) { handler in
      handler.onEnd = { stream in
        stream.respond(.ok, endsStream: false)
        stream.send(OutboundChunk(body: body))
        stream.finish()
      }
    }
    let call = try pair.client.request()
    call.stream?.finish()
    let request = try pair.client.output()
    try pair.server.session.receive(request.span.bytes)
    let pieces = try pair.server.pieces(40_000)
    #expect(pieces.count >= 4)
    #expect(pieces.allSatisfy { $0.count < 40_000 + 16_384 + 9 })
    let answer = pieces.flatMap { $0 }
    try pair.client.session.receive(answer.span.bytes)
    #expect(call.body == body)
    #expect(call.hasEnded)
  }

  @Test("a handler that does not take data stops the peer at the window")
  func flowControl() throws {
    var configuration = HTTP2Configuration()
    configuration.streamWindowBytes = 100_000
    configuration.maxStreamWindowBytes = 100_000
    let pair = try Pair(server: configuration) { $0.takesData = false }
    try pair.run()
    let request = try pair.client.request()
    request.stream?.send(OutboundChunk(body: [UInt8](repeating: 1, count: 300_000)))
    #expect(request.stream?.isWritable == false)
    try pair.run()
    let handler = pair.server.handlers[0]
    #expect(handler.body.count == 100_000)
    #expect(request.stream?.queuedBytes == 200_000)
    #expect(request.writableCalls == 0)
    handler.stream?.consume(100_000)
    try pair.run()
    #expect(handler.body.count == 200_000)
    handler.takesData = true
    handler.stream?.consume(100_000)
    try pair.run()
    #expect(handler.body.count == 300_000)
    #expect(request.writableCalls == 1)
  }

  @Test("one stream that is not read leaves the others their window")
  func otherStreams() throws {
    let pair = try Pair(prepare: echo)
    pair.server.prepare = { $0.takesData = false }
    let stuck = try pair.client.request()
    stuck.stream?.send(OutboundChunk(body: [UInt8](repeating: 1, count: 2_000_000)))
    try pair.run()
    pair.server.prepare = echo
    let other = try pair.client.request()
    other.stream?.send(OutboundChunk(body: [UInt8](repeating: 2, count: 9_000_000)))
    other.stream?.finish()
    try pair.run()
    #expect(other.body.count == 9_000_000)
  }

  @Test("bytes that wait for handlers have a bound over all streams")
  func connectionBound() throws {
    var configuration = HTTP2Configuration()
    configuration.streamWindowBytes = 100_000
    configuration.connectionWindowBytes = 100_000
    configuration.connectionBufferBytes = 250_000
    let pair = try Pair(server: configuration) { $0.takesData = false }
    try pair.run()
    let requests = try (0..<10).map { _ in
      let request = try pair.client.request()
      request.stream?.send(OutboundChunk(body: [UInt8](repeating: 1, count: 100_000)))
      return request
    }
    try pair.run()
    let held = pair.server.handlers.map(\.body.count).reduce(0, +)
    #expect(held <= 350_000 + 16_384)
    while pair.server.handlers.map(\.body.count).reduce(0, +) < 1_000_000 {
      for handler in pair.server.handlers { handler.takeAll() }
      try pair.run()
    }
    #expect(requests.allSatisfy { $0.stream?.queuedBytes == 0 })
  }

  @Test("a reset from either side reaches the other with its code")
  func reset() throws {
    let pair = try Pair()
    let first = try pair.client.request()
    try pair.run()
    first.stream?.reset(.cancel)
    try pair.run()
    #expect(pair.server.handlers[0].closeCodes == [.cancel])
    #expect(first.closeCodes == [.cancel])
    let second = try pair.client.request()
    try pair.run()
    pair.server.handlers[1].stream?.reset(.refusedStream)
    try pair.run()
    #expect(second.closeCodes == [.refusedStream])
    #expect(pair.client.session.openStreams == 0 && pair.server.session.openStreams == 0)
  }

  @Test("a request that is reset before it was sent ends once and leaves nothing")
  func resetBeforeSending() throws {
    let pair = try Pair()
    let request = try pair.client.request()
    request.stream?.reset(.cancel)
    try pair.run()
    #expect(request.closeCodes.count == 1)
    #expect(pair.client.session.openStreams == 0)
  }

  @Test("an answer that ends before the request does resets the rest without an error")
  func earlyAnswer() throws {
    let pair = try Pair { handler in
      handler.onHeaders = { stream, _ in stream.respond(.ok, endsStream: true) }
    }
    let request = try pair.client.request()
    try pair.run()
    #expect(request.hasEnded)
    #expect(request.closeCodes == [.noError])
    #expect(pair.server.session.openStreams == 0)
  }

  @Test("a header list over the bound is told apart and not delivered")
  func largeHeaders() throws {
    let pair = try Pair()
    _ = try pair.client.request("/", header: ("x", String(repeating: "v", count: 20_000)))
    try pair.run()
    #expect(pair.server.handlers[0].isTooLarge)
    #expect(pair.server.handlers[0].headers.isEmpty)
  }

  @Test("streams over the peer's bound wait until others have ended")
  func concurrencyBound() throws {
    var configuration = HTTP2Configuration()
    configuration.maxConcurrentStreams = 3
    let pair = try Pair(server: configuration)
    try pair.run()
    let requests = try (0..<5).map { _ in try pair.client.request() }
    try pair.run()
    #expect(pair.server.handlers.count == 3)
    for handler in pair.server.handlers { handler.stream?.respond(.ok, endsStream: true) }
    for request in requests.prefix(3) { request.stream?.finish() }
    try pair.run()
    #expect(pair.server.handlers.count == 5)
  }

  @Test("a draining server finishes what is open and refuses the rest")
  func drain() throws {
    let pair = try Pair(prepare: echo)
    let request = try pair.client.request()
    try pair.run()
    pair.server.session.announceShutdown()
    try pair.run()
    #expect(pair.client.goAways == [.noError])
    #expect(throws: HTTP2Error.self) { try pair.client.request() }
    pair.server.session.goAway()
    try pair.run()
    #expect(!pair.server.session.isFinished)
    request.stream?.finish()
    try pair.run()
    #expect(request.closeCodes == [.noError])
    #expect(pair.server.session.isFinished)
  }

  @Test("an interim response is passed over, and the real one is delivered")
  func interimResponse() throws {
    let client = try Side(.client)
    let request = try client.request()
    _ = try client.output()
    let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]
    // A literal ":status: 103", END_HEADERS; then the indexed ":status: 200" with END_STREAM.
    let hints: [UInt8] = [0, 0, 5, 1, 4, 0, 0, 0, 1, 0x08, 3] + Array("103".utf8)
    let final: [UInt8] = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88]
    try client.session.receive((settings + hints + final).span.bytes)
    #expect(request.headers == [HeaderFields([":status": "200"])])
    #expect(request.hasEnded)
  }

  @Test("a ping is answered")
  func ping() throws {
    let pair = try Pair()
    pair.client.session.ping()
    try pair.run()
    #expect(pair.client.pingAnswers == 1)
  }

  @Test("closing a session ends its streams, also from within a callback")
  func close() throws {
    let pair = try Pair()
    pair.server.prepare = { [unowned server = pair.server] handler in
      handler.onHeaders = { _, _ in server.session.close() }
    }
    let request = try pair.client.request()
    #expect(throws: HTTP2Error.self) { try pair.run() }
    #expect(pair.server.handlers[0].closeCodes == [.connectionLost])
    pair.client.session.close()
    #expect(request.closeCodes == [.connectionLost])
    request.stream?.send(OutboundChunk(body: [1]))
    request.stream?.reset(.cancel)
    #expect(request.stream?.isClosed == true)
  }

  @Test("bytes that are not HTTP/2 are refused")
  func badMagic() throws {
    let server = try Side(.server)
    #expect(throws: HTTP2Error.self) {
      try server.session.receive(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8).span.bytes)
    }
  }

  @Test("random bytes after the preface never crash, and end in an error or a goodbye")
  func garbage() throws {
    var generator = SeededGenerator(state: 42)
    for _ in 0..<500 {
      let server = try Side(.server)
      var bytes = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
      for _ in 0..<Int.random(in: 1..<200, using: &generator) {
        bytes.append(UInt8.random(in: 0...12, using: &generator))
      }
      do {
        try server.session.receive(bytes.span.bytes)
        _ = try server.output()
      } catch { #expect(error is HTTP2Error) }
    }
  }
}

private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

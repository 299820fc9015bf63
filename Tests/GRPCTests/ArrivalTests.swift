import HTTP2
import Testing

@testable import GRPC

@Suite("Messages that are looked at before they are taken")
struct ArrivalTests {
  @Test("each message is announced with its size, whatever it is, and the end with none")
  func sizes() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.sizes)
      for size in [0, 1, 4_091, 65_530, 65_531, 70_000, 1_000_000, 4_194_304, 0] {
        try await call.send([UInt8](repeating: 7, count: size))
        #expect(try await call.next() == Array("\(size) \(size)".utf8))
      }
      call.finish()
      #expect(try await call.next() == nil)
    }
  }

  @Test("messages that come at once are announced one after the other")
  func many() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.sizes)
      for size in 0..<100 { try await call.send([UInt8](repeating: 7, count: size)) }
      call.finish()
      for size in 0..<100 { #expect(try await call.next() == Array("\(size) \(size)".utf8)) }
      #expect(try await call.next() == nil)
    }
  }

  @Test("a compressed message is announced as large as one may become")
  func compressed() async throws {
    try await withFixture { (fixture) async throws in
      var options = CallOptions()
      options.compression = .gzip
      let call = try await fixture.channel.stream(Methods.sizes, options: options)
      try await call.send([UInt8](repeating: 7, count: 50_000))
      #expect(try await call.next() == Array("4194304 50000".utf8))
      call.finish()
      #expect(try await call.next() == nil)
    }
  }

  @Test("a message that is not taken keeps its client from sending more than the window")
  func window() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.looking)
      let sent = Shared(0)
      let sending = Task {
        while !Task.isCancelled {
          try await call.send([UInt8](repeating: 7, count: 10_000))
          sent.update { $0 += 1 }
        }
      }
      #expect(try await call.next() == Array("10000".utf8))
      // Other calls go on; this one's client waits.
      var last = -1
      while last != sent.value {
        last = sent.value
        for _ in 0..<100 { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      }
      #expect(last < 100)
      sending.cancel()
      call.cancel()
      await fixture.witness.cancelled.wait()
    }
  }

  @Test("a message for which there is no room waits until others have made some")
  func room() async throws {
    var configuration = ServerConfiguration()
    configuration.http2.connectionBufferBytes = 200_000
    try await withFixture(server: configuration) { (fixture) async throws in
      var idle: [ClientStream] = []
      for _ in 0..<4 {
        let call = try await fixture.channel.stream(Methods.looking)
        try await call.send([UInt8](repeating: 7, count: 60_000))
        #expect(try await call.next() == Array("60000".utf8))
        idle.append(call)
      }
      let call = try await fixture.channel.stream(Methods.sizes)
      try await call.send([UInt8](repeating: 7, count: 150_000))
      let answer = Shared<[UInt8]?>(nil)
      let waiting = Task {
        let message = try await call.next()
        answer.update { $0 = message }
      }
      for _ in 0..<100 { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      #expect(answer.value == nil)
      for call in idle { call.cancel() }
      try await waiting.value
      #expect(answer.value == Array("150000 150000".utf8))
      call.cancel()
    }
  }

  @Test("a message that our own window keeps from coming is not charged with the wait")
  func heldUp() async throws {
    var configuration = ServerConfiguration()
    configuration.http2.connectionBufferBytes = 200_000
    configuration.http2.connectionWindowBytes = 65_535
    configuration.http2.maxStreamWindowBytes = configuration.http2.streamWindowBytes
    configuration.http2.messageTimeout = .milliseconds(500)
    try await withFixture(server: configuration) { (fixture) async throws in
      var idle: [ClientStream] = []
      for _ in 0..<4 {
        let call = try await fixture.channel.stream(Methods.looking)
        try await call.send([UInt8](repeating: 7, count: 60_000))
        #expect(try await call.next() == Array("60000".utf8))
        idle.append(call)
      }
      // It fits into the stream's window, but no longer into the connection's.
      let call = try await fixture.channel.stream(Methods.sizes)
      try await call.send([UInt8](repeating: 7, count: 60_000))
      try await Task.sleep(for: .milliseconds(1250))
      for call in idle { call.cancel() }
      #expect(try await call.next() == Array("60000 60000".utf8))
      call.cancel()
    }
  }

  @Test("a message for which nobody makes room ends its call at last")
  func noRoom() async throws {
    var configuration = ServerConfiguration()
    configuration.http2.connectionBufferBytes = 100_000
    configuration.http2.messageTimeout = .milliseconds(20)
    try await withFixture(server: configuration) { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.sizes)
      try await call.send([UInt8](repeating: 7, count: 300_000))
      let error = await rpcError { _ = try await call.next() }
      #expect(error?.code == .deadlineExceeded)
    }
  }

  @Test("a call that ends while its next message is waited for says so")
  func cancellation() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.sizes)
      try await call.send([1])
      #expect(try await call.next() == Array("1 1".utf8))
      call.cancel()
      let error = await rpcError { _ = try await call.next() }
      #expect(error?.code == .cancelled)
      #expect(try await fixture.channel.unary(Methods.echo, [1]) == [1])
    }
  }

  @Test("a body that breaks the rules ends the call as it does for who takes its messages")
  func garbage() async throws {
    var configuration = ServerConfiguration()
    configuration.maxRequestBytes = 1000
    try await withFixture(server: configuration) { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.sizes)
      try await call.send([UInt8](repeating: 7, count: 1001))
      let error = await rpcError { _ = try await call.next() }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test("what is announced is the message that is taken next")
  func announced() throws {
    var deframer = MessageDeframer(maxMessageBytes: 100)
    #expect(deframer.announced == nil)
    func push(_ bytes: [UInt8]) throws { try deframer.push(bytes.span.bytes) }
    try push([0, 0, 0, 0])
    #expect(deframer.announced == nil)
    try push([3, 1])
    #expect(deframer.announced == .init(byteCount: 3, receivedBytes: 1, isCompressed: false))
    try push([2, 3, 0, 0, 0, 0, 1, 9, 0, 0, 0, 0, 2])
    #expect(deframer.announced?.isWhole == true)
    #expect(try deframer.next()?.bytes == [1, 2, 3])
    #expect(deframer.announced == .init(byteCount: 1, receivedBytes: 1, isCompressed: false))
    #expect(try deframer.next()?.bytes == [9])
    #expect(deframer.announced == .init(byteCount: 2, receivedBytes: 0, isCompressed: false))
  }
}

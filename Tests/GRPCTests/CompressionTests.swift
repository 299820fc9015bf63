import GRPC
import HTTP2
import Reactor
import Testing

@testable import GRPC

/// Messages that gzip makes smaller, larger, or that are nothing.
private func samples() -> [[UInt8]] {
  var generator = SystemRandomNumberGenerator()
  let noise = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
  return [[], [1], [UInt8](repeating: 7, count: 100_000), noise, noise + noise, [1, 2, 3]]
}

@Suite("Compression of messages")
struct CompressionTests {
  private func zipped(_ message: [UInt8]) throws -> [UInt8] {
    try #require(try Deflater().deflate(message))
  }

  @Test("what is compressed reads back, and what would grow stays as it is")
  func roundTrip() throws {
    let deflater = try Deflater()
    let inflater = try Inflater()
    for message in samples() + samples() {
      guard let small = deflater.deflate(message) else { continue }
      #expect(small.count < message.count)
      #expect(try inflater.inflate(small, limit: message.count) == message)
    }
    #expect(deflater.deflate([]) == nil)
    #expect(deflater.deflate([1, 2, 3]) == nil)
    #expect(deflater.deflate([UInt8](repeating: 0, count: 1000)) != nil)
  }

  @Test("a message over the limit is refused, however small it came")
  func limit() throws {
    let inflater = try Inflater()
    var bomb = try zipped([UInt8](repeating: 0, count: 5_000_000))
    #expect(bomb.count < 50_000)
    for _ in 0..<2 {
      #expect { try inflater.inflate(bomb, limit: 4_999_999) } throws: {
        ($0 as? RPCError)?.code == .resourceExhausted
      }
      // The second time it lies about its size.
      bomb.replaceSubrange((bomb.count - 4)..., with: [1, 0, 0, 0])
    }
    let whole = [UInt8](repeating: 9, count: 70_000)
    #expect(try inflater.inflate(zipped(whole), limit: 70_000) == whole)
  }

  @Test("members one after the other are one message, within one limit")
  func members() throws {
    let inflater = try Inflater()
    let member = try zipped([UInt8](repeating: 1, count: 1000))
    let twice = try inflater.inflate(member + member, limit: 2000)
    #expect(twice == [UInt8](repeating: 1, count: 2000))
    #expect { try inflater.inflate(member + member, limit: 1999) } throws: {
      ($0 as? RPCError)?.code == .resourceExhausted
    }
  }

  @Test("garbage, a cut, a wrong checksum and what follows the end are INTERNAL")
  func garbage() throws {
    let inflater = try Inflater()
    let good = try zipped([UInt8](repeating: 1, count: 1000))
    var wrongSum = good
    wrongSum[good.count - 5] ^= 1
    var bad: [[UInt8]] = [
      [], [1, 2, 3, 0, 0, 0, 0], good + [0, 0, 0, 0], wrongSum, Array(good.dropFirst()),
    ]
    bad += (1..<good.count).map { Array(good.prefix($0)) + [0, 0, 0, 0] }
    for message in bad {
      #expect { try inflater.inflate(message, limit: 1_000_000) } throws: {
        ($0 as? RPCError)?.code == .internalError
      }
    }
    #expect(try inflater.inflate(good, limit: 1000).count == 1000)
  }

  @Test("a list of encodings is read as a list")
  func list() {
    for list in ["gzip", "identity,gzip", "deflate, gzip ", "\tgzip\t,x"] {
      let isNamed = Compression.isGzip(in: Array(list.utf8).span.bytes)
      #expect(isNamed, "\(list)")
    }
    for list in ["", "identity", "xgzip", "gzipx", "gzip;q=0", "g,zip", ","] {
      let isNamed = Compression.isGzip(in: Array(list.utf8).span.bytes)
      #expect(!isNamed, "\(list)")
    }
  }
}

@Suite("Compression between client and server")
struct CompressedCallTests {
  private func framed(_ message: [UInt8], flag: UInt8) -> [UInt8] {
    let count = message.count
    return [flag, 0, UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255)] + message
  }

  @Test("a compressed request is read, and its answer compressed only for those who take it")
  func requestsAndAnswers() async throws {
    let request = framed(
      try #require(try Deflater().deflate([UInt8](repeating: 1, count: 900))), flag: 1)
    try await withFixture { (fixture) async throws in
      for (accepts, isCompressed) in [("identity,gzip", true), ("deflate", false)] {
        let answer = try await sendRaw(
          fixture, path: "/test.Echo/Wish",
          extra: ["grpc-encoding": "gzip", "grpc-accept-encoding": accepts], body: request)
        #expect(answer.status == "0")
        #expect(answer.headers.first("grpc-accept-encoding") == "identity,gzip")
        #expect(answer.headers.first("grpc-encoding") == (isCompressed ? "gzip" : nil))
        #expect(answer.body.first == (isCompressed ? 1 : 0))
        #expect((answer.body.count < 1000) == isCompressed)
        guard isCompressed else { continue }
        let message = try Inflater().inflate(Array(answer.body.dropFirst(5)), limit: 9_000)
        #expect(message == [UInt8](repeating: 1, count: 9_000))
      }
      let plain = try await sendRaw(fixture, path: "/test.Echo/Wish")
      #expect(plain.headers.first("grpc-accept-encoding") == nil)
    }
  }

  @Test("an unknown compression is UNIMPLEMENTED and learns what is known; identity is fine")
  func unknown() async throws {
    try await withFixture { (fixture) async throws in
      for name in ["snappy", "GZIP", "gzip,identity", ""] {
        let answer = try await sendRaw(fixture, extra: ["grpc-encoding": name])
        #expect(answer.status == "12")
        #expect(answer.headers.first("grpc-accept-encoding") == "identity,gzip")
      }
      for name in ["identity", "gzip"] {
        #expect(try await sendRaw(fixture, extra: ["grpc-encoding": name]).status == "0")
      }
      let flagged = try await sendRaw(
        fixture, extra: ["grpc-encoding": "identity"], body: [1, 0, 0, 0, 1, 42])
      #expect(flagged.status == "13")
    }
  }

  @Test("a message that is cut short, or has something behind it, is no message that is too large")
  func cutShort() throws {
    let inflater = try Inflater()
    let whole = try #require(try Deflater().deflate([UInt8](repeating: 7, count: 1_000)))
    #expect(try inflater.inflate(whole, limit: 1_000).count == 1_000)
    #expect(throws: RPCError.self) { try inflater.inflate(whole, limit: 999) }
    for broken in [Array(whole.dropLast(4)), whole + [0x78, 0x78, 0x78, 0x78]] {
      let error = #expect(throws: RPCError.self) { try inflater.inflate(broken, limit: 4_194_304) }
      #expect(error?.code == .internalError)
    }
  }

  @Test("a bomb is RESOURCE_EXHAUSTED and garbage INTERNAL, for every kind of handler")
  func bombs() async throws {
    let bomb = try #require(try Deflater().deflate([UInt8](repeating: 0, count: 5_000_000)))
    try await withFixture { (fixture) async throws in
      for path in ["/test.Echo/Unary", "/test.Echo/Total", "/test.Echo/Chat"] {
        let extra: KeyValuePairs = ["grpc-encoding": "gzip"]
        let large = try await sendRaw(
          fixture, path: path, extra: extra, body: framed(bomb, flag: 1))
        #expect(large.status == "8")
        let garbage = try await sendRaw(
          fixture, path: path, extra: extra, body: [1, 0, 0, 0, 5, 1, 0, 0, 0, 0])
        #expect(garbage.status == "13")
      }
    }
  }

  @Test("the server's default compresses, and a handler may say no")
  func serverDefault() async throws {
    var configuration = ServerConfiguration()
    configuration.compressesResponses = true
    try await withFixture(server: configuration) { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.total)
      call.finish()
      // Too short to become smaller.
      #expect(try await call.next() == Array("0".utf8))
      #expect(await call.isResponseCompressed == false)
      for (wish, isCompressed) in [(1 as UInt8, true), (0, false)] {
        let call = try await fixture.channel.stream(Methods.wish)
        try await call.send([wish])
        call.finish()
        #expect(try await call.next()?.count == 9_000)
        #expect(await call.isResponseCompressed == isCompressed)
        #expect(try await call.next() == nil)
      }
      let large = [UInt8](repeating: 3, count: 100_000)
      let options = CallOptions(compression: .gzip)
      #expect(try await fixture.channel.unary(Methods.echo, large, options: options) == large)
    }
  }

  @Test("each message of a stream is compressed as its sender wishes")
  func perMessage() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(
        Methods.flags, options: CallOptions(compression: .gzip))
      for index in 0..<20 {
        let (sends, wishes) = (index % 2 == 0, index % 3 == 0)
        let message = [wishes ? 1 : 0] + [UInt8](repeating: 5, count: 2_000)
        try await call.send(message, compressed: sends)
        #expect(try await call.next() == message + [sends ? 1 : 0])
        #expect(await call.isResponseCompressed == wishes)
      }
      call.finish()
      #expect(try await call.next() == nil)
    }
  }

  @Test("a handler that takes large messages out of small ones leaves its loop to others")
  func fairness() async throws {
    let small = try #require(try Deflater().deflate([UInt8](repeating: 0, count: 500_000)))
    let body = (0..<6).flatMap { _ in framed(small, flag: 1) }
    #expect(body.count < 16_384)
    try await withFixture { (fixture) async throws in
      let answer = try await sendRaw(
        fixture, path: "/test.Echo/Greedy", extra: ["grpc-encoding": "gzip"], body: body)
      #expect(answer.status == "0")
      #expect(answer.body.last ?? 255 < 6)
    }
  }

  @Test("a client bounds what it decompresses")
  func clientBound() async throws {
    var configuration = ClientConfiguration()
    configuration.maxResponseBytes = 8_999
    try await withFixture(client: configuration) { (fixture) async throws in
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.wish, [1]) }
      #expect(error?.code == .resourceExhausted)
      let call = try await fixture.channel.stream(Methods.wish)
      try await call.send([1])
      call.finish()
      let streamed = await rpcError { _ = try await call.next() }
      #expect(streamed?.code == .resourceExhausted)
    }
  }
}

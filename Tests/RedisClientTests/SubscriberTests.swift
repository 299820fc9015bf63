import Reactor
import TestServers
import Testing

@testable import RedisClient

@Suite("A subscriber", .serialized)
struct SubscriberTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "subscriber") }

  private func subscriber(
    _ server: RedisServer, _ channels: [String] = ["news"],
    _ change: (inout RedisConfiguration) -> Void = { _ in }
  ) throws -> (RedisSubscriber, AsyncStream<RedisSubscriber.Event>.Iterator) {
    let (stream, continuation) = AsyncStream.makeStream(of: RedisSubscriber.Event.self)
    let configuration = try TestRedis.configuration(server.url) {
      $0.checkAfter = .milliseconds(30)
      change(&$0)
    }
    let subscriber = RedisSubscriber(channels, configuration, loop: loop) { continuation.yield($0) }
    return (subscriber, stream.makeAsyncIterator())
  }

  private func publish(_ server: RedisServer, _ channel: String, _ payload: [UInt8]) async throws {
    let connection = try await TestRedis.connect(on: loop, server.url)
    _ = try await connection.run(RedisCommand("PUBLISH", channel, payload))
    await connection.close()
  }

  @Test("messages of its channels arrive in order, whatever their bytes")
  func messages() async throws {
    let server = try TestRedis.server.get()
    var (subscriber, events) = try subscriber(server, ["news", "a b"])
    await subscriber.start()
    #expect(await events.next() == .began)
    let connection = try await TestRedis.connect(on: loop, server.url)
    for number in 0..<100 {
      let channel = number % 2 == 0 ? "news" : "a b"
      let payload = [UInt8(number), 0, 13, 10]
      #expect(try await connection.run(RedisCommand("PUBLISH", channel, payload)).integer() == 1)
      #expect(await events.next() == .said(channel: channel, payload: payload))
    }
    await connection.close()
    // Confirmations of later trials are no news.
    try await loop.sleep(for: .milliseconds(100))
    try await publish(server, "news", [1])
    #expect(await events.next() == .said(channel: "news", payload: [1]))
    await subscriber.stop()
  }

  @Test("one whose server hangs, or is gone for a while, says so and listens again")
  func outages() async throws {
    let server = try RedisServer()
    var (subscriber, events) = try subscriber(server) {
      $0.answerTimeout = .milliseconds(300)
      $0.connectTimeout = .milliseconds(300)
    }
    await subscriber.start()
    #expect(await events.next() == .began)
    server.pause()
    guard case .lost = await events.next() else {
      Issue.record("the hang went unnoticed")
      return
    }
    server.goOn()
    var event = await events.next()
    while event != .began { event = await events.next() }
    server.kill9()
    guard case .lost = await events.next() else {
      Issue.record("the crash went unnoticed")
      return
    }
    try server.start()
    while event != .said(channel: "news", payload: "back".bytes) {
      event = await events.next()
      if event == .began { try await publish(server, "news", "back".bytes) }
    }
    await subscriber.stop()
  }

  @Test("a session that the server ends is one lost, and the next begins")
  func endedSessions() async throws {
    let server = try RedisServer()
    var (subscriber, events) = try subscriber(server)
    await subscriber.start()
    #expect(await events.next() == .began)
    let admin = try await TestRedis.connect(on: loop, server.url)
    _ = try await admin.run(RedisCommand("CLIENT", "KILL", "TYPE", "pubsub"))
    guard case .lost(let error) = await events.next() else {
      Issue.record("nothing was lost")
      return
    }
    #expect(error.kind == .connection)
    #expect(await events.next() == .began)
    await admin.close()
    await subscriber.stop()
  }

  @Test("clients that nobody holds any more leave no connection behind")
  func lifetimes() async throws {
    let server = try RedisServer()
    do {
      var (subscriber, events) = try subscriber(server)
      await subscriber.start()
      #expect(await events.next() == .began)
      let caller = RedisCaller(try TestRedis.configuration(server.url), loop: loop)
      await caller.start()
      _ = try await caller.run(RedisCommand("PING"))
    }
    let admin = try await TestRedis.connect(on: loop, server.url)
    var count = 3
    let limit = loop.soon(.seconds(20))
    while count > 1, loop.now() < limit {
      let list = try await admin.run(RedisCommand("CLIENT", "LIST")).bytes() ?? []
      count = list.split(separator: 10).count
    }
    #expect(count == 1)
    await admin.close()
  }

  @Test("a connection that listens takes no commands")
  func commands() async throws {
    let connection = try await TestRedis.connect(on: loop)
    try await connection.listen(["c"], began: {}, { _, _ in })
    let error = await failure { _ = try await connection.run(RedisCommand("PING")) }
    #expect(error?.kind == .unexpected)
    await connection.close()
  }
}

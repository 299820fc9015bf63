import Reactor
import TestServers
import Testing

@testable import PostgresClient

@Suite("A listener", .serialized)
struct ListenerTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "listener") }

  private func makeListener(
    _ text: String, _ channels: [String] = ["news"]
  ) throws -> (PostgresListener, AsyncStream<PostgresListener.Event>.Iterator) {
    let (stream, continuation) = AsyncStream.makeStream(of: PostgresListener.Event.self)
    let configuration = try TestDatabase.configuration(text + " application_name=listener") {
      $0.backoff = .milliseconds(10) ... .milliseconds(20)
      $0.checkAfter = .milliseconds(50)
      $0.checkTimeout = .milliseconds(200)
      $0.connectTimeout = .milliseconds(500)
    }
    let listener = PostgresListener(channels, configuration, loop: loop) { continuation.yield($0) }
    return (listener, stream.makeAsyncIterator())
  }

  private func said(_ payload: String) -> PostgresListener.Event {
    .said(PostgresNotification(channel: "news", payload: payload))
  }

  @Test("one whose connection is ended listens again, and says that it may have missed something")
  func endedSessions() async throws {
    let text = try TestDatabase.server.get().connectionString
    let pool = try TestDatabase.pool(on: loop)
    var (listener, events) = try makeListener(text, ["news", "a \"b\""])
    await listener.start()
    #expect(await events.next() == .began)
    _ = try await pool.run("NOTIFY news, 'one'")
    #expect(await events.next() == said("one"))
    _ = try await pool.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener'")
    guard case .lost(let error) = await events.next() else {
      Issue.record("nothing was lost")
      return
    }
    #expect(error.remedy == .reconnect)
    #expect(await events.next() == .began)
    _ = try await pool.run("NOTIFY \"a \"\"b\"\"\", 'two'")
    let second = PostgresNotification(channel: "a \"b\"", payload: "two")
    #expect(await events.next() == .said(second))
    await listener.stop()
    await pool.close()
  }

  @Test("one whose server hangs, or is gone for a while, notices and comes back")
  func hangingServers() async throws {
    let server = try PostgresServer()
    var (listener, events) = try makeListener(server.connectionString)
    await listener.start()
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
    while event != said("back") {
      event = await events.next()
      guard event == .began else { continue }
      let pool = try TestDatabase.pool(on: loop, server.connectionString)
      _ = try await pool.run("NOTIFY news, 'back'")
      await pool.close()
    }
    await listener.stop()
  }
}

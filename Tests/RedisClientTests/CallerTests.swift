import Reactor
import TestServers
import Testing

@testable import RedisClient

@Suite("A caller that makes its connection again", .serialized)
struct CallerTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "caller") }

  private func started(
    _ url: String, _ change: (inout RedisConfiguration) -> Void = { _ in }
  ) async throws -> RedisCaller {
    let caller = RedisCaller(try TestRedis.configuration(url, change), loop: loop)
    await caller.start()
    return caller
  }

  /// Runs a command until it succeeds.
  private func untilAnswered(_ caller: RedisCaller) async throws {
    let limit = loop.soon(.seconds(20))
    while loop.now() < limit {
      // Why it does not succeed yet is not asked.
      if let value = try? await caller.run(RedisCommand("PING")) {
        #expect(value == .status("PONG"))
        return
      }
      try await loop.sleep(for: .milliseconds(5))
    }
    Issue.record("Redis did not come back")
  }

  @Test("the first calls wait for the connection; a killed server is told of and found again")
  func crashes() async throws {
    let server = try RedisServer()
    let caller = try await started(server.url)
    #expect(try await caller.run(RedisCommand("PING")) == .status("PONG"))
    server.kill9()
    while await caller.status.isConnected { try await loop.sleep(for: .milliseconds(1)) }
    let error = await failure { _ = try await caller.run(RedisCommand("PING")) }
    #expect(error?.kind == .connection)
    #expect(await caller.status.outage?.kind == .connection)
    try server.start()
    try await untilAnswered(caller)
    let status = await caller.status
    #expect(status == RedisStatus(isConnected: true, connectionCount: 2, outage: nil))
    await caller.stop()
  }

  @Test("a paused server costs each call its deadline, is given up, and found again")
  func pauses() async throws {
    let server = try RedisServer()
    let caller = try await started(server.url) {
      $0.answerTimeout = .milliseconds(500)
      $0.connectTimeout = .milliseconds(500)
    }
    _ = try await caller.run(RedisCommand("PING"))
    server.pause()
    let late = await failure {
      _ = try await caller.run(RedisCommand("PING"), by: loop.soon(.milliseconds(20)))
    }
    #expect(late?.kind == .deadlineExceeded)
    while await caller.status.isConnected { try await loop.sleep(for: .milliseconds(5)) }
    server.goOn()
    try await untilAnswered(caller)
    await caller.stop()
  }

  @Test("a wrong password is an outage with the server's words, until it is right")
  func passwords() async throws {
    let server = try RedisServer(password: "right")
    let caller = try await started("redis://:wrong@127.0.0.1:\(server.port)")
    let error = await failure { _ = try await caller.run(RedisCommand("PING")) }
    #expect(error?.serverCode == "WRONGPASS")
    let admin = try await TestRedis.connect(on: loop, server.url)
    _ = try await admin.run(RedisCommand("CONFIG", "SET", "requirepass", "wrong"))
    await admin.close()
    try await untilAnswered(caller)
    await caller.stop()
  }

  @Test("stopping fails what waits and what comes later")
  func stopping() async throws {
    let caller = try await started(try TestRedis.server.get().url)
    _ = try await caller.run(RedisCommand("PING"))
    let waiting = Task {
      await failure { _ = try await caller.run(RedisCommand("BLPOP", "nobody", "1")) }
    }
    try await loop.sleep(for: .milliseconds(5))
    await caller.stop()
    #expect(await waiting.value?.kind == .closed)
    let after = await failure { _ = try await caller.run(RedisCommand("PING")) }
    #expect(after?.kind == .closed)
    let unstarted = RedisCaller(try TestRedis.configuration(), loop: loop)
    let late = await failure {
      _ = try await unstarted.run(RedisCommand("PING"), by: loop.soon(.milliseconds(10)))
    }
    #expect(late?.kind == .deadlineExceeded)
  }
}

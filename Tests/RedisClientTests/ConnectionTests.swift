import Glibc
import Reactor
import TestServers
import Testing

@testable import RedisClient

@Suite("A connection to Redis", .serialized)
struct ConnectionTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "redis") }

  /// The error that connecting meets.
  private func refusal(
    _ url: String, _ change: (inout RedisConfiguration) -> Void = { _ in }
  ) async throws -> RedisError {
    try #require(
      await failure { await (try TestRedis.connect(on: loop, url, change)).close() })
  }

  // MARK: Connecting

  @Test("over TCP, by a name, over a unix socket, with a password, as a user, to a database")
  func forms() async throws {
    let server = try RedisServer(
      ["user me on >s%cret ~* +@all"], password: "pass")
    for url in [
      server.url, "redis://:pass@localhost:\(server.port)",
      "redis://me:s%25cret@127.0.0.1:\(server.port)/3", "unix://me:s%25cret@\(server.socket)?db=3",
    ] {
      let connection = try await TestRedis.connect(on: loop, url)
      let who = try await connection.run(RedisCommand("ACL", "WHOAMI"))
      #expect(who == .string((url.contains("me:") ? "me" : "default").bytes))
      if url.contains("3") {
        let info = try await connection.run(RedisCommand("CLIENT", "INFO")).bytes() ?? []
        let isThird = String(decoding: info, as: UTF8.self).contains(" db=3 ")
        #expect(isThird == url.contains("me:"))
      }
      await connection.close()
    }
    let plain = try await TestRedis.connect(
      on: loop, "unix:\(try TestRedis.server.get().socket)")
    await plain.close()
  }

  @Test("what is wrong is said, without the password")
  func refusals() async throws {
    let server = try RedisServer(password: "pass")
    let port = server.port
    let wrong = try await refusal("redis://:wr0ng@127.0.0.1:\(port)")
    #expect(wrong.serverCode == "WRONGPASS" && !wrong.message.contains("wr0ng"))
    #expect(try await refusal("redis://127.0.0.1:\(port)").serverCode == "NOAUTH")
    let database = try await refusal("redis://:pass@127.0.0.1:\(port)/999")
    #expect(database.message.contains("DB index is out of range"))
    let nobody = try await refusal("redis://127.0.0.1:1")
    #expect(nobody.kind == .connection && nobody.message.contains("Connection refused"))
    #expect(try await refusal("unix:/no/such/socket").message.contains("No such file"))
    #expect(
      try await refusal("redis://no.such.host.invalid").message.contains("no.such.host.invalid"))
  }

  @Test("a server that takes no more clients says so")
  func fullServers() async throws {
    let server = try RedisServer(["maxclients 1"])
    // The server may not have noticed yet that who tried it has left.
    var first: RedisConnection?
    while first == nil { first = try? await TestRedis.connect(on: loop, server.url) }
    let second = try await refusal(server.url)
    #expect(second.message.contains("max number of clients"))
    await first?.close()
  }

  @Test("connecting ends in time, and with its task")
  func silentServers() async throws {
    let silent = try ScriptedServer([], staysOpen: true)
    let url = "redis://127.0.0.1:\(silent.port)"
    let late = try await refusal(url) { $0.connectTimeout = .milliseconds(50) }
    #expect(late.kind == .connection && late.message.contains("in time"))
    let (loop, configuration) = (loop, try TestRedis.configuration(url))
    let task = Task {
      await failure { _ = try await RedisConnection.connect(configuration, loop: loop) }
    }
    task.cancel()
    let kind = await task.value?.kind
    #expect(kind == .cancelled)
    silent.end()
  }

  // MARK: Commands

  @Test("every kind of answer, and any bytes")
  func values() async throws {
    let connection = try await TestRedis.connect(on: loop)
    let bytes = (0...255).map { UInt8($0) } + [13, 10, 0]
    #expect(try await connection.run(RedisCommand("SET", bytes, bytes)) == .status("OK"))
    #expect(try await connection.run(RedisCommand("GET", bytes)).bytes() == bytes)
    #expect(try await connection.run(RedisCommand("GET", "nothing")).bytes() == nil)
    #expect(try await connection.run(RedisCommand("SET", "empty", "")) == .status("OK"))
    #expect(try await connection.run(RedisCommand("GET", "empty")).bytes() == [])
    #expect(try await connection.run(RedisCommand("INCRBY", "n", Int64(-7))).integer() == -7)
    let script = "return {1, 'two', {3, false, {}}, redis.error_reply('BAD thing'), 4}"
    let answer = try await connection.run(RedisCommand("EVAL", script, Int64(0)))
    let nested = RedisValue.array([.integer(3), .null, .array([])])
    let inner = RedisValue.error(RedisError(.server(code: "BAD"), "BAD thing"))
    #expect(
      answer
        == .array([.integer(1), .string("two".bytes), nested, inner, .integer(4)]))
    let error = await failure { _ = try await connection.run(RedisCommand("LPUSH", "n", "x")) }
    #expect(error?.serverCode == "WRONGTYPE")
    #expect(throws: RedisError.self) { try RedisValue.status("OK").integer() }
    #expect(throws: RedisError.self) { try RedisValue.integer(1).bytes() }
    await connection.close()
  }

  @Test("calls at the same time are answered each with its own")
  func pipelining() async throws {
    let connection = try await TestRedis.connect(on: loop)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<500 {
        group.addTask {
          let text = String(repeating: "\(number),", count: number)
          let answer = try await connection.run(RedisCommand("ECHO", text))
          #expect(answer == .string(text.bytes))
        }
      }
      try await group.waitForAll()
    }
    await connection.close()
  }

  @Test("values of many megabytes go both ways, and one beyond the bound ends the connection")
  func hugeValues() async throws {
    let connection = try await TestRedis.connect(on: loop) { $0.maxReplyBytes = 4 << 20 }
    let large = [UInt8](repeating: 7, count: 4 << 20)
    let deadline = loop.soon(.seconds(30))
    _ = try await connection.run(RedisCommand("SET", "large", large), by: deadline)
    #expect(try await connection.run(RedisCommand("GET", "large"), by: deadline).bytes() == large)
    _ = try await connection.run(RedisCommand("APPEND", "large", "x"), by: deadline)
    let error = await failure {
      _ = try await connection.run(RedisCommand("GET", "large"), by: deadline)
    }
    #expect(error?.kind == .connection && error?.message.contains("larger than") == true)
    let second = try await TestRedis.connect(on: loop) { $0.maxReplyElements = 100 }
    _ = try await second.run(RedisCommand("DEL", "large"))
    let script = "local t = {} for i = 1, tonumber(ARGV[1]) do t[i] = i end return t"
    let hundred = try await second.run(RedisCommand("EVAL", script, Int64(0), Int64(100)))
    #expect(hundred == .array((1...100).map { .integer($0) }))
    let many = await failure {
      _ = try await second.run(RedisCommand("EVAL", script, Int64(0), Int64(101)))
    }
    #expect(many?.message.contains("more than 100 values") == true)
  }

  @Test("commands that would confuse everybody else's answers are refused")
  func upsettingCommands() async throws {
    let connection = try await TestRedis.connect(on: loop)
    for command in [
      RedisCommand("subscribe", "x"), RedisCommand("MONITOR"),
      RedisCommand("client", "reply", "off"),
      RedisCommand("HELLO", "3"), RedisCommand(""),
    ] {
      let error = await failure { _ = try await connection.run(command) }
      #expect(error?.kind == .unexpected)
    }
    #expect(try await connection.run(RedisCommand("PING")) == .status("PONG"))
    await connection.close()
  }

  // MARK: Bounds in time and number

  @Test("a call ends at its deadline and with its task, and the connection goes on")
  func deadlines() async throws {
    let connection = try await TestRedis.connect(on: loop)
    let late = await failure {
      _ = try await connection.run(
        RedisCommand("BLPOP", "nothing", "0.2"), by: loop.soon(.milliseconds(20)))
    }
    #expect(late?.kind == .deadlineExceeded)
    let past = await failure {
      _ = try await connection.run(RedisCommand("PING"), by: loop.soon(.milliseconds(-1)))
    }
    #expect(past?.kind == .deadlineExceeded)
    let task = Task {
      await failure { _ = try await connection.run(RedisCommand("BLPOP", "nothing", "0.1")) }
    }
    task.cancel()
    let kind = await task.value?.kind
    #expect(kind == .cancelled)
    // The answers of the above come first, and to nobody.
    let echo = try await connection.run(RedisCommand("ECHO", "next"), by: loop.soon(.seconds(5)))
    #expect(echo == .string("next".bytes))
    await connection.close()
  }

  @Test("no more commands wait than the bound says, nor more bytes")
  func bounds() async throws {
    let server = try RedisServer()
    let connection = try await TestRedis.connect(on: loop, server.url) {
      $0.maxPending = 10
      $0.maxUnsentBytes = 1 << 20
      $0.answerTimeout = .seconds(60)
    }
    server.pause()
    let deadline = loop.soon(.seconds(30))
    let waiting = (0..<10).map { _ in
      Task { try await connection.run(RedisCommand("PING"), by: deadline) }
    }
    while await connection.awaitedCount != 10 { await Task.yield() }
    let eleventh = await failure { _ = try await connection.run(RedisCommand("PING")) }
    #expect(eleventh?.kind == .exhausted)
    server.goOn()
    for task in waiting { #expect(try await task.value == .status("PONG")) }
    server.pause()
    let large = [UInt8](repeating: 0, count: 8 << 20)
    let sent = Task { try await connection.run(RedisCommand("SET", "k", large), by: deadline) }
    while await connection.awaitedCount != 1 { await Task.yield() }
    let further = await failure { _ = try await connection.run(RedisCommand("PING")) }
    #expect(further?.kind == .exhausted)
    server.goOn()
    #expect(try await sent.value == .status("OK"))
    await connection.close()
  }

  @Test("a server that hangs is given up, and one that dies is noticed")
  func hangingServers() async throws {
    let server = try RedisServer()
    let connection = try await TestRedis.connect(on: loop, server.url) {
      $0.answerTimeout = .milliseconds(500)
    }
    server.pause()
    let silent = await failure {
      _ = try await connection.run(RedisCommand("PING"), by: loop.soon(.seconds(30)))
    }
    #expect(silent?.kind == .connection && silent?.message == "Redis does not answer")
    server.goOn()
    let other = try await TestRedis.connect(on: loop, server.url)
    let waiting = Task {
      await failure {
        _ = try await other.run(RedisCommand("BLPOP", "x", "0"), by: loop.soon(.seconds(30)))
      }
    }
    while await other.awaitedCount != 1 { await Task.yield() }
    server.kill9()
    #expect(await waiting.value?.kind == .connection)
    let after = await failure { _ = try await other.run(RedisCommand("PING")) }
    #expect(after?.kind == .connection)
  }

  @Test("a full server refuses to store, and still answers")
  func fullMemory() async throws {
    let server = try RedisServer(["maxmemory 3mb", "maxmemory-policy noeviction"])
    let connection = try await TestRedis.connect(on: loop, server.url)
    _ = try await connection.run(RedisCommand("SET", "small", "value"))
    let block = [UInt8](repeating: 1, count: 1 << 20)
    let error = await failure {
      for number in 0..<8 { _ = try await connection.run(RedisCommand("SET", "\(number)", block)) }
    }
    #expect(error?.serverCode == "OOM")
    #expect(try await connection.run(RedisCommand("GET", "small")).bytes() == "value".bytes)
    await connection.close()
  }

  @Test("a server that has become a replica is left")
  func replicas() async throws {
    let server = try RedisServer()
    let connection = try await TestRedis.connect(on: loop, server.url)
    _ = try await connection.run(RedisCommand("REPLICAOF", "127.0.0.1", "1"))
    let error = await failure { _ = try await connection.run(RedisCommand("SET", "a", "b")) }
    #expect(error?.serverCode == "READONLY")
    let after = await failure { _ = try await connection.run(RedisCommand("GET", "a")) }
    #expect(after?.serverCode == "READONLY")
  }
}

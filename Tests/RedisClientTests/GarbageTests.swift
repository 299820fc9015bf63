import Reactor
import TestServers
import Testing

@testable import RedisClient

@Suite("A server that is no Redis, or a mad one")
struct GarbageTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "garbage") }

  /// What connecting to a server with these words ends with.
  private func outcome(_ script: [String], then command: RedisCommand? = nil) async throws -> String
  {
    let server = try ScriptedServer(script.map(\.bytes))
    defer { server.end() }
    do {
      let connection = try await TestRedis.connect(on: loop, "redis://127.0.0.1:\(server.port)")
      guard let command else { return await connection.end().message }
      let value = try await connection.run(command)
      await connection.close()
      return "\(value)"
    } catch { return "\(error)" }
  }

  @Test("what answers to the greeting with something else is no Redis")
  func greetings() async throws {
    for (answer, reason) in [
      ("HTTP/1.1 400 Bad Request\r\n\r\n", "got \"H\" as reply type byte"),
      ("+HELLO\r\n", "no Redis"), (":1\r\n", "no Redis"), ("*0\r\n", "no Redis"),
      ("", "closed the connection"), ("\0\0\0\0", "as reply type byte"),
      ("-LOADING Redis is loading the dataset in memory\r\n", "LOADING Redis is loading"),
      ("$-5\r\n", "out of range"), ("$x\r\n", "Bad bulk"), ("*-5\r\n", "out of range"),
      (":99999999999999999999\r\n", "Bad integer"),
      ("*2147483647\r\n$1\r\na\r\n", "more than 65536 values"),
      ("*2147483647\r\n*0\r\n*0\r\n:1\r\n", "more than 65536 values"),
      ("*9223372036854775807\r\n", "out of range"),
      ("*1\r\n*60000\r\n*60000\r\n*0\r\n", "more than 65536 values"),
      (String(repeating: "*1\r\n", count: 20), "depth > 7"),
    ] {
      let said = try await outcome([answer])
      #expect(said.contains(reason), "\(answer.prefix(20)): \(said)")
    }
  }

  @Test("an answer that nobody asked for ends the connection, and nothing else")
  func unaskedAnswers() async throws {
    for extra in [
      "+OK\r\n", ":1\r\n", "$1\r\na\r\n", "*0\r\n", "*1\r\n*0\r\n", "*-1\r\n", "$-1\r\n",
      "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\np\r\n",
    ] {
      let said = try await outcome(["+PONG\r\n" + extra])
      #expect(said == "Redis answered what nobody had asked", "\(extra)")
    }
    let error = try await outcome(["+PONG\r\n-ERR go away\r\n"])
    #expect(error == "ERR go away")
  }

  @Test("messages of no known form end the subscriber's connection, and nothing else")
  func strangeMessages() async throws {
    let confirmation = "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n"
    for message in [
      "+OK\r\n", ":1\r\n", "$1\r\na\r\n", "*0\r\n", "*1\r\n*0\r\n", "*-1\r\n", "$-1\r\n",
      "*2\r\n$7\r\nmessage\r\n$1\r\nc\r\n", "*3\r\n:1\r\n$1\r\nc\r\n$1\r\np\r\n",
      "*3\r\n$7\r\nmessage\r\n:1\r\n$1\r\np\r\n", "*3\r\n$7\r\nmessage\r\n$-1\r\n$1\r\np\r\n",
      "*3\r\n$7\r\nmessage\r\n*0\r\n$1\r\np\r\n", "*3\r\n*0\r\n*0\r\n*0\r\n",
      "*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n$1\r\np\r\n", "*3\r\n-ERR\r\n$1\r\nc\r\n:1\r\n",
      "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n$1\r\np\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n:1\r\n",
      "*3\r\n$4\r\npong\r\n$0\r\n\r\n$0\r\n\r\n",
    ] {
      let server = try ScriptedServer(["+PONG\r\n".bytes, (confirmation + message).bytes])
      let connection = try await TestRedis.connect(on: loop, "redis://127.0.0.1:\(server.port)")
      try await connection.listen(["c"], began: {}, { _, _ in })
      let end = await connection.end()
      #expect(end.message.contains("no message of a subscription"), "\(message)")
      server.end()
    }
  }

  @Test("a refused subscription says why")
  func refusedSubscriptions() async throws {
    let server = try ScriptedServer(["+PONG\r\n".bytes, "-NOPERM no channel for you\r\n".bytes])
    let connection = try await TestRedis.connect(on: loop, "redis://127.0.0.1:\(server.port)")
    let error = await failure { try await connection.listen(["c"], began: {}, { _, _ in }) }
    #expect(error?.serverCode == "NOPERM")
    server.end()
  }

  @Test("an answer in single bytes is read as any other")
  func crumbs() async throws {
    let answer = "*2\r\n$3\r\na\r\n\r\n:12\r\n"
    let server = try ScriptedServer(["+PONG\r\n".bytes, answer.bytes], inCrumbs: true)
    let connection = try await TestRedis.connect(on: loop, "redis://127.0.0.1:\(server.port)")
    let value = try await connection.run(RedisCommand("X"))
    #expect(value == .array([.string("a\r\n".bytes), .integer(12)]))
    await connection.close()
    server.end()
  }
}

import Glibc
import Reactor
import TestServers
import Testing

@testable import PostgresClient

@Suite("A pool of connections", .serialized)
struct PoolTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "pool") }

  private func makePool(
    _ server: PostgresServer, named name: String = "pool",
    _ change: (inout PostgresConfiguration) -> Void = { _ in }
  ) -> PostgresPool {
    var configuration = PostgresConfiguration(
      server.connectionString + " application_name=\(name)")
    change(&configuration)
    return PostgresPool(configuration, loop: loop)
  }

  private func answers(_ pool: PostgresPool) async -> Bool {
    (try? await pool.run("SELECT 1 AS one").rows.count) == 1
  }

  @Test("many callers share few connections, and nobody waits for ever")
  func sharing() async throws {
    let pool = makePool(try ConnectionTests.server.get(), named: "sharing") {
      $0.maxConnections = 3
      $0.acquireTimeout = .milliseconds(200)
      $0.maxWaiting = 100
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 { group.addTask { _ = try await pool.run("SELECT 1 AS one") } }
      try await group.waitForAll()
    }
    let held = try await pool.run(
      "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'sharing'")
    #expect(try held.rows[0].int("n") == 3)
    let error = await #expect(throws: PostgresError.self) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask { _ = try await pool.run("SELECT pg_sleep(1)") }
        }
        try await group.waitForAll()
      }
    }
    #expect(error?.kind == .exhausted)
    #expect(await answers(pool))
    await pool.close()
    await #expect(throws: PostgresError.self) { try await pool.run("SELECT 1") }
  }

  @Test("a transaction that lost against another is done again")
  func retries() async throws {
    let pool = makePool(try ConnectionTests.server.get())
    _ = try await pool.run("CREATE TABLE counter (n int8)")
    _ = try await pool.run("INSERT INTO counter VALUES (0)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<5 {
            try await pool.transaction("ISOLATION LEVEL SERIALIZABLE", attempts: 50) { connection in
              let n = try await connection.run("SELECT n FROM counter").rows[0].int("n")
              _ = try await connection.run("UPDATE counter SET n = $1", [.int8(n + 1)])
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await pool.run("SELECT n FROM counter").rows[0].int("n") == 20)
    _ = try await pool.run("DROP TABLE counter")
    await pool.close()
  }

  @Test("a transaction that is left by an error, or a cancelled task, leaves nothing open")
  func rollBack() async throws {
    struct Enough: Error {}
    let pool = makePool(try ConnectionTests.server.get()) { $0.maxConnections = 1 }
    _ = try await pool.run("CREATE TABLE left_over (n int8)")
    await #expect(throws: Enough.self) {
      try await pool.transaction { connection in
        _ = try await connection.run("INSERT INTO left_over VALUES (1)")
        throw Enough()
      }
    }
    let task = Task {
      try await pool.transaction { connection in
        _ = try await connection.run("INSERT INTO left_over VALUES (2)")
        withUnsafeCurrentTask { $0?.cancel() }
        _ = try await connection.run("SELECT pg_sleep(600)")
      }
    }
    await #expect(throws: (any Error).self) { try await task.value }
    #expect(try await pool.run("SELECT count(*) AS n FROM left_over").rows[0].int("n") == 0)
    _ = try await pool.run("DROP TABLE left_over")
    await pool.close()
  }

  @Test("a server that was killed costs the calls under way, and is found again")
  func restarts() async throws {
    let server = try PostgresServer()
    let pool = makePool(server) { $0.backoff = .milliseconds(10) ... .milliseconds(50) }
    #expect(await answers(pool))
    let running = Task { try await pool.run("SELECT pg_sleep(600)") }
    while try await pool.run(
      """
      SELECT 1 AS one FROM pg_stat_activity
      WHERE query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'
      """
    ).rows.isEmpty {}
    server.kill9()
    let error = await #expect(throws: PostgresError.self) { try await running.value }
    #expect(error?.remedy == .reconnect)
    let refused = await #expect(throws: PostgresError.self) { try await pool.run("SELECT 1") }
    #expect(refused?.kind == .connection)
    try server.start()
    while await !answers(pool) { try await loop.sleep(for: .milliseconds(20)) }
    server.stop()
    await #expect(throws: PostgresError.self) { try await pool.run("SELECT 1") }
    try server.start()
    while await !answers(pool) { try await loop.sleep(for: .milliseconds(20)) }
    await pool.close()
  }

  @Test("a server that hangs is given up, and used again when it goes on")
  func pauses() async throws {
    let server = try PostgresServer()
    let pool = makePool(server) {
      $0.answerTimeout = .milliseconds(300)
      $0.connectTimeout = .milliseconds(300)
      $0.backoff = .milliseconds(10) ... .milliseconds(50)
    }
    #expect(await answers(pool))
    server.pause()
    for _ in 0..<2 {
      let error = await #expect(throws: PostgresError.self) { try await pool.run("SELECT 1") }
      #expect(error?.kind == .connection)
    }
    server.goOn()
    while await !answers(pool) { try await loop.sleep(for: .milliseconds(20)) }
    await pool.close()
  }

  @Test("a server without room for more connections says so")
  func fullServers() async throws {
    let server = try PostgresServer([
      "max_connections = 5", "superuser_reserved_connections = 0", "max_wal_senders = 0",
    ])
    let pool = makePool(server) { $0.maxConnections = 8 }
    let failures = Locked<[String]>([])
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          do { _ = try await pool.run("SELECT pg_sleep(0.3)") } catch {
            failures.withLock { $0.append("\(error)") }
          }
        }
      }
    }
    let said = failures.withLock { $0 }
    #expect(!said.isEmpty)
    #expect(said.allSatisfy { $0.contains("too many clients") })
    try await loop.sleep(for: .milliseconds(200))
    #expect(await answers(pool))
    await pool.close()
  }
}

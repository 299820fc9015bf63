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

  @Test("many callers share few connections, and nobody waits for ever")
  func sharing() async throws {
    let pool = makePool(try TestDatabase.server.get(), named: "sharing") {
      $0.maxConnections = 3
      $0.maxWaiting = 100
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 { group.addTask { _ = try await pool.run("SELECT 1 AS one") } }
      try await group.waitForAll()
    }
    let held = try await pool.run(
      "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'sharing'")
    #expect(try held.rows[0].int("n") == 3)
    await pool.close()
    await #expect(throws: PostgresError.self) { try await pool.run("SELECT 1") }
  }

  @Test("who finds no connection in time is told so, and the pool goes on")
  func exhausted() async throws {
    let pool = makePool(try TestDatabase.server.get(), named: "exhausted") {
      $0.maxConnections = 3
      $0.acquireTimeout = .milliseconds(500)
    }
    let error = await #expect(throws: PostgresError.self) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask { _ = try await pool.run("SELECT pg_sleep(2)") }
        }
        try await group.waitForAll()
      }
    }
    #expect(error?.kind == .exhausted)
    #expect(await pool.answers())
    await pool.close()
  }

  @Test("a transaction that lost against another is done again")
  func retries() async throws {
    let pool = makePool(try TestDatabase.server.get())
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
    let pool = makePool(try TestDatabase.server.get()) { $0.maxConnections = 1 }
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
    #expect(await pool.answers())
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
    while await !pool.answers() { try await loop.sleep(for: .milliseconds(20)) }
    server.stop()
    await #expect(throws: PostgresError.self) { try await pool.run("SELECT 1") }
    try server.start()
    while await !pool.answers() { try await loop.sleep(for: .milliseconds(20)) }
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
    #expect(await pool.answers())
    server.pause()
    for _ in 0..<2 {
      let error = await #expect(throws: PostgresError.self) { try await pool.run("SELECT 1") }
      #expect(error?.kind == .connection)
    }
    server.goOn()
    while await !pool.answers() { try await loop.sleep(for: .milliseconds(20)) }
    await pool.close()
  }

  @Test("a server without room for more connections says so, and those that stand serve all")
  func fullServers() async throws {
    let server = try PostgresServer([
      "max_connections = 4", "superuser_reserved_connections = 0", "max_wal_senders = 0",
    ])
    let pool = makePool(server) {
      $0.maxConnections = 8
      $0.backoff = .milliseconds(10) ... .milliseconds(20)
    }
    #expect(await pool.answers())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<12 { group.addTask { _ = try await pool.run("SELECT pg_sleep(0.1)") } }
      try await group.waitForAll()
    }
    #expect(await pool.status.open == 4)
    let other = makePool(server)
    let error = await failure { _ = try await other.run("SELECT 1") }
    #expect(error?.kind == .connection && error?.message.contains("too many clients") == true)
    #expect(error?.refusalState == "53300")
    #expect(await other.status.outage == error)
    // What keeps others out is over once there is room, whether or not somebody asks.
    await pool.close()
    while await other.lookAgain().outage != nil { try await loop.sleep(for: .milliseconds(20)) }
    #expect(await other.status.idle == 1)
    await other.close()
  }

  @Test("who holds every connection of a server and uses none gives them back")
  func idleness() async throws {
    let server = try PostgresServer([
      "max_connections = 3", "superuser_reserved_connections = 0", "max_wal_senders = 0",
    ])
    let greedy = makePool(server) {
      $0.maxConnections = 3
      $0.closeAfter = .seconds(1)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<9 { group.addTask { _ = try await greedy.run("SELECT pg_sleep(0.05)") } }
      try await group.waitForAll()
    }
    #expect(await greedy.status.open == 3)
    let other = makePool(server) { $0.backoff = .milliseconds(10) ... .milliseconds(50) }
    while await !other.answers() { try await loop.sleep(for: .milliseconds(20)) }
    #expect(await greedy.answers())
    await greedy.close()
    await other.close()
  }

  @Test("during an outage callers are told at once, and one tries at a time")
  func outages() async throws {
    let server = try PostgresServer()
    let pool = makePool(server) {
      $0.connectTimeout = .milliseconds(300)
      $0.backoff = .seconds(60) ... .seconds(60)
    }
    server.stop()
    let first = await failure { _ = try await pool.run("SELECT 1") }
    #expect(first?.message.contains("Connection refused") == true)
    let second = await failure { _ = try await pool.run("SELECT 1") }
    #expect(second == first)
    let status = await pool.status
    #expect(
      status == PostgresPoolStatus(open: 0, idle: 0, waiting: 0, longestWait: .zero, outage: first))
    await pool.close()
  }

  @Test("who asks when the database is back waits half a second at most, however long it was away")
  func shortPauses() async throws {
    let server = try PostgresServer()
    let pool = makePool(server)
    server.stop()
    for _ in 0..<12 {
      #expect(await pool.answers() == false)
      // Until the next attempt is due.
      while let outage = await pool.outage, outage.until > loop.now() {
        #expect(outage.until.duration(since: loop.now()) <= .milliseconds(500))
        try await loop.sleep(for: outage.until.duration(since: loop.now()))
      }
    }
    try server.start()
    #expect(await pool.answers())
    await pool.close()
  }

  @Test("a connection that was idle for long and no longer answers is replaced")
  func healthChecks() async throws {
    let server = try PostgresServer()
    let pool = makePool(server) {
      $0.checkAfter = .zero
      $0.checkTimeout = .milliseconds(100)
      $0.cancelTimeout = .milliseconds(100)
    }
    let backend = try await pool.number("SELECT pg_backend_pid()")
    #expect(try await pool.number("SELECT pg_backend_pid()") == backend)
    // One session hangs alone, as behind a firewall that forgot it.
    kill(pid_t(backend), SIGSTOP)
    #expect(try await pool.number("SELECT pg_backend_pid()") != backend)
    kill(pid_t(backend), SIGCONT)
    await pool.close()
  }

  @Test("who waits is served in order, and may give up by deadline or with its task")
  func waiting() async throws {
    let pool = makePool(try TestDatabase.server.get()) { $0.maxConnections = 1 }
    try await pool.withConnection { _ in
      let late = await failure {
        _ = try await pool.run("SELECT 1", deadline: loop.soon(.milliseconds(20)))
      }
      #expect(late?.kind == .deadlineExceeded)
      let task = Task { try await pool.run("SELECT 1") }
      while await pool.status.waiting == 0 { await Task.yield() }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(await pool.status.waiting == 0)
    }
    #expect(
      await pool.status
        == PostgresPoolStatus(open: 1, idle: 1, waiting: 0, longestWait: .zero, outage: nil))
    await pool.close()
  }
}

import Reactor
import TestServers
import Testing

@testable import PostgresClient

@Suite("Deadlines and bounds", .serialized)
struct DeadlineTests {
  let loop: EventLoop
  let pool: PostgresPool

  init() throws {
    loop = try EventLoop(name: "deadlines")
    pool = try TestDatabase.pool(on: loop)
  }

  /// Waits until nobody runs a statement that begins so.
  private func untilOver(_ beginning: String) async throws {
    try await pool.untilRows(
      """
      SELECT 1 AS one WHERE NOT EXISTS (SELECT FROM pg_stat_activity
      WHERE state = 'active' AND query LIKE '\(beginning)%')
      """)
  }

  @Test("a statement whose deadline passes is ended on the server")
  func statements() async throws {
    let connection = try await TestDatabase.connect(on: loop)
    let error = await failure {
      _ = try await connection.run("SELECT pg_sleep(601)", deadline: loop.soon(.milliseconds(50)))
    }
    #expect(error?.kind == .deadlineExceeded)
    try await untilOver("SELECT pg_sleep(601)")
    await connection.close()
    let late = await failure {
      _ = try await pool.run("SELECT 1", deadline: loop.now())
    }
    #expect(late?.kind == .deadlineExceeded)
    await pool.close()
  }

  @Test("the pool's deadline holds for every call of its borrower, COPY and chunks too")
  func borrowers() async throws {
    _ = try await pool.run("CREATE TABLE IF NOT EXISTS blocked (n int8)")
    let locker = try await TestDatabase.connect(on: loop)
    _ = try await locker.run("BEGIN")
    _ = try await locker.run("LOCK TABLE blocked")
    let calls: [@Sendable (PostgresConnection) async throws -> Void] = [
      { _ = try await $0.run("SELECT * FROM blocked") },
      { _ = try await $0.copyIn("COPY blocked FROM STDIN") { _ in } },
      { _ = try await $0.copyOut("COPY blocked TO STDOUT") { _ in } },
      {
        try await $0.forEachChunk(PostgresStatement("SELECT *, pg_sleep(1) FROM blocked")) { _ in }
      },
    ]
    for call in calls {
      let error = await failure {
        try await pool.withConnection(deadline: loop.soon(.milliseconds(50)), call)
      }
      #expect(error?.kind == .deadlineExceeded)
    }
    let task = Task {
      try await pool.withConnection { connection in
        try await connection.copyIn("COPY blocked (n) FROM STDIN") { _ in }
      }
    }
    try await pool.untilRows(
      "SELECT 1 AS one FROM pg_stat_activity WHERE query LIKE 'COPY blocked (n)%'")
    task.cancel()
    let cancelled = await failure { _ = try await task.value }
    #expect(cancelled?.kind == .cancelled)
    try await untilOver("COPY blocked")
    await locker.close()
    _ = try await pool.run("DROP TABLE blocked")
    await pool.close()
  }

  @Test("a call that waits behind another is told at its deadline, and the other is answered")
  func behindOthers() async throws {
    let connection = try await TestDatabase.connect(on: loop)
    async let slow = connection.run("SELECT pg_sleep(0.3), 1 AS one")
    try await pool.untilRows(
      "SELECT 1 AS one FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(0.3)%'")
    let error = await failure {
      _ = try await connection.run("SELECT 2", deadline: loop.soon(.milliseconds(20)))
    }
    #expect(error?.kind == .deadlineExceeded)
    #expect(try await slow.rows.count == 1)
    await connection.close()
    await pool.close()
  }

  @Test("what comes too fast for one connection is refused, and the connection goes on")
  func bounds() async throws {
    let connection = try await TestDatabase.connect(on: loop) { $0.maxPipelined = 10 }
    let kinds = await withTaskGroup(of: PostgresError.Kind?.self) { group in
      for _ in 0..<30 {
        group.addTask {
          do { _ = try await connection.run("SELECT pg_sleep(0.05)") } catch {
            return (error as? PostgresError)?.kind
          }
          return nil
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(kinds.count { $0 == nil } == 10 && kinds.count { $0 == .exhausted } == 20)
    let error = await failure {
      _ = try await connection.run(
        "SELECT 1", [PostgresParameter](repeating: .int8(1), count: 65_536))
    }
    #expect(error?.kind == .unexpected)
    #expect(try await connection.run("SELECT 1 AS one").rows.count == 1)
    await connection.close()
    await pool.close()
  }

  @Test("a reader who takes longer than an answer may keeps the connection, and little memory")
  func slowReaders() async throws {
    let connection = try await TestDatabase.connect(on: loop) {
      $0.answerTimeout = .milliseconds(150)
    }
    let largest = Locked(0)
    async let other = { () async throws -> Int in
      try await loop.sleep(for: .milliseconds(50))
      return try await connection.run("SELECT 1 AS one").rows.count
    }()
    try await connection.forEachChunk(
      PostgresStatement("SELECT repeat('x', 100000) AS t FROM generate_series(1, 60)")
    ) { rows in
      let isFirst = largest.withLock { largest in
        defer { largest = max(largest, rows.count) }
        return largest == 0
      }
      if isFirst { try await loop.sleep(for: .milliseconds(400)) }
    }
    #expect(try await other == 1)
    // A mebibyte, and the row that exceeds it.
    #expect(largest.withLock { $0 } <= 11)
    await connection.close()
    await pool.close()
  }

  @Test("a server that hangs in the middle of a COPY, or of a transaction")
  func hangs() async throws {
    let server = try PostgresServer()
    let pool = try TestDatabase.pool(on: loop, server.connectionString) {
      $0.cancelTimeout = .milliseconds(100)
      $0.connectTimeout = .milliseconds(300)
      $0.answerTimeout = .milliseconds(400)
      $0.backoff = .milliseconds(10) ... .milliseconds(50)
    }
    _ = try await pool.run("CREATE TABLE t (line text)")
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20) + [UInt8(ascii: "\n")]
    let copying = await failure {
      _ = try await pool.withConnection { connection in
        try await connection.copyIn("COPY t FROM STDIN") { writer in
          server.pause()
          // More than any buffer between here and there.
          for _ in 0..<64 { try await writer.write(line) }
        }
      }
    }
    #expect(copying?.message == "the database does not answer")
    server.goOn()
    while await !pool.answers() { try await loop.sleep(for: .milliseconds(20)) }
    let committing = await failure {
      try await pool.transaction(deadline: loop.soon(.milliseconds(300))) { connection in
        _ = try await connection.run("INSERT INTO t VALUES ('in doubt')")
        server.pause()
      }
    }
    #expect(committing?.kind == .deadlineExceeded)
    server.goOn()
    while await !pool.answers() { try await loop.sleep(for: .milliseconds(20)) }
    // The COPY left nothing; the COMMIT may have been done, or not.
    #expect(try await pool.number("SELECT count(*) FROM t") <= 1)
    await pool.close()
    await self.pool.close()
  }
}

import Reactor
import Testing

@testable import PostgresClient

@Suite("Errors of PostgreSQL", .serialized)
struct ErrorTests {
  @Test("what can be done about an error, by its SQLSTATE")
  func remedies() {
    func remedy(_ state: String) -> PostgresError.Remedy {
      PostgresError(.server(sqlState: state), "").remedy
    }
    for state in ["40001", "40P01", "55P03"] { #expect(remedy(state) == .retryTransaction) }
    for state in ["08006", "57P01", "57P02", "57P03", "25006"] {
      #expect(remedy(state) == .reconnect)
    }
    for state in ["23505", "23503", "23514", "42P01", "22012", "57014", "53100"] {
      #expect(remedy(state) == .none)
    }
    #expect(PostgresError(.server(sqlState: "23505"), "").condition == .uniqueViolation)
    #expect(PostgresError(.server(sqlState: "23503"), "").isConstraintViolation)
    #expect(PostgresError(.connection, "").condition == nil)
  }

  @Test("what libpq says of a connection is taken apart: the server's SQLSTATE, and words")
  func connecting() {
    let refused = PostgresError(
      connecting: """
        connection to server at "127.0.0.1", port 5432 failed: FATAL:  28P01: password \
        authentication failed for user "u"
        LOCATION:  auth_failed, auth.c:326

        """)
    #expect(refused.kind == .connection && refused.refusalState == "28P01")
    #expect(
      refused.message
        == """
        connection to server at "127.0.0.1", port 5432 failed: FATAL:  password authentication \
        failed for user "u"
        """)
    let away = PostgresError(
      connecting: "connection failed: Connection refused\n\tIs the server running?\n")
    #expect(away.refusalState.isEmpty)
    #expect(away.message == "connection failed: Connection refused; Is the server running?")
    #expect(away.sentence == away.message && refused.sentence.hasSuffix("\"u\"."))
    #expect(PostgresError(connecting: "").message == "the connection broke")
  }

  @Test("pauses double up to the longest, less what chance takes")
  func backoff() {
    var backoff = Backoff(.milliseconds(100) ... .milliseconds(350))
    var shortened = 0
    for _ in 0..<200 {
      for whole in [100, 200, 350, 350] {
        let pause = backoff.next()
        #expect(pause >= .milliseconds(whole) / 2 && pause <= .milliseconds(whole))
        if pause < .milliseconds(whole) * 0.75 { shortened += 1 }
      }
      backoff.reset()
    }
    // Half of 800, and no closer than chance comes once in the age of the universe.
    #expect((200...600).contains(shortened))
  }

  @Test("a text is prepared once at a time, and not without bound")
  func preparing() {
    var prepared = PreparedStatements()
    #expect(prepared.newName(for: "a") == "s1")
    #expect(prepared.newName(for: "a") == nil)
    prepared.settle("a", as: nil)
    #expect(prepared.newName(for: "a") == "s2")
    prepared.settle("a", as: "s2")
    #expect(prepared.name(of: "a") == "s2")
    prepared.forget("a")
    #expect(prepared.name(of: "a") == nil)
    let names = (0..<1000).compactMap { prepared.newName(for: "\($0)") }
    #expect(names.count == PreparedStatements.most - 2)
  }

  @Test("calls at the same time prepare their text once")
  func preparedOnce() async throws {
    let loop = try EventLoop(name: "prepared")
    let connection = try await TestDatabase.connect(on: loop)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 { group.addTask { _ = try await connection.run("SELECT 5 AS five") } }
      try await group.waitForAll()
    }
    let answer = try await connection.run(
      "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement = 'SELECT 5 AS five'")
    #expect(try answer.rows[0].int("n") == 1)
    await connection.close()
  }

  @Test("a transaction whose failed statement was overlooked does not count as committed")
  func overlookedFailures() async throws {
    let loop = try EventLoop(name: "overlooked")
    let pool = try TestDatabase.pool(on: loop)
    _ = try await pool.run("CREATE TABLE overlooked (n int8)")
    let error = await failure {
      try await pool.transaction { connection in
        _ = try await connection.run("INSERT INTO overlooked VALUES (1)")
        _ = try? await connection.run("SELECT 1 / 0")
      }
    }
    #expect(error?.condition == .failedTransaction)
    #expect(try await pool.number("SELECT count(*) FROM overlooked") == 0)
    _ = try await pool.run("DROP TABLE overlooked")
    await pool.close()
  }

  @Test("a table that changes under a prepared statement costs no caller anything")
  func stalePlans() async throws {
    let loop = try EventLoop(name: "stale")
    let pool = try TestDatabase.pool(on: loop) { $0.maxConnections = 1 }
    _ = try await pool.run("CREATE TABLE changing (a int8)")
    #expect(try await pool.run("SELECT * FROM changing").rows.isEmpty)
    _ = try await pool.run("ALTER TABLE changing ADD b int8")
    #expect(try await pool.run("SELECT * FROM changing").rows.isEmpty)
    _ = try await pool.run("ALTER TABLE changing ADD c int8")
    try await pool.transaction { _ = try await $0.run("SELECT * FROM changing") }
    _ = try await pool.run("DROP TABLE changing")
    await pool.close()
  }

  @Test("two that wait for each other both get through")
  func deadlocks() async throws {
    let loop = try EventLoop(name: "deadlock")
    let pool = try TestDatabase.pool(
      on: loop, TestDatabase.server.get().connectionString + " options='-c deadlock_timeout=50ms'")
    _ = try await pool.run("CREATE TABLE crossing (id int8 PRIMARY KEY, n int8)")
    _ = try await pool.run("INSERT INTO crossing VALUES (1, 0), (2, 0)")
    let attempts = Locked(0)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for order in [[1, 2], [2, 1]] as [[Int64]] {
        group.addTask {
          try await pool.transaction { connection in
            let isFirst = attempts.withLock { attempts in
              attempts += 1
              return attempts <= 2
            }
            for id in order {
              _ = try await connection.run(
                "UPDATE crossing SET n = n + 1 WHERE id = $1", [.int8(id)])
              // Both have their first row before either asks for the other's.
              while isFirst, attempts.withLock({ $0 }) < 2 {
                try await loop.sleep(for: .milliseconds(1))
              }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await pool.number("SELECT sum(n) FROM crossing") == 4)
    _ = try await pool.run("DROP TABLE crossing")
    await pool.close()
  }
}

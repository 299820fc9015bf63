import Glibc
import Reactor
import TestServers
import Testing

@testable import PostgresClient

@Suite("A connection to PostgreSQL", .serialized)
struct ConnectionTests {
  let loop: EventLoop
  let text: String

  init() throws {
    loop = try EventLoop(name: "postgres")
    text = try TestDatabase.server.get().connectionString
  }

  private func connect(
    _ text: String? = nil, _ change: (inout PostgresConfiguration) -> Void = { _ in }
  ) async throws -> PostgresConnection {
    var configuration = PostgresConfiguration(text ?? self.text)
    change(&configuration)
    return try await PostgresConnection.connect(configuration, loop: loop)
  }

  /// The error that a connection string meets.
  private func refusal(_ text: String) async -> String {
    do {
      let connection = try await connect(text)
      await connection.close()
      return "connected"
    } catch {
      let kind = (error as? PostgresError)?.kind
      #expect(kind == (text == "nonsense" ? .configuration : .connection))
      return "\(error)"
    }
  }

  // MARK: Connecting

  @Test("every form of connection string")
  func forms() async throws {
    let server = try TestDatabase.server.get()
    let password = "not%20a%20secret"
    for text in [
      text, "postgresql://benchfront:\(password)@localhost:\(server.port)/postgres",
      "host=\(server.folder.path) port=\(server.port) user=benchfront dbname=postgres"
        + " password='\(PostgresServer.password)'",
      // The first host does not answer; the second is the one that takes writes.
      "postgresql://benchfront:\(password)@127.0.0.1:1,127.0.0.1:\(server.port)/postgres"
        + "?target_session_attrs=read-write",
    ] {
      let connection = try await connect(text)
      let answer = try await connection.run("SELECT current_user::text AS name")
      #expect(
        try answer.rows.map { row throws(PostgresError) in try row.text("name") } == ["benchfront"])
      await connection.close()
    }
  }

  @Test("what is wrong is said in one line, without the password")
  func refusals() async throws {
    let port = try TestDatabase.server.get().port
    #expect(await refusal("host=127.0.0.1 port=1").contains("Connection refused"))
    #expect(await refusal("nonsense").contains("makes no sense"))
    #expect(await refusal("host=no.such.host.invalid").contains("no.such.host.invalid"))
    let wrong = await refusal(
      "host=127.0.0.1 port=\(port) user=benchfront dbname=postgres password=wr0ng")
    #expect(wrong.contains("password authentication failed"))
    #expect(!wrong.contains("wr0ng") && !wrong.contains("\n"))
    #expect(
      await refusal(text.split(separator: " dbname").joined(separator: " dbname") + " dbname=none")
        .contains("\"none\" does not exist"))
  }

  // MARK: Values

  @Test("every type there and back, NULL too")
  func values() async throws {
    let connection = try await connect()
    let row = try #require(
      try await connection.run(
        """
        SELECT $1::bool AS b, $2::int4 AS i, $3::int8 AS l, $4::float8 AS d, $5::text AS t, \
        $6::bytea AS y, $7::jsonb AS j, $8::timestamptz AS w, $9::int8[] = '{1,-2}' AS ia, \
        $10::text[] = ARRAY['a','','ü'] AS ta, $11::text AS n, $12::int8[] = '{}' AS e
        """,
        [
          .bool(true), .int4(-5), .int8(.min), .float8(-0.1), .text("grüße"),
          .bytea([0, 255, 92]), .jsonb(#"{"a": 1}"#), .timestamp(1_700_000_000_123_456),
          .int8Array([1, -2]), .textArray(["a", "", "ü"]), .text(nil), .int8Array([]),
        ]
      ).rows.first)
    #expect(try row.bool("b"))
    #expect(try row.int("i") == -5)
    #expect(try row.int("l") == .min)
    #expect(try row.double("d") == -0.1)
    #expect(try row.text("t") == "grüße")
    #expect(try row.bytes("y") == [0, 255, 92])
    #expect(try row.text("j") == #"{"a": 1}"#)
    #expect(try row.timestamp("w") == 1_700_000_000_123_456)
    #expect(try row.bool("ia") && row.bool("ta") && row.bool("e"))
    #expect(try row.optional("n") { row throws(PostgresError) in try row.text("n") } == nil)
    #expect(throws: PostgresError.self) { try row.text("n") }
    #expect(throws: PostgresError.self) { try row.text("l") }
    #expect(throws: PostgresError.self) { try row.int("missing") }
    await connection.close()
  }

  // MARK: Pipelines

  @Test("calls at the same time are answered in order, each its own")
  func pipelining() async throws {
    let connection = try await connect()
    let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
      for number in 0..<200 {
        group.addTask {
          let answer = try await connection.run("SELECT $1::int8 AS n", [.int8(Int64(number))])
          let back = try answer.rows[0].int("n")
          #expect(back == Int64(number))
          return back
        }
      }
      return try await group.reduce(0, +)
    }
    #expect(sum == 199 * 100)
    await connection.close()
  }

  @Test("a statement that fails takes its call back, and no other")
  func failures() async throws {
    let connection = try await connect()
    _ = try await connection.run(
      "CREATE TEMP TABLE t (id int8 PRIMARY KEY CONSTRAINT small CHECK (id < 10))")
    await #expect(throws: PostgresError.self) {
      try await connection.run([
        PostgresStatement("INSERT INTO t VALUES ($1)", [.int8(1)]),
        PostgresStatement("INSERT INTO t VALUES ($1)", [.int8(11)]),
      ])
    }
    do {
      _ = try await connection.run("INSERT INTO t VALUES ($1)", [.int8(12)])
      Issue.record("the constraint did not hold")
    } catch let error as PostgresError {
      #expect(error.sqlState == "23514" && error.isConstraintViolation)
      #expect(error.constraint == "small" && error.remedy == .none)
    }
    await #expect(throws: PostgresError.self) { try await connection.run("NONSENSE") }
    await #expect(throws: PostgresError.self) { try await connection.run("COPY t FROM STDIN") }
    let fresh = try await connect()
    #expect(try await fresh.run("SELECT 1 AS one").rows.count == 1)
    await fresh.close()
    await connection.close()
  }

  @Test("a table that changes under a prepared statement")
  func changedTables() async throws {
    let connection = try await connect()
    _ = try await connection.run("CREATE TEMP TABLE c (a int8)")
    #expect(try await connection.run("SELECT * FROM c").rows.isEmpty)
    _ = try await connection.run("ALTER TABLE c ADD b int8")
    _ = try? await connection.run("SELECT * FROM c")
    #expect(try await connection.run("SELECT * FROM c").rows.isEmpty)
    await connection.close()
  }

  @Test("many rows come in chunks, and the rest waits for who reads")
  func chunks() async throws {
    let connection = try await connect()
    let seen = Locked((rows: 0, sum: Int64(0), largest: 0))
    try await connection.forEachChunk(
      PostgresStatement("SELECT n FROM generate_series(1, $1) AS n", [.int8(100_000)])
    ) { rows in
      let part = try rows.reduce(into: Int64(0)) { sum, row in sum += try row.int("n") }
      seen.withLock { seen in
        seen.rows += rows.count
        seen.sum += part
        seen.largest = max(seen.largest, rows.count)
      }
    }
    let (rows, sum, largest) = seen.withLock { $0 }
    #expect(rows == 100_000 && sum == 5_000_050_000)
    #expect(largest <= 1_024)
    #expect(try await connection.run("SELECT 1 AS one").rows.count == 1)
    await connection.close()
  }

  @Test("who stops to read early loses the connection's statement, and the pool its connection")
  func chunksGivenUp() async throws {
    struct Enough: Error {}
    let pool = PostgresPool(PostgresConfiguration(text), loop: loop)
    await #expect(throws: Enough.self) {
      try await pool.withConnection { connection in
        try await connection.forEachChunk(
          PostgresStatement("SELECT n FROM generate_series(1, 10000000) AS n")
        ) { _ in throw Enough() }
      }
    }
    #expect(try await pool.run("SELECT 1 AS one").rows.count == 1)
    await pool.close()
  }

  // MARK: Ends

  @Test("a task that is cancelled ends its statement on the server")
  func cancellation() async throws {
    let connection = try await connect()
    let other = try await connect()
    let sleeping = Task { try await connection.run("SELECT pg_sleep(600)") }
    while try await other.run(
      "SELECT 1 AS one FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%'"
    ).rows.isEmpty {}
    sleeping.cancel()
    let error = await #expect(throws: PostgresError.self) { try await sleeping.value }
    #expect(error?.kind == .cancelled)
    while try await !other.run(
      """
      SELECT 1 AS one FROM pg_stat_activity
      WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(600)%'
      """
    ).rows.isEmpty {}
    #expect(await !connection.isUsable)
    await connection.close()
    await other.close()
  }

  @Test("the server ends a statement that takes too long")
  func timeouts() async throws {
    let connection = try await connect { $0.statementTimeout = .milliseconds(50) }
    let error = await #expect(throws: PostgresError.self) {
      try await connection.run("SELECT pg_sleep(600)")
    }
    #expect(error?.sqlState == "57014")
    #expect(try await connection.run("SELECT 1 AS one").rows.count == 1)
    await connection.close()
  }

  @Test("notifications reach who listens")
  func notifications() async throws {
    let connection = try await connect()
    let other = try await connect()
    let (stream, continuation) = AsyncStream.makeStream(of: PostgresNotification.self)
    try await connection.listen(["a channel", "x"]) { continuation.yield($0) }
    _ = try await other.run("SELECT pg_notify('a channel', 'first')")
    _ = try await other.run("NOTIFY x, 'second'")
    var heard: [String] = []
    for await notification in stream {
      heard.append("\(notification.channel): \(notification.payload)")
      if heard.count == 2 { break }
    }
    #expect(heard == ["a channel: first", "x: second"])
    await connection.close()
    await other.close()
  }
}

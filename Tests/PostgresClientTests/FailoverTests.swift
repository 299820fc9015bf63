import Reactor
import TestServers
import Testing

@testable import PostgresClient

@Suite("Failover", .serialized)
struct FailoverTests {
  let loop: EventLoop

  init() throws { loop = try EventLoop(name: "failover") }

  @Test("writers find the standby that became the primary, and nothing acknowledged is lost")
  func promotion() async throws {
    let primary = try PostgresServer()
    let standby = try PostgresServer(standbyOf: primary)
    let both =
      "host=127.0.0.1,127.0.0.1 port=\(primary.port),\(standby.port) user=benchfront"
      + " dbname=postgres password='\(PostgresServer.password)'"
    let pool = try TestDatabase.pool(on: loop, both + " target_session_attrs=read-write") {
      $0.backoff = .milliseconds(10) ... .milliseconds(50)
    }
    _ = try await pool.run("CREATE TABLE kept (n int8)")
    // From here on an answer to COMMIT means that the standby has it.
    _ = try await pool.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
    _ = try await pool.run("SELECT pg_reload_conf()")
    try await pool.untilRows("SELECT 1 AS one FROM pg_stat_replication WHERE sync_state = 'sync'")

    let acknowledged = Locked<Set<Int64>>([])
    let writer = Task {
      var number: Int64 = 0
      while !Task.isCancelled {
        number += 1
        do {
          _ = try await pool.run("INSERT INTO kept VALUES ($1)", [.int8(number)])
          acknowledged.withLock { _ = $0.insert(number) }
        } catch let error as PostgresError {
          #expect(error.remedy == .reconnect)
          try await loop.sleep(for: .milliseconds(5))
        }
      }
    }
    while acknowledged.withLock({ $0.count }) < 20 { try await loop.sleep(for: .milliseconds(1)) }
    primary.kill9()
    let before = acknowledged.withLock { $0.count }
    try await refusesToWrite(standby)
    try standby.promote()
    let after = try await TestDatabase.connect(on: loop, standby.connectionString)
    _ = try await after.run("ALTER SYSTEM RESET synchronous_standby_names")
    _ = try await after.run("SELECT pg_reload_conf()")
    await after.close()
    while acknowledged.withLock({ $0.count }) < before + 20 {
      try await loop.sleep(for: .milliseconds(5))
    }
    writer.cancel()
    // How it ends does not matter: it was told to.
    _ = await writer.result
    let rows = try await pool.run("SELECT DISTINCT n FROM kept").rows
    let found = Set(try rows.map { row throws(PostgresError) in try row.int("n") })
    #expect(acknowledged.withLock { $0 }.isSubset(of: found))
    await pool.close()
  }

  /// A server that turns out to be a standby is not used again for the next call.
  private func refusesToWrite(_ standby: PostgresServer) async throws {
    let pool = try TestDatabase.pool(on: loop, standby.connectionString)
    let error = await failure { _ = try await pool.run("INSERT INTO kept VALUES (0)") }
    #expect(error?.condition == .readOnlyTransaction && error?.remedy == .reconnect)
    #expect(await pool.status.open == 0)
    await pool.close()
  }
}

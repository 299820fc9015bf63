import PostgresClient
import Storage
import TestSupport
import Testing

@testable import PostgresStorage

@Suite("Looks at the database")
struct LookTests {
  private func run(_ statements: [String], _ store: PostgresStore) async throws {
    for sql in statements { try await store.transaction { _ = try await $0.run(sql) } }
  }

  @Test("a store whose tables are gone is told, until they are back")
  func tables() async throws {
    try await TestStore.with { store in
      #expect(await store.look() == nil)
      try await run(["ALTER TABLE benchfront.meta RENAME TO gone"], store)
      #expect(await store.look()?.cause == .wrongSchema)
      try await run(["ALTER TABLE benchfront.gone RENAME TO meta"], store)
      #expect(await store.look() == nil)
    }
  }

  /// A store of a new role that may do nothing but change rows.
  private func open(
    as role: String, of owner: PostgresStore, _ attributes: String = ""
  ) async throws -> PostgresStore {
    try await run(
      [
        "CREATE ROLE \(role) LOGIN PASSWORD 'secret' \(attributes)",
        "GRANT USAGE ON SCHEMA benchfront TO \(role)",
        "GRANT ALL ON ALL TABLES IN SCHEMA benchfront TO \(role)",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA benchfront TO \(role)",
      ], owner)
    var database = owner.settings.database
    database.connectionString += " user=\(role) password=secret"
    return try await TestStore.open(database)
  }

  /// Looks until it finds what `isWanted` wants.
  private func look(
    at store: PostgresStore, until isWanted: (StoreOutage?) -> Bool
  ) async throws -> StoreOutage? {
    while true {
      let outage = await store.look()
      if isWanted(outage) { return outage }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  @Test("at a role's limit the look tells so, and nobody keeps the connections that are idle")
  func roleLimit() async throws {
    let owner = try await TestStore.open(try await TestStore.newDatabase())
    // One to look, and those that one pool opens.
    let most = owner.settings.database.maxConnections
    let store = try await open(as: "few", of: owner, "CONNECTION LIMIT \(1 + most)")
    let fence = try await owner.startedRun()
    #expect(await store.look() == nil)
    for pool in store.pools { await pool.closeIdle() }
    let open = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'few'"
    while try await owner.value(open, { try $0.integer(Int.self) }) > 1 {}
    let (held, over) = (Moment(), Moment())
    let pool = store.pools[0]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<most {
        group.addTask { try await pool.withConnection { _ in await over.wait() } }
      }
      group.addTask {
        while await pool.status.open < most { try await Task.sleep(for: .milliseconds(10)) }
        held.happens()
      }
      await held.wait()
      // All of them are at work: samples find no connection, whatever is closed.
      await #expect(throws: StorageError.self) { try await store.commitSample(1, fence) }
      let outage = await store.look()
      #expect(outage?.cause == .tooManyConnections && outage?.isPartial == true)
      await #expect(throws: StorageError.self) { try await store.commitSample(1, fence) }
      over.happens()
      try await group.waitForAll()
    }
    // None is any more, and all are open still until the next look.
    #expect(await pool.status.open == most)
    while await pool.status.open > 0 {
      #expect(await store.look()?.cause == .tooManyConnections)
      try await Task.sleep(for: .milliseconds(20))
    }
    // A session that ended is counted until its process has.
    while (try? await store.commitSample(1, fence)) == nil {
      _ = await store.look()
      try await Task.sleep(for: .milliseconds(20))
    }
    // It is told for a while still, since it comes and goes.
    #expect(await store.look()?.isPartial == true)
    store.lastShortage.withLock { $0 = $0.map { PastOutage($0.error, at: .now - .seconds(36)) } }
    #expect(await store.look() == nil)
    await store.close()
    try await run(["DROP OWNED BY few", "DROP ROLE few"], owner)
    await owner.close()
  }

  @Test("statements that run into the limit of their time are told of until none does any more")
  func overdue() async throws {
    let owner = try await TestStore.open(try await TestStore.newDatabase())
    var database = owner.settings.database
    database.statementTimeout = .milliseconds(400)
    let store = try await TestStore.open(database)
    let fence = try await store.startedRun()
    try await owner.transaction { connection in
      _ = try await connection.run("LOCK TABLE benchfront.request_sample")
      let error = await #expect(throws: StorageError.self) {
        try await store.commitSample(1, fence)
      }
      #expect(error?.code == .unavailable)
      let outage = await store.look()
      #expect(outage?.cause == .overloaded && outage?.isPartial == true)
      #expect(outage?.reason.hasPrefix("A statement was given up: ") == true)
    }
    try await store.commitSample(1, fence)
    _ = try await look(at: store) { $0 == nil }
    for store in [store, owner] { await store.close() }
  }

  @Test("that nothing is heard of other servers is told, but not for the time of one reconnect")
  func deafness() async throws {
    try await TestStore.with { store in
      var heard = store.changes().makeAsyncIterator()
      #expect(await heard.next() == .missed)
      #expect(await store.look() == nil)
      let name = try await store.databaseName()
      let quoted = PostgresConnection.quoted(name)
      try await TestStore.administer("ALTER DATABASE \(quoted) ALLOW_CONNECTIONS false")
      try await TestStore.administer(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE query LIKE 'LISTEN%' AND datname = '\(name)'
        """)
      while store.deafness.withLock({ $0 }) == nil { try await Task.sleep(for: .milliseconds(10)) }
      #expect(await store.look() == nil)
      store.deafness.withLock { known in
        known = known.map { PastOutage($0.error, at: $0.begin - .seconds(6)) }
      }
      let outage = await store.look()
      #expect(outage?.isPartial == true)
      #expect(outage?.reason.hasPrefix("Nothing is heard of other servers: ") == true)
      try await TestStore.administer("ALTER DATABASE \(quoted) ALLOW_CONNECTIONS true")
      #expect(await heard.next() == .missed)
      #expect(await store.look() == nil)
    }
  }

  @Test("a role that may make no tables serves, is told what it cannot do, and recovers")
  func fewRights() async throws {
    let owner = try await TestStore.open(try await TestStore.newDatabase())
    let name = PostgresConnection.quoted(try await owner.databaseName())
    try await run(["REVOKE TEMPORARY ON DATABASE \(name) FROM PUBLIC"], owner)
    let store = try await open(as: "rows_only", of: owner)
    try await store.commitSample(1, try await store.startedRun())
    // The weeks ahead are there: nothing has to be made.
    #expect(await store.look() == nil)
    // A trial of writing has nowhere to write to, and holds nothing up for that.
    store.writeTrouble.withLock {
      $0.failed(StoreOutage(.full, "The disk is full."), at: .now - .seconds(10))
    }
    #expect(await store.look() == nil)
    try await run(["DROP TABLE benchfront.request_sample_\(try await nextWeek(owner))"], owner)
    await store.maintainOrNote()
    for _ in 0..<2 {
      let outage = await store.look()
      #expect(outage?.cause == .refused)
      #expect(outage?.isPartial == true)
    }
    await owner.maintainOrNote()
    await store.maintainOrNote()
    #expect(await store.look() == nil)
    try await run(["DROP OWNED BY rows_only", "DROP ROLE rows_only"], owner)
    for store in [store, owner] { await store.close() }
  }

  /// The Monday of the week behind this one, as partitions are named.
  private func nextWeek(_ store: PostgresStore) async throws -> String {
    try await store.value(
      """
      SELECT to_char(date_trunc('week', now() AT TIME ZONE 'UTC') + INTERVAL '7 days', 'YYYYMMDD')
      """
    ) { try $0.text() }
  }
}

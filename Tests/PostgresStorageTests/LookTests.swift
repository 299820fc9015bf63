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

  @Test("a role that may make no tables serves, is told what it cannot do, and recovers")
  func fewRights() async throws {
    let database = try await TestStore.newDatabase()
    let owner = try await TestStore.open(database)
    let name = PostgresConnection.quoted(try await owner.databaseName())
    try await run(
      [
        "CREATE ROLE rows_only LOGIN PASSWORD 'secret'",
        "REVOKE TEMPORARY ON DATABASE \(name) FROM PUBLIC",
        "GRANT USAGE ON SCHEMA benchfront TO rows_only",
        "GRANT ALL ON ALL TABLES IN SCHEMA benchfront TO rows_only",
        "GRANT ALL ON ALL SEQUENCES IN SCHEMA benchfront TO rows_only",
      ], owner)
    var own = database
    own.connectionString += " user=rows_only password=secret"
    let store = try await TestStore.open(own)
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

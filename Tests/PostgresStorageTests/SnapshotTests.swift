import BenchmarkDomain
import PostgresClient
import Storage
import TestSupport
import Testing

@testable import PostgresStorage

@Suite("Snapshots")
struct SnapshotTests {
  @Test("a snapshot may take longer than any other statement")
  func slow() async throws {
    var database = try await TestStore.newDatabase()
    database.statementTimeout = .milliseconds(200)
    let store = try await TestStore.open(database)
    _ = try await store.register(Model(id: "m"))
    // What it reads of answers after twice the time that a statement has.
    try await store.change("ALTER TABLE benchfront.meta RENAME TO kept")
    try await store.change(
      """
      CREATE VIEW benchfront.meta AS
      SELECT kept.name, kept.value FROM benchfront.kept, pg_sleep(0.4)
      """)
    await #expect(throws: StorageError.self) { try await store.dataVersion() }
    #expect(try await store.snapshot().models.map(\.id) == ["m"])
    // The next one on the same connections has no more time than before.
    await #expect(throws: StorageError.self) { try await store.dataVersion() }
    await store.close()
  }
}

import PostgresClient
import Reactor
import Storage
import Testing

@testable import PostgresStorage

@Suite("Migrations")
struct MigrationTests {
  let loop: EventLoop

  init() throws { loop = try TestStore.loops.get()[0] }

  private func run(_ sql: String, on database: PostgresConfiguration) async throws {
    let connection = try await PostgresConnection.connect(database, loop: loop)
    _ = try await connection.run(sql)
    await connection.close()
  }

  @Test("an empty database gets every migration, once, and says before which are pending")
  func fresh() async throws {
    let database = try await TestStore.newDatabase(bare: true)
    let migrator = PostgresMigrator(database, loop: loop)
    let titles = Migration.all.map(\.title)
    #expect(try await migrator.pending() == titles)
    #expect(try await migrator.migrate() == titles)
    #expect(try await migrator.pending() == [])
    #expect(try await migrator.migrate() == [])
  }

  @Test("a database that cannot hold all text is refused before anything is made in it")
  func encoding() async throws {
    try await TestStore.administer(
      "CREATE DATABASE narrow TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    let migrator = PostgresMigrator(try TestStore.database("narrow"), loop: loop)
    let error = await #expect(throws: StorageError.self) { try await migrator.migrate() }
    #expect(error?.code == .failedPrecondition && error?.message.contains("LATIN1") == true)
    let before = await #expect(throws: StorageError.self) { try await migrator.pending() }
    #expect(before == error)
  }

  @Test("a role without the rights is told what it may not apply, before and when it tries")
  func rights() async throws {
    var database = try await TestStore.newDatabase(bare: true)
    let owner = database
    try await run("CREATE ROLE migrating LOGIN PASSWORD 'secret'", on: owner)
    database.connectionString += " user=migrating password=secret"
    let all = Migration.all
    let last = try #require(all.last)
    func refuses(_ migrations: [Migration]) async throws {
      let migrator = PostgresMigrator(database, loop: loop, all)
      for attempt in [{ try await migrator.pending() }, { try await migrator.migrate() }] {
        let error = await #expect(throws: StorageError.self) { try await attempt() }
        #expect(error?.code == .unavailable && error?.cause == .refused)
        let titles = migrations.map(\.title).joined(separator: ", ")
        #expect(error?.message.contains("(\(titles))") == true)
      }
    }
    // It may not make the schema, nor tables in one that is there.
    try await refuses(all)
    try await run("CREATE SCHEMA benchfront", on: owner)
    try await run("GRANT USAGE ON SCHEMA benchfront TO migrating", on: owner)
    try await refuses(all)
    // In a schema that somebody made for it, it may.
    try await run("GRANT CREATE ON SCHEMA benchfront TO migrating", on: owner)
    #expect(
      try await PostgresMigrator(database, loop: loop, all.dropLast()).migrate()
        == all.dropLast().map(\.title))
    try await run("REASSIGN OWNED BY migrating TO CURRENT_USER", on: owner)
    try await run("GRANT ALL ON ALL TABLES IN SCHEMA benchfront TO migrating", on: owner)
    try await refuses([last])
    #expect(try await PostgresMigrator(owner, loop: loop).migrate() == [last.title])
    // What it cannot do is not asked for any more.
    #expect(try await PostgresMigrator(database, loop: loop).migrate() == [])
    try await run("DROP OWNED BY migrating", on: owner)
    try await run("DROP ROLE migrating", on: owner)
  }

  @Test("who migrates at once waits for the first, whatever isolation is the default")
  func isolation() async throws {
    let database = try await TestStore.newDatabase(bare: true)
    let change = "'ALTER DATABASE %I SET default_transaction_isolation = serializable'"
    try await run(
      "DO $$BEGIN EXECUTE format(\(change), current_database()); END$$", on: database)
    let titles = try await withThrowingTaskGroup(of: [String].self) { [loop] group in
      for _ in 0..<4 {
        group.addTask { try await PostgresMigrator(database, loop: loop).migrate() }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(titles == Migration.all.map(\.title))
  }

  @Test("a migration that fails leaves nothing behind")
  func failing() async throws {
    let database = try await TestStore.newDatabase(bare: true)
    let broken = Migration(
      version: Migration.all.count + 1, name: "broken",
      statements: ["CREATE TABLE benchfront.new (n int8)", "SELECT 1/0"])
    let error = await #expect(throws: StorageError.self) {
      try await PostgresMigrator(database, loop: loop, Migration.all + [broken]).migrate()
    }
    #expect(error?.message.hasSuffix(".") == true)
    #expect(
      try await PostgresMigrator(database, loop: loop).pending() == Migration.all.map(\.title))
  }

  @Test("of servers that start at once one migrates and all start")
  func atOnce() async throws {
    let database = try await TestStore.newDatabase(bare: true)
    let stores = try await withThrowingTaskGroup(of: PostgresStore.self) { group in
      for _ in 0..<4 { group.addTask { try await TestStore.open(database) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    for store in stores {
      #expect(try await store.dataVersion() == 0)
      await store.close()
    }
  }

  @Test("a next migration is applied to what the first ones made")
  func next() async throws {
    let database = try await TestStore.newDatabase()
    let number = Migration.all.count + 1
    let step = Migration(
      version: number, name: "next",
      statements: ["ALTER TABLE benchfront.model ADD COLUMN extra text"])
    let migrator = PostgresMigrator(database, loop: loop, Migration.all + [step])
    #expect(try await migrator.pending() == ["\(number) next"])
    #expect(try await migrator.migrate() == ["\(number) next"])
  }

  @Test("a schema that a newer version migrated is refused, by who serves and by who migrates")
  func newer() async throws {
    let database = try await TestStore.newDatabase()
    try await run(
      "INSERT INTO benchfront.schema_migration VALUES (99, 'tomorrow', '', now())", on: database)
    for attempt in [{ _ = try await TestStore.open(database) }, { try await pending(database) }] {
      let error = await #expect(throws: StorageError.self) { try await attempt() }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.message.contains("newer version") == true)
    }
  }

  private func pending(_ database: PostgresConfiguration) async throws {
    _ = try await PostgresMigrator(database, loop: loop).pending()
  }

  @Test("a role that may not make a schema serves what another has migrated")
  func otherRole() async throws {
    let database = try await TestStore.newDatabase()
    for sql in [
      "CREATE ROLE server_only LOGIN PASSWORD 'secret'",
      "GRANT USAGE ON SCHEMA benchfront TO server_only",
      "GRANT ALL ON ALL TABLES IN SCHEMA benchfront TO server_only",
    ] { try await run(sql, on: database) }
    var own = database
    own.connectionString += " user=server_only password=secret"
    #expect(try await PostgresMigrator(own, loop: loop).migrate() == [])
    try await run("DROP OWNED BY server_only", on: database)
    try await run("DROP ROLE server_only", on: database)
  }

  @Test("a migration that is not the one that was applied is refused")
  func changed() async throws {
    let database = try await TestStore.newDatabase()
    var all = Migration.all
    all[1].statements.append("SELECT 1")
    let migrator = PostgresMigrator(database, loop: loop, all)
    let error = await #expect(throws: StorageError.self) { try await migrator.migrate() }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("Migration 2 (runs)") == true)
  }

  @Test("a database that is not there is told as unavailable, with the reason")
  func absent() async throws {
    let database = try TestStore.database("nowhere")
    let error = await #expect(throws: StorageError.self) { try await TestStore.open(database) }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("\"nowhere\" does not exist") == true)
  }
}

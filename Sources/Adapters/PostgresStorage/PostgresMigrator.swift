package import PostgresClient
package import Reactor
internal import Storage

/// Brings a database's schema to this program's version, and refuses one that is newer.
///
/// Every server migrates when it starts: the first of several that start at once does it, under an
/// advisory lock, and the others find it done.
package struct PostgresMigrator: Sendable {
  private let configuration: PostgresConfiguration
  private let loop: EventLoop
  private let migrations: [Migration]

  /// A migrator of a database.
  package init(_ configuration: PostgresConfiguration, loop: EventLoop) {
    self.init(configuration, loop: loop, Migration.all)
  }

  init(_ configuration: PostgresConfiguration, loop: EventLoop, _ migrations: [Migration]) {
    var own = configuration
    // A migration rewrites tables, and others wait for it meanwhile.
    own.answerTimeout = .seconds(3600)
    own.statementTimeout = .seconds(3600)
    self.configuration = own
    self.loop = loop
    self.migrations = migrations
  }

  /// Applies in one transaction what the database lacks.
  ///
  /// - Returns: the names of what was applied, in order.
  /// - Throws: `StorageError`: `failedPrecondition` when the schema is newer than this program, or
  ///   a migration that was applied is not the one that this program knows.
  @discardableResult
  package func migrate() async throws -> [String] {
    try await withConnection { connection in
      try await Self.checkEncoding(connection)
      // Who waited for the lock has to see what was done meanwhile, whatever the default is.
      return try await connection.transaction("ISOLATION LEVEL READ COMMITTED") { connection in
        _ = try await connection.run("SELECT pg_advisory_xact_lock($1)", [.int8(Self.lock)])
        // Only who migrates needs the right to make a schema.
        if try await !Self.isBegun(connection) {
          for statement in Self.bookkeeping { _ = try await connection.run(statement) }
        }
        let pending = try await self.pending(connection)
        for migration in pending {
          for statement in migration.statements { _ = try await connection.run(statement) }
          _ = try await connection.run(
            """
            INSERT INTO benchfront.schema_migration (version, name, checksum, applied_at)
            VALUES ($1, $2, \(Self.checksum("$3")), clock_timestamp())
            """, [.int8(Int64(migration.version)), .text(migration.name), .text(migration.text)])
        }
        return pending.map(\.title)
      }
    }
  }

  /// The names of what `migrate` would apply, in order; changes nothing.
  ///
  /// - Throws: as `migrate`.
  package func pending() async throws -> [String] {
    try await withConnection { connection in
      guard try await Self.isBegun(connection) else { return migrations.map(\.title) }
      return try await pending(connection).map(\.title)
    }
  }

  /// Both halves of the name of the lock that migrations hold: "benchfrt" in ASCII.
  private static let lock: Int64 = 0x6265_6e63_6866_7274

  private static let bookkeeping = [
    "CREATE SCHEMA IF NOT EXISTS benchfront",
    """
    CREATE TABLE benchfront.schema_migration (
      version int8 PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
      applied_at timestamptz NOT NULL
    )
    """,
  ]

  /// Whether anything was ever migrated.
  private static func isBegun(_ connection: PostgresConnection) async throws -> Bool {
    try await connection.first(
      "SELECT to_regclass('benchfront.schema_migration') IS NOT NULL"
    ) { try $0.bool() } ?? false
  }

  /// Refuses an encoding that cannot hold all text; `SQL_ASCII` keeps the bytes as they are.
  private static func checkEncoding(_ connection: PostgresConnection) async throws {
    let encoding = try await connection.first("SHOW server_encoding") { try $0.text() } ?? ""
    guard ["UTF8", "SQL_ASCII"].contains(encoding) else {
      throw StorageError(
        .failedPrecondition,
        "The database's encoding is \(encoding), which cannot hold all text; it has to be UTF8.")
    }
  }

  private static func checksum(_ mark: String) -> String {
    "encode(sha256(convert_to(\(mark)::text, 'UTF8')), 'hex')"
  }

  private func pending(_ connection: PostgresConnection) async throws -> [Migration] {
    let applied = try await connection.all(
      """
      SELECT m.version, m.name, k.text IS NULL OR m.checksum <> \(Self.checksum("k.text"))
      FROM benchfront.schema_migration m
      LEFT JOIN unnest($1::int8[], $2::text[]) AS k (version, text) ON k.version = m.version
      ORDER BY m.version
      """,
      [
        .int8Array(migrations.map { Int64($0.version) }), .textArray(migrations.map(\.text)),
      ]
    ) { (version: try $0.integer(Int.self), name: try $0.text(), isOther: try $0.bool()) }
    let newest = migrations.last?.version ?? 0
    for entry in applied {
      guard entry.version <= newest else {
        throw StorageError(
          .failedPrecondition,
          "The database was migrated by a newer version of benchfront-server; use that version.")
      }
      guard !entry.isOther else {
        throw StorageError(
          .failedPrecondition,
          "Migration \(entry.version) (\(entry.name)) of the database is not this program's own.")
      }
    }
    let known = Set(applied.map(\.version))
    return migrations.filter { !known.contains($0.version) }
  }

  private func withConnection<Value: Sendable>(
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    do {
      return try await withTaskExecutorPreference(loop) {
        let connection = try await connect()
        do {
          let value = try await body(connection)
          await connection.close()
          return value
        } catch {
          await connection.close()
          throw error
        }
      }
    } catch { throw StorageError(operating: error) }
  }

  /// Whoever starts a server sees why; no caller of one does.
  private func connect() async throws -> PostgresConnection {
    do {
      return try await PostgresConnection.connect(configuration, loop: loop)
    } catch let error as PostgresError { throw StorageError(operating: error) }
  }
}

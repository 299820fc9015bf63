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
        let isBegun = try await Self.isBegun(connection)
        let pending = isBegun ? try await self.pending(connection) : migrations
        do {
          if !isBegun { try await Self.begin(connection) }
          try await Self.apply(pending, connection)
        } catch let error as PostgresError where error.condition == .insufficientPrivilege {
          throw Self.forbidden(pending.map(\.title), error.sentence)
        }
        return pending.map(\.title)
      }
    }
  }

  /// Only who migrates first needs the right to make a schema, and not where somebody made it.
  private static func begin(_ connection: PostgresConnection) async throws {
    let isThere = try await connection.first("SELECT to_regnamespace('benchfront') IS NOT NULL") {
      try $0.bool()
    }
    if isThere != true { _ = try await connection.run("CREATE SCHEMA benchfront") }
    _ = try await connection.run(
      """
      CREATE TABLE benchfront.schema_migration (
        version int8 PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,
        applied_at timestamptz NOT NULL
      )
      """)
  }

  private static func apply(
    _ migrations: [Migration], _ connection: PostgresConnection
  ) async throws {
    for migration in migrations {
      for statement in migration.statements { _ = try await connection.run(statement) }
      _ = try await connection.run(
        """
        INSERT INTO benchfront.schema_migration (version, name, checksum, applied_at)
        VALUES ($1, $2, \(checksum("$3")), clock_timestamp())
        """, [.int8(Int64(migration.version)), .text(migration.name), .text(migration.text)])
    }
  }

  private static func forbidden(_ titles: [String], _ why: String) -> StorageError {
    StorageError(
      .unavailable,
      "This role may not bring the database to this version (\(titles.joined(separator: ", "))): "
        + why,
      cause: .refused)
  }

  /// The names of what `migrate` would apply, in order; changes nothing.
  ///
  /// - Throws: as `migrate`, also where this role may not apply them.
  package func pending() async throws -> [String] {
    try await withConnection { connection in
      try await Self.checkEncoding(connection)
      let isBegun = try await Self.isBegun(connection)
      let titles = (isBegun ? try await pending(connection) : migrations).map(\.title)
      guard !titles.isEmpty else { return titles }
      let mayApply = try await connection.first(isBegun ? Self.ownsTables : Self.mayMakeTables) {
        try $0.bool()
      }
      guard mayApply == true else {
        throw Self.forbidden(
          titles,
          isBegun
            ? "It does not own the tables."
            : "It may not make the schema benchfront, or tables in it.")
      }
      return titles
    }
  }

  private static let mayMakeTables = """
    SELECT CASE WHEN to_regnamespace('benchfront') IS NULL
      THEN has_database_privilege(current_database(), 'CREATE')
      ELSE has_schema_privilege('benchfront', 'CREATE')
        AND has_schema_privilege('benchfront', 'USAGE') END
    """

  /// Who may change the tables is who made them.
  private static let ownsTables = """
    SELECT pg_has_role(relowner, 'USAGE') AND has_schema_privilege('benchfront', 'CREATE')
    FROM pg_class WHERE oid = 'benchfront.schema_migration'::regclass
    """

  /// Both halves of the name of the lock that migrations hold: "benchfrt" in ASCII.
  private static let lock: Int64 = 0x6265_6e63_6866_7274

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

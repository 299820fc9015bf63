package import PostgresClient
package import Reactor
package import Storage

/// The schema `benchfront` of a database, to be moved as a whole: read in one view while servers
/// write, or filled in one transaction.
package struct PostgresTransfer: TransferStore {
  private let configuration: PostgresConfiguration
  private let loop: EventLoop

  /// Names the database; it is connected to when it is used, from the loop.
  package init(_ configuration: PostgresConfiguration, loop: EventLoop) {
    var own = configuration
    // A statement may write an index of all there is, and whoever takes an archive may pause.
    own.statementTimeout = .seconds(86_400)
    own.answerTimeout = .seconds(86_400)
    own.idleInTransactionTimeout = .seconds(86_400)
    self.configuration = own
    self.loop = loop
  }

  package func export<Value: Sendable>(
    _ body: @Sendable (any TransferSource) async throws -> Value
  ) async throws -> Value {
    guard try await PostgresMigrator(configuration, loop: loop).pending().isEmpty else {
      throw StorageError(
        .failedPrecondition,
        "It has no tables of this version; benchfront-server migrate makes them.")
    }
    return try await transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY") { connection in
      try await body(PostgresTransferSource(connection: connection))
    }
  }

  package func load<Value: Sendable>(
    _ body: @Sendable (any TransferTarget) async throws -> Value
  ) async throws -> Value {
    try await PostgresMigrator(configuration, loop: loop).migrate()
    return try await transaction("") { connection in
      try await Self.lock(connection)
      let found = try await PostgresTransferSource(connection: connection).filledTables()
      if let refusal = TransferTable.refusal(of: found) { throw refusal }
      _ = try await connection.run("DELETE FROM benchfront.meta")
      let value = try await body(PostgresTransferTarget(connection: connection))
      try await Self.settle(connection)
      return value
    }
  }

  /// Keeps everybody else from writing: a server that starts meanwhile finds all or nothing.
  private static func lock(_ connection: PostgresConnection) async throws {
    let names = TransferTable.all.map { "benchfront." + $0.name }.joined(separator: ", ")
    _ = try await connection.run("SET LOCAL lock_timeout = '10s'")
    do {
      _ = try await connection.run("LOCK TABLE \(names) IN EXCLUSIVE MODE")
    } catch let error as PostgresError where error.condition == .lockNotAvailable {
      throw StorageError(.unavailable, "Others are writing to it.")
    }
  }

  /// Lets keys go on behind those that moved, and tells the planner what there is.
  private static func settle(_ connection: PostgresConnection) async throws {
    for table in TransferTable.all where table.hasOwnKey {
      _ = try await connection.run(
        """
        SELECT setval(pg_get_serial_sequence('benchfront.\(table.name)', 'key'),
          coalesce(max(key), 0) + 1, false) FROM benchfront.\(table.name)
        """)
    }
    for table in TransferTable.all {
      _ = try await connection.run("ANALYZE benchfront.\(table.name)")
    }
  }

  private func transaction<Value: Sendable>(
    _ mode: String, _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    do {
      return try await withTaskExecutorPreference(loop) {
        let connection = try await PostgresConnection.connect(configuration, loop: loop)
        do {
          let value = try await connection.transaction(mode, body)
          await connection.close()
          return value
        } catch {
          await connection.close()
          throw error
        }
      }
    } catch let error as PostgresError { throw StorageError(error) }
  }
}

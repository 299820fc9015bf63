import BenchmarkDomain
import Glibc
import PostgresClient
import Reactor
import Storage
import TestServers
import TestSupport
import Testing

@testable import PostgresStorage

/// One server for all suites, with a database of its own for each test; those that harm their
/// server start their own.
enum TestStore {
  static let server: Result<PostgresServer, any Error> = Result {
    let server = try PostgresServer()
    atexit { try? TestStore.server.get().end() }
    return server
  }

  static let loops: Result<[EventLoop], any Error> = Result {
    try (0..<2).map { try EventLoop(name: "store \($0)") }
  }

  /// The name of a migrated database that the others are copies of.
  private static let template = Task {
    let name = "migrated"
    try await administer("CREATE DATABASE \(name)")
    _ = try await PostgresMigrator(database(name), loop: loops.get()[0]).migrate()
    return name
  }

  static func database(_ name: String, _ server: PostgresServer? = nil) throws
    -> PostgresConfiguration
  {
    let server = try server ?? Self.server.get()
    var configuration = PostgresConfiguration(
      server.connectionString.replacing("dbname=postgres", with: "dbname=\(name)"))
    configuration.maxConnections = 4
    return configuration
  }

  /// Runs a statement on the server's own database.
  static func administer(_ sql: String) async throws {
    let configuration = try database("postgres")
    let connection = try await PostgresConnection.connect(configuration, loop: loops.get()[0])
    do { _ = try await connection.run(sql) } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  private static let lastNumber = Locked(0)

  /// An empty database; with the schema unless it is to be `bare`.
  static func newDatabase(bare: Bool = false) async throws -> PostgresConfiguration {
    let number = lastNumber.withLock { number in
      number += 1
      return number
    }
    let name = "test_\(number)"
    if bare {
      try await administer("CREATE DATABASE \(name)")
    } else {
      try await administer("CREATE DATABASE \(name) TEMPLATE \(try await template.value)")
    }
    return try database(name)
  }

  static func open(
    _ database: PostgresConfiguration, clock: TestClock? = nil,
    _ change: (inout PostgresStoreSettings) -> Void = { _ in }
  ) async throws -> PostgresStore {
    var settings = PostgresStoreSettings(database)
    change(&settings)
    var time: (@Sendable () -> WallTime)?
    if let clock { time = { clock.now } }
    return try await PostgresStore.open(settings, loops: try loops.get(), clock: time)
  }

  /// Runs `body` on a store with a database of its own.
  static func with(
    clock: TestClock? = nil, _ change: (inout PostgresStoreSettings) -> Void = { _ in },
    _ body: (PostgresStore) async throws -> Void
  ) async throws {
    let store = try await open(try await newDatabase(), clock: clock, change)
    do { try await body(store) } catch {
      await store.close()
      throw error
    }
    await store.close()
  }
}

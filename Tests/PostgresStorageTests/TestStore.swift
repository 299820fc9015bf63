import BenchmarkDomain
import Glibc
import PostgresClient
import Reactor
import Storage
import TestServers
import TestSupport
import Testing

@testable import PostgresStorage

/// What samples are kept in.
enum Flavour: String, CaseIterable, CustomStringConvertible {
  case partitions = "native partitions"
  case timescale = "TimescaleDB"

  /// Those that can be had here.
  static let found: [Flavour] =
    PostgresServer.timescaleSettings == nil ? [.partitions] : allCases

  var description: String { rawValue }

  /// Lines for its servers' `postgresql.conf`.
  var settings: [String] {
    self == .timescale ? PostgresServer.timescaleSettings ?? [] : []
  }

  /// Its server.
  var server: PostgresServer {
    get throws {
      switch self {
      case .partitions: try TestStore.server.get()
      case .timescale: try TestStore.timescaleServer.get()
      }
    }
  }
}

/// A server of each flavour for all suites, with a database of its own for each test; those that
/// harm their server start their own.
enum TestStore {
  static let server: Result<PostgresServer, any Error> = Result {
    let server = try PostgresServer()
    atexit { try? TestStore.server.get().end() }
    return server
  }

  static let timescaleServer: Result<PostgresServer, any Error> = Result {
    let server = try PostgresServer(Flavour.timescale.settings)
    atexit { try? TestStore.timescaleServer.get().end() }
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
  static func administer(_ sql: String, _ flavour: Flavour = .partitions) async throws {
    let configuration = try database("postgres", flavour.server)
    let connection = try await PostgresConnection.connect(configuration, loop: loops.get()[0])
    do { _ = try await connection.run(sql) } catch {
      await connection.close()
      throw error
    }
    await connection.close()
  }

  private static let lastNumber = Locked(0)

  /// An empty database; with the schema unless it is to be `bare`, or of TimescaleDB, whose workers
  /// let nobody copy a database.
  static func newDatabase(
    bare: Bool = false, _ flavour: Flavour = .partitions
  ) async throws -> PostgresConfiguration {
    let number = lastNumber.withLock { number in
      number += 1
      return number
    }
    let name = "test_\(number)"
    if bare || flavour == .timescale {
      try await administer("CREATE DATABASE \(name)", flavour)
    } else {
      try await administer("CREATE DATABASE \(name) TEMPLATE \(try await template.value)")
    }
    return try database(name, flavour.server)
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
    _ flavour: Flavour = .partitions, clock: TestClock? = nil,
    _ change: (inout PostgresStoreSettings) -> Void = { _ in },
    _ body: (PostgresStore) async throws -> Void
  ) async throws {
    let store = try await open(try await newDatabase(bare: false, flavour), clock: clock, change)
    do { try await body(store) } catch {
      await store.close()
      throw error
    }
    await store.close()
  }
}

import BenchmarkDomain
import Foundation
import Glibc
import PostgresClient
import PostgresStorage
import Reactor
import SQLiteStorage
import Storage
import TestServers
import TestSupport

/// What the tests move between, each new and empty.
enum Place: String, CaseIterable, CustomStringConvertible {
  case sqlite = "SQLite"
  case postgres = "PostgreSQL"

  var description: String { rawValue }

  func make() async throws -> any PlaceUnderTest {
    switch self {
    case .sqlite: try FolderUnderTest()
    case .postgres: try await DatabaseUnderTest()
    }
  }
}

/// A store that can be moved, and opened as a server does when it is not.
protocol PlaceUnderTest: Sendable {
  /// For moving it.
  var transfer: any TransferStore { get }
  /// Runs `body` on the opened store.
  func withStore<Value>(
    clock: TestClock, _ body: (any WholeStore) async throws -> Value
  ) async throws -> Value
}

/// A data folder, gone with its test.
final class FolderUnderTest: PlaceUnderTest {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      .path(percentEncoded: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var transfer: any TransferStore { SQLiteTransfer(folder: path) }

  func withStore<Value>(
    clock: TestClock, _ body: (any WholeStore) async throws -> Value
  ) async throws -> Value {
    let store = try SQLiteStore(folder: path) { clock.now }
    defer { try? store.close() }
    return try await body(store)
  }
}

/// A database of a server that all tests share.
struct DatabaseUnderTest: PlaceUnderTest {
  private static let server: Result<PostgresServer, any Error> = Result {
    let server = try PostgresServer()
    atexit { try? DatabaseUnderTest.server.get().end() }
    return server
  }
  private static let loop: Result<EventLoop, any Error> = Result { try EventLoop(name: "store") }

  let configuration: PostgresConfiguration
  private let loop: EventLoop

  init() async throws {
    let name = "test_" + UUID().uuidString.replacing("-", with: "_").lowercased()
    let text = try Self.server.get().connectionString
    loop = try Self.loop.get()
    try await Self.run("CREATE DATABASE \(name)", PostgresConfiguration(text))
    configuration = PostgresConfiguration(
      text.replacing("dbname=postgres", with: "dbname=\(name)"))
  }

  private static func run(_ sql: String, _ configuration: PostgresConfiguration) async throws {
    let connection = try await PostgresConnection.connect(configuration, loop: loop.get())
    _ = try await connection.run(sql)
    await connection.close()
  }

  func run(_ sql: String) async throws { try await Self.run(sql, configuration) }

  var transfer: any TransferStore { PostgresTransfer(configuration, loop: loop) }

  func withStore<Value>(
    clock: TestClock, _ body: (any WholeStore) async throws -> Value
  ) async throws -> Value {
    let store = try await PostgresStore.open(
      PostgresStoreSettings(configuration), loops: [loop], clock: { clock.now })
    do {
      let value = try await body(store)
      await store.close()
      return value
    } catch {
      await store.close()
      throw error
    }
  }
}

import Glibc
import Reactor
import TLSTestSupport
import TestServers
import Testing

@testable import PostgresClient

/// One server for all suites, which speaks TLS too; those that harm their server start their own.
enum TestDatabase {
  static let server: Result<PostgresServer, any Error> = Result {
    let server = try PostgresServer(
      tls: (Certificates.file("server.pem"), Certificates.file("server.key")))
    atexit { try? TestDatabase.server.get().end() }
    return server
  }

  static func configuration(
    _ text: String? = nil, _ change: (inout PostgresConfiguration) -> Void = { _ in }
  ) throws -> PostgresConfiguration {
    var configuration = PostgresConfiguration(try text ?? server.get().connectionString)
    change(&configuration)
    return configuration
  }

  static func connect(
    on loop: EventLoop, _ text: String? = nil,
    _ change: (inout PostgresConfiguration) -> Void = { _ in }
  ) async throws -> PostgresConnection {
    try await PostgresConnection.connect(configuration(text, change), loop: loop)
  }

  static func pool(
    on loop: EventLoop, _ text: String? = nil,
    _ change: (inout PostgresConfiguration) -> Void = { _ in }
  ) throws -> PostgresPool {
    PostgresPool(try configuration(text, change), loop: loop)
  }
}

extension PostgresPool {
  /// Whether it answers now.
  func answers() async -> Bool {
    // Why it does not is not asked.
    (try? await run("SELECT 1 AS one").rows.count) == 1
  }

  /// Waits until a query has rows.
  func untilRows(_ sql: String) async throws {
    while try await run(sql).rows.isEmpty {}
  }

  /// The only number of a query.
  func number(_ sql: String) async throws -> Int64 {
    try #require(try await run("SELECT (\(sql))::int8 AS n").rows.first).int("n")
  }
}

/// The error that `body` throws.
func failure(
  _ body: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) async -> PostgresError? {
  await #expect(throws: PostgresError.self, sourceLocation: sourceLocation) { try await body() }
}

extension EventLoop {
  func soon(_ duration: Duration) -> MonotonicTime { now().advanced(by: duration) }
}

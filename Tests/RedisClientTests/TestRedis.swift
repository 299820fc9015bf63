import Glibc
import Reactor
import TestServers
import Testing

@testable import RedisClient

/// One server for all suites; those that harm their server start their own.
enum TestRedis {
  static let server: Result<RedisServer, any Error> = Result {
    let server = try RedisServer()
    atexit { try? TestRedis.server.get().end() }
    return server
  }

  static func configuration(
    _ url: String? = nil, _ change: (inout RedisConfiguration) -> Void = { _ in }
  ) throws -> RedisConfiguration {
    var configuration = RedisConfiguration(try RedisURL(parsing: url ?? server.get().url))
    configuration.backoff = .milliseconds(10) ... .milliseconds(50)
    // A busy machine is not what most tests are about.
    configuration.connectTimeout = .seconds(20)
    configuration.commandTimeout = .seconds(20)
    configuration.answerTimeout = .seconds(20)
    change(&configuration)
    return configuration
  }

  static func connect(
    on loop: EventLoop, _ url: String? = nil,
    _ change: (inout RedisConfiguration) -> Void = { _ in }
  ) async throws -> RedisConnection {
    try await RedisConnection.connect(configuration(url, change), loop: loop)
  }
}

/// The error that `body` throws.
func failure(
  _ body: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) async -> RedisError? {
  await #expect(throws: RedisError.self, sourceLocation: sourceLocation) { try await body() }
}

extension RedisConnection {
  /// Commands whose answers have not begun to come.
  var awaitedCount: Int { context?.awaitedCount ?? 0 }
}

extension EventLoop {
  func soon(_ duration: Duration) -> MonotonicTime { now().advanced(by: duration) }
}

extension String {
  var bytes: [UInt8] { Array(utf8) }
}

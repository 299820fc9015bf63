import Reactor
import Synchronization

/// What libpq and the resolver cannot do without blocking: it has threads of its own, and a bound,
/// since a network that swallows everything holds each of them for long.
enum BlockingWork {
  static let most = 32
  private static let running = Atomic(0)

  /// Takes a place; false when all are taken.
  private static func begin() -> Bool {
    guard running.add(1, ordering: .relaxed).newValue <= most else {
      end()
      return false
    }
    return true
  }

  private static func end() { running.subtract(1, ordering: .relaxed) }

  private static let full = PostgresError(
    .exhausted, "\(most) look-ups or cancellations hang already")

  /// Holds a place while `body` runs, which blocks a thread of its own.
  ///
  /// - Throws: `PostgresError` when all places are taken.
  static func count<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
    guard begin() else { throw full }
    defer { end() }
    return try await body()
  }

  /// Runs `body` on a thread of its own.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws -> Value {
    try await count { try await onOwnThread(body) }
  }

  /// Runs `body` on a thread of its own, which nobody waits for; not at all when all places are
  /// taken.
  static func start(_ body: @escaping @Sendable () -> Void) {
    guard begin() else { return }
    do {
      try startOnOwnThread {
        body()
        end()
      }
    } catch { end() }
  }
}

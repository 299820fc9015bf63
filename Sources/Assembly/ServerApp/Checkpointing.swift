import Logging
import Synchronization

/// Brings the store's write-ahead log into its file from time to time, so that the log stays short
/// and the file alone is never far behind.
final class Checkpointing: Sendable {
  /// How often.
  static let interval = Duration.seconds(60)

  private let task = Mutex<Task<Void, Never>?>(nil)

  /// Calls `checkpoint` behind every return of `wait`, until that throws or `stop` is called.
  func start(
    _ logger: Logger,
    wait: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) },
    checkpoint: @escaping @Sendable () async throws -> Void
  ) {
    let running = Task {
      while true {
        // It throws when it is cancelled.
        do { try await wait() } catch { return }
        do { try await checkpoint() } catch {
          logger.error("the store's log was not taken up", metadata: ["error": "\(error)"])
        }
      }
    }
    task.withLock { $0 = running }
  }

  /// Ends it, and waits for the call that is under way.
  func stop() async {
    let running = task.withLock { $0 }
    running?.cancel()
    await running?.value
  }
}

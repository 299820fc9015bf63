import Logging
import Reactor
import Storage
import Synchronization

/// Looks at a part that may fail again and again, and tells what it found.
final class OutageWatch: Sendable {
  /// How often it looks while all is well.
  static let interval = Duration.seconds(2)
  /// How often while something is wrong, so that the end is seen soon.
  static let outageInterval = Duration.seconds(1)

  private let task = Mutex<Task<Void, Never>?>(nil)

  /// Looks now, and behind every return of `wait` until that throws or `stop` is called.
  ///
  /// - Parameters:
  ///   - wait: is told whether something is wrong.
  ///   - look: what is wrong; nil when all is well.
  ///   - tell: hears of every look.
  func start(
    _ log: OutageLog,
    wait: @escaping @Sendable (Bool) async throws -> Void = {
      try await Task.sleep(for: $0 ? outageInterval : interval)
    },
    look: @escaping @Sendable () async -> StoreOutage?,
    tell: @escaping @Sendable (StoreOutage?) -> Void = { _ in }
  ) {
    let running = Task {
      var log = log
      while true {
        let outage = await look()
        // Whoever is stopped has found nothing.
        if Task.isCancelled { return }
        log.looked(outage, at: .now())
        tell(outage)
        // It throws when it is cancelled.
        do { try await wait(outage != nil) } catch { return }
      }
    }
    task.withLock { $0 = running }
  }

  /// Ends it, and waits for the look that is under way.
  func stop() async {
    let running = task.withLock { $0 }
    running?.cancel()
    await running?.value
  }
}

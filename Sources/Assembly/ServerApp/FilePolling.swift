import Synchronization

/// Work that looks at files every few seconds, off the loops, since reading blocks.
final class FilePolling: Sendable {
  private static let interval = Duration.seconds(2)

  private let task = Mutex<Task<Void, Never>?>(nil)

  init() {}

  /// Does the work from now on, again and again.
  func start(_ work: @escaping @Sendable () -> Void) {
    let new = Task {
      while !Task.isCancelled {
        // It fails only when it is cancelled.
        try? await Task.sleep(for: Self.interval)
        work()
      }
    }
    task.withLock { $0 = new }
  }

  /// Does it no more.
  func stop() { task.withLock { $0?.cancel() } }
}

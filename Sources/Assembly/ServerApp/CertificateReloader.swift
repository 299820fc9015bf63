import Logging
import Synchronization
import TLS

/// Keeps the certificates that a server shows up to date; open connections keep what they have.
final class CertificateReloader: Sendable {
  /// How often the files are looked at.
  private static let interval = Duration.seconds(2)

  /// What new connections are served with.
  let context: TLSContext
  private let logger: Logger
  private let polling = Mutex<Task<Void, Never>?>(nil)

  /// Reads the files for the first time.
  init(_ settings: TLSServerSettings, _ logger: Logger) throws(StartupError) {
    do { context = try TLSContext(server: settings) } catch {
      throw StartupError(.unavailable, error.message)
    }
    self.logger = logger
  }

  /// Looks at the files every few seconds from now on, off the loops, since reading blocks.
  func start() {
    let task = Task { [weak self] in
      while !Task.isCancelled {
        // It fails only when it is cancelled.
        try? await Task.sleep(for: Self.interval)
        self?.poll()
      }
    }
    polling.withLock { $0 = task }
  }

  /// Looks no more.
  func stop() {
    polling.withLock { $0?.cancel() }
  }

  /// Takes up files that have changed.
  func poll() {
    attempt { try context.reloadIfChanged() }
  }

  /// Takes up the files as they are now.
  func reload() {
    attempt {
      try context.reload()
      return true
    }
  }

  private func attempt(_ load: () throws -> Bool) {
    do {
      if try load() { logger.notice("took up new certificates") }
    } catch {
      logger.error("the certificates stay as they were", metadata: ["error": "\(error)"])
    }
  }
}

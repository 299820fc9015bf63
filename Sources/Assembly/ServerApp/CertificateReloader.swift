import Logging
import TLS

/// Keeps the certificates that a server shows up to date; open connections keep what they have.
final class CertificateReloader: Sendable {
  /// What new connections are served with.
  let context: TLSContext
  private let logger: Logger
  private let polling = FilePolling()

  /// Reads the files for the first time.
  init(_ settings: TLSServerSettings, _ logger: Logger) throws(StartupError) {
    do { context = try TLSContext(server: settings) } catch {
      throw StartupError(.unavailable, error.message)
    }
    self.logger = logger
  }

  /// Looks at the files from now on.
  func start() { polling.start { [weak self] in self?.poll() } }

  /// Looks no more.
  func stop() { polling.stop() }

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

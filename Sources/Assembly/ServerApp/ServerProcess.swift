import Glibc
import Logging
import Reactor
import Synchronization

/// One server for the life of the process: serves until SIGINT or SIGTERM, then drains.
struct ServerProcess {
  /// Time for what comes behind the delay and the grace of open calls; then the process ends in any
  /// case.
  private static let closingTime = Duration.seconds(5)
  /// What the process exits with then.
  private static let overdueCode: Int32 = 1

  private let settings: ServerSettings

  init(_ settings: ServerSettings) { self.settings = settings }

  func run() async throws(StartupError) {
    let logger = Logger(label: "benchfront-server")
    // Handlers block their own loops at worst, and never this one.
    let signals: EventLoop
    do { signals = try EventLoop(name: "signals") } catch {
      throw StartupError(.unavailable, error.message)
    }
    let stop = Task { await waitForSignal(on: signals, logger) }
    guard let server = try await start(logger, until: stop) else { return }
    watchHangUp(server, on: signals, logger)
    for address in server.addresses {
      let isSecure = server.secureAddresses.contains(address)
      writeLine("serving on \(address)\(isSecure ? " with TLS" : "")", to: 1)
    }
    for address in server.metricsAddresses {
      writeLine("metrics on http://\(address)/metrics", to: 1)
    }
    await stop.value
    await server.stop()
  }

  /// The server; nil when the process is told to end before there is one.
  private func start(_ logger: Logger, until stop: Task<Void, Never>) async throws(StartupError)
    -> Server?
  {
    let starting = Task { [settings] in try await Server.start(settings, logger: logger) }
    let ending = Task {
      await stop.value
      starting.cancel()
    }
    do { return try await starting.value } catch {
      if starting.isCancelled {
        logger.info("stopped before it served")
        return nil
      }
      ending.cancel()
      throw StartupError(storage: error, of: "the server")
    }
  }

  /// Has SIGHUP reload the certificates, where there are some.
  private func watchHangUp(_ server: Server, on loop: EventLoop, _ logger: Logger) {
    guard let reload = server.reloadCertificates else { return }
    do {
      let source = try SignalSource([SIGHUP], loop: loop) { _ in Task { reload() } }
      Self.keep(source)
    } catch {
      logger.error("SIGHUP cannot be watched", metadata: ["error": "\(error)"])
    }
  }

  /// Returns at the first signal, from which on the process has a time to end; a second one ends it
  /// at once.
  private func waitForSignal(on loop: EventLoop, _ logger: Logger) async {
    let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
    let count = Atomic<Int>(0)
    let limit = settings.drainDelay + settings.drainGrace + Self.closingTime
    let source: SignalSource
    do {
      source = try SignalSource([SIGINT, SIGTERM], loop: loop) { number in
        if count.wrappingAdd(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
        HardEnd.schedule(
          on: loop, after: limit, code: Self.overdueCode,
          message: "benchfront-server: did not stop within \(limit): a handler or the log blocks; "
            + "ending at once")
        continuation.yield(number)
      }
    } catch {
      logger.error("signals cannot be watched", metadata: ["error": "\(error)"])
      return
    }
    for await number in signals {
      logger.info("stopping", metadata: ["signal": "\(number)"])
      break
    }
    // It stays until the process ends, so that the second signal counts.
    Self.keep(source)
  }

  private static let kept = Mutex<[SignalSource]>([])

  private static func keep(_ source: SignalSource) { kept.withLock { $0.append(source) } }
}

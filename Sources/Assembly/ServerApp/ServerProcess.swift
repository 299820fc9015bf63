import Glibc
import Logging
import Reactor
import Synchronization

/// One server for the life of the process: serves until SIGINT or SIGTERM, then drains.
struct ServerProcess {
  private let settings: ServerSettings

  init(_ settings: ServerSettings) { self.settings = settings }

  func run() async throws(StartupError) {
    let logger = Logger(label: "benchfront-server")
    let server = try await Server.start(settings, logger: logger)
    watchHangUp(server, logger)
    for address in server.addresses {
      let isSecure = server.secureAddresses.contains(address)
      writeLine("serving on \(address)\(isSecure ? " with TLS" : "")", to: 1)
    }
    for address in server.metricsAddresses {
      writeLine("metrics on http://\(address)/metrics", to: 1)
    }
    await Self.waitForSignal(on: server.loops.next(), logger)
    await server.stop()
  }

  /// Has SIGHUP reload the certificates, where there are some.
  private func watchHangUp(_ server: Server, _ logger: Logger) {
    guard let reload = server.reloadCertificates else { return }
    do {
      let source = try SignalSource([SIGHUP], loop: server.loops.next()) { _ in Task { reload() } }
      Self.keep(source)
    } catch {
      logger.error("SIGHUP cannot be watched", metadata: ["error": "\(error)"])
    }
  }

  /// Returns at the first signal; a second one ends the process at once.
  private static func waitForSignal(on loop: EventLoop, _ logger: Logger) async {
    let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
    let count = Atomic<Int>(0)
    let source: SignalSource
    do {
      source = try SignalSource([SIGINT, SIGTERM], loop: loop) { number in
        if count.wrappingAdd(1, ordering: .relaxed).newValue > 1 { _exit(128 + number) }
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
    keep(source)
  }

  private static let kept = Mutex<[SignalSource]>([])

  private static func keep(_ source: SignalSource) { kept.withLock { $0.append(source) } }
}

import APIBindings
import BenchmarkControlService
import BenchmarkDomain
import CatalogService
import Economics
import GRPC
import GRPCServices
package import Logging
package import Reactor
import RecommendService
import SQLiteStorage
import Storage
import TLS
import Telemetry

/// A running server: its store, its loops and its services.
package final class Server: Sendable {
  /// The bound addresses, in the settings' order, with the ports that the kernel chose.
  package let addresses: [SocketAddress]
  /// Those of them that speak TLS.
  package let secureAddresses: Set<SocketAddress>
  /// The bound addresses of metrics and probes, likewise.
  package let metricsAddresses: [SocketAddress]
  /// The loops that serve.
  package let loops: EventLoopGroup
  private let parts: Parts
  private let sockets: Sockets
  private let certificates: CertificateReloader?
  private let access: AccessRules?
  private let (delay, grace): (Duration, Duration)
  private let logger: Logger

  private init(
    parts: Parts, sockets: Sockets, certificates: CertificateReloader?, access: AccessRules?,
    settings: ServerSettings
  ) {
    addresses = sockets.listeners.map(\.address)
    secureAddresses = Set(sockets.listeners.filter(\.isSecure).map(\.address))
    metricsAddresses = sockets.endpoints.map(\.address)
    loops = parts.loops
    logger = parts.logger
    (delay, grace) = (settings.drainDelay, settings.drainGrace)
    (self.parts, self.sockets) = (parts, sockets)
    (self.certificates, self.access) = (certificates, access)
  }

  /// Opens the store, seeds an empty catalog, takes up the runs that were under way, and serves.
  ///
  /// Throws a sentence for people and leaves nothing behind.
  package static func start(
    _ settings: ServerSettings, logger: Logger
  ) async throws(StartupError) -> Server {
    try settings.check()
    let certificates = try settings.tls.map { settings throws(StartupError) in
      try CertificateReloader(settings, logger)
    }
    let access = try settings.accessFile.map { path throws(StartupError) in
      try AccessRules(path: path, logger)
    }
    let parts = try await Parts.open(settings, logger)
    let sockets = Sockets(settings, parts, access)
    do {
      try sockets.open(settings, certificates)
    } catch {
      await sockets.close()
      await parts.close()
      throw StartupError(.unavailable, error.message)
    }
    if access == nil { warnOfStrangers(sockets.listeners.map(\.address), logger) }
    certificates?.start()
    access?.start()
    return Server(
      parts: parts, sockets: sockets, certificates: certificates, access: access,
      settings: settings)
  }

  private static func warnOfStrangers(_ addresses: [SocketAddress], _ logger: Logger) {
    guard addresses.contains(where: { !$0.isLocal }) else { return }
    logger.warning(
      "whoever reaches this server may call everything: give --access-file, or listen locally")
  }

  /// Takes up the certificates as they are in their files now; nil without TLS. It reads files.
  package var reloadCertificates: (@Sendable () -> Void)? {
    guard let certificates else { return nil }
    return { certificates.reload() }
  }

  /// Says that it is not ready and serves on for the delay, then lets open calls end within the
  /// grace period, cuts the rest, and closes the store.
  package func stop() async {
    if delay > .zero {
      logger.info("not ready any more", metadata: ["delay": "\(delay)"])
      sockets.readiness.leave()
      // Who cancels the wait wants no delay.
      try? await Task.sleep(for: delay)
    }
    logger.info("draining", metadata: ["grace": "\(grace)"])
    sockets.readiness.drain()
    certificates?.stop()
    access?.stop()
    await parts.controller.stop()
    await sockets.close(grace: grace)
    await parts.close()
    logger.info("stopped")
  }
}

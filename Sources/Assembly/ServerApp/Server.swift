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
  private let probes: Probes
  private let certificates: CertificateReloader?
  private let access: AccessRules?
  private let (delay, grace): (Duration, Duration)
  private let logger: Logger

  private init(
    probes: Probes, parts: Parts, sockets: Sockets, certificates: CertificateReloader?,
    access: AccessRules?,
    settings: ServerSettings
  ) {
    addresses = sockets.listeners.map(\.address)
    secureAddresses = Set(sockets.listeners.filter(\.isSecure).map(\.address))
    metricsAddresses = probes.addresses
    loops = parts.loops
    logger = parts.logger
    (delay, grace) = (settings.drainDelay, settings.drainGrace)
    (self.probes, self.parts, self.sockets) = (probes, parts, sockets)
    (self.certificates, self.access) = (certificates, access)
  }

  /// Answers probes, waits for the database, seeds an empty catalog, takes up the runs that were
  /// under way, and serves.
  ///
  /// Throws a sentence for people and leaves nothing behind; also when the task is cancelled while
  /// it waits.
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
    let probes: Probes
    do { probes = try Probes(settings) } catch {
      throw StartupError(.unavailable, error.message)
    }
    let opened: (parts: Parts, sockets: Sockets)
    do throws(StartupError) {
      opened = try await open(settings, probes, certificates, access, logger)
    } catch {
      probes.close()
      probes.loops.shutdown()
      throw error
    }
    if access == nil { warnOfStrangers(opened.sockets.listeners.map(\.address), logger) }
    certificates?.start()
    access?.start()
    return Server(
      probes: probes, parts: opened.parts, sockets: opened.sockets, certificates: certificates,
      access: access,
      settings: settings)
  }

  /// Leaves nothing open but the probes when it throws.
  private static func open(
    _ settings: ServerSettings, _ probes: Probes, _ certificates: CertificateReloader?,
    _ access: AccessRules?, _ logger: Logger
  ) async throws(StartupError) -> (parts: Parts, sockets: Sockets) {
    do {
      // They are answered first, and tell an orchestrator that the process lives.
      try probes.listen(settings)
      // Before a new store is filled for nothing.
      for (address, _) in settings.listeners { try Listener.checkIsFree(address) }
    } catch {
      throw StartupError(.unavailable, error.message)
    }
    let parts = try await Parts.open(settings, probes, logger)
    let sockets = Sockets(settings, parts, access)
    do { try sockets.open(settings, certificates, probes.readiness) } catch {
      await sockets.close()
      await parts.close()
      throw StartupError(.unavailable, error.message)
    }
    return (parts, sockets)
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
      probes.readiness.leave()
      // Who cancels the wait wants no delay.
      try? await Task.sleep(for: delay)
    }
    logger.info("draining", metadata: ["grace": "\(grace)"])
    probes.readiness.drain()
    // A store that hangs holds up nothing that can go on beside it.
    async let watching: Void = parts.stopWatching()
    certificates?.stop()
    access?.stop()
    await parts.controller.stop()
    let cut = await sockets.close(grace: grace)
    if cut > 0 {
      logger.warning("cut calls at the end of the grace", metadata: ["calls": "\(cut)"])
    }
    await watching
    probes.close()
    await parts.close()
    probes.loops.shutdown()
    logger.info("stopped")
  }
}

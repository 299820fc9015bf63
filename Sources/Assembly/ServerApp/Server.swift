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
  private let transport: GRPCServer
  private let endpoints: [MetricsEndpoint]
  private let readiness: Readiness
  private let certificates: CertificateReloader?
  private let access: AccessRules?
  private let grace: Duration
  private let logger: Logger

  private init(
    listeners: [(address: SocketAddress, isSecure: Bool)], parts: Parts, transport: GRPCServer,
    endpoints: [MetricsEndpoint], readiness: Readiness, certificates: CertificateReloader?,
    access: AccessRules?, grace: Duration
  ) {
    addresses = listeners.map(\.address)
    secureAddresses = Set(listeners.filter(\.isSecure).map(\.address))
    self.certificates = certificates
    self.access = access
    self.transport = transport
    self.endpoints = endpoints
    self.readiness = readiness
    self.grace = grace
    metricsAddresses = endpoints.map(\.address)
    loops = parts.loops
    self.parts = parts
    logger = parts.logger
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
    do {
      var configuration = settings.transport
      configuration.unexpectedError = { method, error in
        logger.error(
          "a handler failed", metadata: ["method": "\(method.path)", "error": "\(error)"])
      }
      configuration.webOrigins = settings.webOrigins
      let refusals = HandshakeLog(logger)
      configuration.handshakeFailed = { refusals.note($0, $1) }
      let (router, standard) = parts.routes
      let (registry, readiness) = (parts.registry, Readiness(standard.health))
      configuration.metrics = ConnectionMetrics(registry)
      configuration.interceptors = [
        MetricsInterceptor(registry, methods: router.methods), TracingInterceptor(),
        LoggingInterceptor(logger),
      ]
      if let rate = settings.callsPerSecond {
        configuration.interceptors.append(
          RateLimitInterceptor(
            rate: rate, burst: max(1, Int(rate)),
            refusing: {
              let allowed = Int(rate.rounded(.up))
              return $0.over(quota: "calls-per-second", of: "client address", value: allowed)
                .tellingRetry
            }))
      }
      if let audience = settings.loadReports {
        configuration.interceptors.append(
          LoadReportInterceptor(to: audience, usage: ProcessMetrics.usage))
      }
      if let access {
        configuration.interceptors += access.interceptors(for: router.methods)
      }
      let transport = GRPCServer(
        configuration: configuration, router: router, group: parts.loops)
      standard.channelz.show(transport)
      ProcessMetrics.register(in: registry)
      // Probes are answered first: they tell an orchestrator that the process lives.
      let endpoints = try settings.metricsListen.map { address in
        try MetricsEndpoint(
          on: address, group: parts.loops, registry: registry, readiness: readiness)
      }
      let listeners = try settings.listeners.map { address, isSecure in
        let bound = try transport.listen(on: address, tls: isSecure ? certificates?.context : nil)
        return (address: bound, isSecure: isSecure)
      }
      if access == nil { warnOfStrangers(listeners.map(\.address), logger) }
      certificates?.start()
      access?.start()
      return Server(
        listeners: listeners, parts: parts, transport: transport, endpoints: endpoints,
        readiness: readiness, certificates: certificates, access: access, grace: settings.drainGrace
      )
    } catch {
      await parts.close()
      throw error as? StartupError ?? StartupError(.unavailable, "\(error)")
    }
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

  /// Lets open calls end within the grace period, cuts the rest, and closes the store.
  package func stop() async {
    logger.info("draining", metadata: ["grace": "\(grace)"])
    readiness.drain()
    certificates?.stop()
    access?.stop()
    await parts.controller.stop()
    await transport.drain(grace: grace)
    for endpoint in endpoints { endpoint.close() }
    await parts.close()
    logger.info("stopped")
  }
}

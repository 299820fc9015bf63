import GRPC
import GRPCServices
import Reactor

extension Server {
  /// What a server shows to its clients: its services on their addresses.
  // @unchecked: `listeners` is written while the server starts, by nobody else.
  final class Sockets: @unchecked Sendable {
    private(set) var listeners: [(address: SocketAddress, isSecure: Bool)] = []
    private let transport: GRPCServer
    private let health: HealthService

    /// Makes the services; nothing is bound before `open`.
    init(_ settings: ServerSettings, _ parts: Parts, _ access: AccessRules?) {
      let (router, standard) = parts.routes
      health = standard.health
      transport = GRPCServer(
        configuration: parts.configuration(settings, router, access), router: router,
        group: parts.loops)
      standard.channelz.show(transport)
    }

    /// Binds every address; `close` has to follow also when it throws.
    func open(
      _ settings: ServerSettings, _ certificates: CertificateReloader?, _ readiness: Readiness
    ) throws(ReactorError) {
      for (address, isSecure) in settings.listeners {
        let bound = try transport.listen(on: address, tls: isSecure ? certificates?.context : nil)
        listeners.append((address: bound, isSecure: isSecure))
      }
      readiness.begin(health)
    }

    /// Closes what is open, calls at the end of the grace, and returns how many it had to cut then;
    /// files of unix sockets are taken away.
    @discardableResult
    func close(grace: Duration = .zero) async -> Int {
      await transport.drain(grace: grace)
    }
  }
}

extension Server.Parts {
  /// The bounds that the settings say, and what stands around every call.
  fileprivate func configuration(
    _ settings: ServerSettings, _ router: Router, _ access: AccessRules?
  ) -> ServerConfiguration {
    var configuration = settings.transport
    let logger = logger
    configuration.unexpectedError = { method, error in
      logger.error(
        "a handler failed", metadata: ["method": "\(method.path)", "error": "\(error)"])
    }
    configuration.webOrigins = settings.webOrigins
    let connections = RefusalLog(logger, "a connection did not come about")
    configuration.handshakeFailed = { connections.note($0, $1) }
    configuration.connectionRefused = { connections.note($0, $1) }
    let origins = RefusalLog(logger, "a page may not call")
    configuration.originRefused = { peer, origin in
      origins.note(peer, "its origin is not among --web-origin: \(origin)")
    }
    configuration.metrics = ConnectionMetrics(registry)
    configuration.interceptors = interceptors(settings, router)
    if let access {
      configuration.interceptors += access.interceptors(for: router.methods)
      configuration.callCheckInterval = AccessRules.callCheckInterval
    }
    return configuration
  }

  private func interceptors(
    _ settings: ServerSettings, _ router: Router
  ) -> [any ServerInterceptor] {
    var interceptors: [any ServerInterceptor] = [
      MetricsInterceptor(registry, methods: router.methods), TracingInterceptor(),
      LoggingInterceptor(logger),
    ]
    if let rate = settings.callsPerSecond {
      interceptors.append(
        RateLimitInterceptor(
          rate: rate, burst: max(1, Int(rate)),
          refusing: {
            let allowed = Int(rate.rounded(.up))
            return $0.over(quota: "calls-per-second", of: "client address", value: allowed)
              .tellingRetry
          }))
    }
    interceptors.append(AuditInterceptor(audit, methods: router.methods))
    if let audience = settings.loadReports {
      interceptors.append(LoadReportInterceptor(to: audience, usage: ProcessMetrics.usage))
    }
    return interceptors
  }
}

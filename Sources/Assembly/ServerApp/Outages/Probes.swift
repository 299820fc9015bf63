import Reactor
import Telemetry

/// What tells those who watch over a server how it does, from its first moment to its last: they
/// are answered while it waits for its database too.
// @unchecked: `endpoints` is written while the server starts, by nobody else.
final class Probes: @unchecked Sendable {
  let loops: EventLoopGroup
  let registry = MetricRegistry()
  let readiness = Readiness()
  let gauges: OutageGauges
  private var endpoints: [MetricsEndpoint] = []

  /// Starts the loops; `close` has to follow, also when `listen` throws.
  init(_ settings: ServerSettings) throws(ReactorError) {
    loops = try EventLoopGroup(count: settings.loopCount)
    gauges = OutageGauges(registry)
    ProcessMetrics.register(in: registry)
  }

  /// Answers on every address.
  func listen(_ settings: ServerSettings) throws(ReactorError) {
    for address in settings.metricsListen {
      endpoints.append(
        try MetricsEndpoint(
          on: address, group: loops, registry: registry, readiness: readiness))
    }
  }

  /// The bound addresses.
  var addresses: [SocketAddress] { endpoints.map(\.address) }

  /// Answers no more; the loops run still.
  func close() {
    for endpoint in endpoints { endpoint.close() }
  }
}

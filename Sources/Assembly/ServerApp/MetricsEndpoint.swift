import HTTP1
import Reactor
import Telemetry

/// What a server tells those who watch over it: metrics, liveness and readiness, over HTTP/1.1.
final class MetricsEndpoint: Sendable {
  /// Content type of Prometheus's text format.
  private static let textFormat = "text/plain; version=0.0.4; charset=utf-8"

  /// The bound address, with the port that the kernel chose.
  let address: SocketAddress
  private let server: HTTP1Server

  /// Serves `/metrics`, `/healthz` and `/readyz`.
  ///
  /// Throws `ReactorError` when the address cannot be bound.
  init(
    on address: SocketAddress, group: EventLoopGroup, registry: MetricRegistry,
    readiness: Readiness
  ) throws(ReactorError) {
    server = HTTP1Server(group: group) { exchange in
      Self.answer(exchange, registry, readiness)
    }
    self.address = try server.listen(on: address)
  }

  /// Stops answering.
  func close() { server.close() }

  private static func answer(
    _ exchange: HTTP1Exchange, _ registry: MetricRegistry, _ readiness: Readiness
  ) {
    guard ["GET", "HEAD"].contains(exchange.request.method) else {
      return respond(exchange, 405, "only GET\n", [HeaderField("Allow", "GET, HEAD")])
    }
    switch exchange.request.path {
    case "/metrics":
      exchange.respond(
        status: 200, headers: [HeaderField("Content-Type", textFormat)],
        body: Array(registry.prometheusText().utf8))
    case "/healthz": respond(exchange, 200, "alive\n")
    case "/readyz":
      let (isReady, text) = readiness.answer
      respond(exchange, isReady ? 200 : 503, text)
    default: respond(exchange, 404, "there are /metrics, /healthz and /readyz\n")
    }
  }

  private static func respond(
    _ exchange: HTTP1Exchange, _ status: Int, _ text: String, _ headers: [HeaderField] = []
  ) {
    exchange.respond(
      status: status,
      headers: headers + [HeaderField("Content-Type", "text/plain; charset=utf-8")],
      body: Array(text.utf8))
  }
}

import HTTP2
package import Telemetry

/// What becomes of a server's connections, in numbers.
package final class ConnectionMetrics: Sendable {
  private let accepted: Counter
  private let open: Gauge
  private let refusals: MetricFamily<Counter>
  private let failures: MetricFamily<Counter>
  private let goodbyes: MetricFamily<Counter>

  /// Registers them; every value of a label is there from the start, so that a first event shows
  /// in a rate.
  package init(_ registry: MetricRegistry) {
    open = registry.gauges("benchfront_connections", help: "Connections that are open.").child()
    accepted = registry.counters(
      "benchfront_connections_accepted_total", help: "Connections that were let in."
    ).child()
    refusals = registry.counters(
      "benchfront_connections_refused_total",
      help: "Connections that were closed at once, by the bound that they would have passed.",
      labels: ["bound"])
    failures = registry.counters(
      "benchfront_handshake_failures_total",
      help: "Connections whose peer did not come to speak HTTP/2, over TLS or in cleartext.",
      labels: ["reason"])
    goodbyes = registry.counters(
      "benchfront_goaways_sent_total", help: "GOAWAY frames, by what they were sent for.",
      labels: ["reason"])
    for bound in Doors.Bound.allCases { _ = refusals.child([bound.rawValue]) }
    for reason in HandshakeFailure.Reason.allCases { _ = failures.child([reason.rawValue]) }
    for reason in Goodbye.Reason.allCases { _ = goodbyes.child([reason.rawValue]) }
  }

  func entered() {
    accepted.add()
    open.add(1)
  }

  func left() { open.add(-1) }

  func refused(_ bound: Doors.Bound) { refusals.child([bound.rawValue]).add() }

  func failed(_ failure: HandshakeFailure) { failures.child([failure.reason.rawValue]).add() }

  func said(_ goodbye: Goodbye) { goodbyes.child([goodbye.reason.rawValue]).add() }
}

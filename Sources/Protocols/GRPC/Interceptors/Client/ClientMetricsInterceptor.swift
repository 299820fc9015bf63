package import Telemetry

/// The standard metrics of a gRPC client, by method, target and status.
///
/// https://github.com/grpc/proposal/blob/master/A66-otel-stats.md
package final class ClientMetricsInterceptor: ClientInterceptor {
  private let started: MetricFamily<Counter>
  private let duration: MetricFamily<Histogram>
  private let sent: MetricFamily<Histogram>
  private let received: MetricFamily<Histogram>
  private let callDuration: MetricFamily<Histogram>

  /// Counts the calls of all channels that have it. Their methods and targets are the program's
  /// own, so their number is bounded.
  package init(_ registry: MetricRegistry) {
    let labels = ["grpc_method", "grpc_target", "grpc_status"]
    started = registry.counters(
      "grpc_client_attempt_started_total", help: "Attempts at calls that have begun.",
      labels: ["grpc_method", "grpc_target"])
    duration = registry.histograms(
      "grpc_client_attempt_duration_seconds",
      help: "Time from an attempt's beginning to its end, the wait for a connection included.",
      scale: .seconds, labels: labels)
    sent = registry.histograms(
      "grpc_client_attempt_sent_total_compressed_message_size_bytes",
      help: "Compressed bytes of an attempt's requests.", scale: .bytes, labels: labels)
    received = registry.histograms(
      "grpc_client_attempt_rcvd_total_compressed_message_size_bytes",
      help: "Compressed bytes of an attempt's answers.", scale: .bytes, labels: labels)
    callDuration = registry.histograms(
      "grpc_client_call_duration_seconds",
      help: "Time from a call's beginning to its end, retries included.", scale: .seconds,
      labels: labels)
  }

  package func attemptBegan(_ call: ClientCallInfo) {
    started.child([Self.name(call.method), call.target]).add()
  }

  package func attemptEnded(_ call: ClientCallInfo, _ record: AttemptRecord) {
    let labels = [Self.name(call.method), call.target, record.code.description]
    duration.child(labels).record(record.nanoseconds)
    sent.child(labels).record(UInt64(record.requestBytes))
    received.child(labels).record(UInt64(record.responseBytes))
  }

  package func callEnded(_ call: ClientCallInfo, _ record: ClientCallRecord) {
    callDuration.child([Self.name(call.method), call.target, record.code.description])
      .record(record.nanoseconds)
  }

  private static func name(_ method: MethodDescriptor) -> String {
    "\(method.service)/\(method.name)"
  }
}

import Synchronization
package import Telemetry

/// The standard metrics of a gRPC server.
///
/// https://github.com/grpc/proposal/blob/master/A66-otel-stats.md
package final class MetricsInterceptor: ServerInterceptor {
  /// The metrics of one method; a status is looked up by its number.
  private struct Ledger: Sendable {
    let name: String
    let started: Counter
    let slots: [Slot]
  }

  /// The metrics of one status, which few methods have: made when it first occurs.
  private final class Slot: Sendable {
    let outcome = AtomicLazyReference<Outcome>()
  }

  private final class Outcome: Sendable {
    let duration: Histogram
    let sent: Histogram
    let received: Histogram

    init(duration: Histogram, sent: Histogram, received: Histogram) {
      (self.duration, self.sent, self.received) = (duration, sent, received)
    }
  }

  private let families: Families
  /// By the place of the method in the router.
  private let ledgers: [Ledger]
  /// Methods that do not exist, all together, so that nobody can fill the memory with names.
  private let other: Ledger

  /// Counts the calls of `methods`, which are a router's, in its order.
  package init(_ registry: MetricRegistry, methods: [MethodDescriptor]) {
    families = Families(registry)
    ledgers = methods.map { [families] in families.ledger("\($0.service)/\($0.name)") }
    other = families.ledger("other")
  }

  package func callBegan(_ context: ServerContext) throws(RPCError) {
    ledgers[context.methodIndex].started.add()
  }

  package func callEnded(_ context: ServerContext?, _ record: CallRecord) {
    let ledger = context.map { ledgers[$0.methodIndex] } ?? other
    if context == nil { ledger.started.add() }
    let slot = ledger.slots[record.code.rawValue]
    let outcome =
      slot.outcome.load()
      ?? slot.outcome.storeIfNil(families.outcome(ledger.name, record.code))
    outcome.duration.record(record.nanoseconds)
    outcome.sent.record(UInt64(record.responseBytes))
    outcome.received.record(UInt64(record.requestBytes))
  }

  private struct Families: Sendable {
    let started: MetricFamily<Counter>
    let duration: MetricFamily<Histogram>
    let sent: MetricFamily<Histogram>
    let received: MetricFamily<Histogram>

    init(_ registry: MetricRegistry) {
      let labels = ["grpc_method", "grpc_status"]
      started = registry.counters(
        "grpc_server_call_started_total", help: "Calls that have begun.", labels: ["grpc_method"])
      duration = registry.histograms(
        "grpc_server_call_duration_seconds", help: "Time from a call's headers to its end.",
        scale: .seconds, labels: labels)
      sent = registry.histograms(
        "grpc_server_call_sent_total_compressed_message_size_bytes",
        help: "Compressed bytes of a call's answers.", scale: .bytes, labels: labels)
      received = registry.histograms(
        "grpc_server_call_rcvd_total_compressed_message_size_bytes",
        help: "Compressed bytes of a call's requests.", scale: .bytes, labels: labels)
    }

    func ledger(_ method: String) -> Ledger {
      Ledger(
        name: method, started: started.child([method]),
        slots: StatusCode.allCases.map { _ in Slot() })
    }

    func outcome(_ method: String, _ code: StatusCode) -> Outcome {
      let labels = [method, code.description]
      return Outcome(
        duration: duration.child(labels), sent: sent.child(labels),
        received: received.child(labels))
    }
  }
}

import Synchronization
package import Telemetry

/// The standard metrics of a gRPC server.
///
/// https://github.com/grpc/proposal/blob/master/A66-otel-stats.md
package final class MetricsInterceptor: ServerInterceptor {
  /// The metrics of one method; a status is looked up by its number.
  private final class Ledger: Sendable {
    let name: String
    let started: Counter
    let slots: [Slot]

    init(name: String, started: Counter, slots: [Slot]) {
      (self.name, self.started, self.slots) = (name, started, slots)
    }
  }

  /// The metrics of one status, which few methods have: made when it first occurs.
  // `AtomicLazyReference` does the same, but its generic code is not specialized here.
  private final class Slot: Sendable {
    /// Owns one reference to an `Outcome`.
    private let address = Atomic<UInt>(0)

    deinit {
      Self.outcome(at: address.load(ordering: .acquiring))?.release()
    }

    /// What lies here, made by `make` if nothing does. It lives as long as the slot: once set, the
    /// address never changes.
    func outcome(_ make: () -> Outcome) -> Outcome {
      if let known = Self.outcome(at: address.load(ordering: .acquiring)) {
        return known.takeUnretainedValue()
      }
      let new = Unmanaged.passRetained(make())
      let (_, found) = address.compareExchange(
        expected: 0, desired: UInt(bitPattern: new.toOpaque()), ordering: .acquiringAndReleasing)
      guard let known = Self.outcome(at: found) else { return new.takeUnretainedValue() }
      new.release()
      return known.takeUnretainedValue()
    }

    private static func outcome(at address: UInt) -> Unmanaged<Outcome>? {
      UnsafeRawPointer(bitPattern: address).map { Unmanaged.fromOpaque($0) }
    }
  }

  private final class Outcome: Sendable {
    let duration: Histogram
    let sent: Histogram
    let received: Histogram

    init(duration: Histogram, sent: Histogram, received: Histogram) {
      (self.duration, self.sent, self.received) = (duration, sent, received)
    }

    func add(_ record: CallRecord) {
      duration.record(record.nanoseconds)
      sent.record(UInt64(record.responseBytes))
      received.record(UInt64(record.requestBytes))
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
    let outcome = ledger.slots[record.code.rawValue].outcome {
      families.outcome(ledger.name, record.code)
    }
    outcome.add(record)
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

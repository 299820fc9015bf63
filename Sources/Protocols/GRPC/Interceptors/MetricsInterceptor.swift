import Synchronization
package import Telemetry

/// The standard metrics of a gRPC server.
///
/// https://github.com/grpc/proposal/blob/master/A66-otel-stats.md
// @unchecked: the ledgers are written in `init` and `deinit` only.
package final class MetricsInterceptor: ServerInterceptor, @unchecked Sendable {
  /// The metrics of one method, those of a status by its number.
  // @unchecked: `outcomes` is allocated once and holds atomics only.
  private final class Ledger: @unchecked Sendable {
    private static let count = StatusCode.allCases.count

    let name: String
    let started: Counter
    /// For each status the address of its `Outcome`, which few methods have: made when the status
    /// first occurs, and owned once it is here. Calls count no references to it.
    private let outcomes: UnsafeMutablePointer<Atomic<UInt>>

    init(name: String, started: Counter) {
      (self.name, self.started) = (name, started)
      outcomes = .allocate(capacity: Self.count)
      for index in 0..<Self.count { (outcomes + index).initialize(to: Atomic(0)) }
    }

    deinit {
      for index in 0..<Self.count { known(at: index)?.release() }
      outcomes.deinitialize(count: Self.count)
      outcomes.deallocate()
    }

    private func known(at index: Int) -> Unmanaged<Outcome>? {
      UnsafeRawPointer(bitPattern: outcomes[index].load(ordering: .acquiring)).map {
        .fromOpaque($0)
      }
    }

    /// The outcome of a status, made by `make` if there is none. It lives as long as this.
    func outcome(_ code: StatusCode, _ make: () -> Outcome) -> Unmanaged<Outcome> {
      if let known = known(at: code.rawValue) { return known }
      let new = Unmanaged.passRetained(make())
      let (isFirst, found) = outcomes[code.rawValue].compareExchange(
        expected: 0, desired: UInt(bitPattern: new.toOpaque()), ordering: .acquiringAndReleasing)
      guard !isFirst, let known = UnsafeRawPointer(bitPattern: found) else { return new }
      new.release()
      return .fromOpaque(known)
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
  /// By the place of the method in the router; each is owned, and calls count no references to it.
  private let ledgers: [Unmanaged<Ledger>]
  /// Methods that do not exist, all together, so that nobody can fill the memory with names.
  private let other: Ledger

  /// Counts the calls of `methods`, which are a router's, in its order.
  package init(_ registry: MetricRegistry, methods: [MethodDescriptor]) {
    families = Families(registry)
    ledgers = methods.map { [families] in
      .passRetained(families.ledger("\($0.service)/\($0.name)"))
    }
    other = families.ledger("other")
  }

  deinit { for ledger in ledgers { ledger.release() } }

  package func callBegan(_ context: ServerContext) throws(RPCError) {
    ledgers[context.methodIndex]._withUnsafeGuaranteedRef { $0.started.add() }
  }

  package func callEnded(_ context: ServerContext?, _ record: CallRecord) {
    guard let context else {
      other.started.add()
      return add(record, to: other)
    }
    ledgers[context.methodIndex]._withUnsafeGuaranteedRef { add(record, to: $0) }
  }

  private func add(_ record: CallRecord, to ledger: Ledger) {
    let outcome = ledger.outcome(record.code) { families.outcome(ledger.name, record.code) }
    outcome._withUnsafeGuaranteedRef { $0.add(record) }
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
      Ledger(name: method, started: started.child([method]))
    }

    func outcome(_ method: String, _ code: StatusCode) -> Outcome {
      let labels = [method, code.description]
      return Outcome(
        duration: duration.child(labels), sent: sent.child(labels),
        received: received.child(labels))
    }
  }
}

import APIBindings
import GRPC
import Synchronization
import Testing

@testable import GRPCServices

/// A machine and a clock that tests move.
private final class Machine: Sendable {
  private let state = Mutex((time: UInt64(0), processor: 0.0, readings: 0))

  func pass(seconds: UInt64, processor: Double) {
    state.withLock {
      $0.time += seconds * 1_000_000_000
      $0.processor += processor
    }
  }

  var readings: Int { state.withLock { $0.readings } }

  func interceptor(to audience: LoadReportInterceptor.Audience) -> LoadReportInterceptor {
    LoadReportInterceptor(
      to: audience,
      usage: {
        self.state.withLock {
          $0.readings += 1
          return .init(processorSeconds: $0.processor, memory: 0.25)
        }
      }, now: { self.state.withLock { $0.time } })
  }
}

@Suite("load reports")
struct LoadReportTests {
  private let machine = Machine()

  /// The report with the end of a call; nil when there is none.
  private func report(
    _ channel: ClientChannel, asking format: String? = nil, service: String = ""
  ) async throws -> OrcaLoadReport? {
    var options = CallOptions()
    if let format { try options.metadata.append("endpoint-load-metrics-format", format) }
    let call = try await channel.stream(HealthMethods.check, options: options)
    try await call.send(HealthCheckRequest(service: service).encoded())
    call.finish()
    do {
      while try await call.next() != nil {}
    } catch let error as RPCError {
      // A call that fails has its metadata with the status.
      return try error.metadata.firstBinary("endpoint-load-metrics-bin")
        .map { try OrcaLoadReport(decoding: $0) }
    }
    return try await call.trailingMetadata.firstBinary("endpoint-load-metrics-bin")
      .map { try OrcaLoadReport(decoding: $0) }
  }

  @Test("every call is told, with the load of the last second or more")
  func all() async throws {
    try await withServices(interceptors: [machine.interceptor(to: .all)]) { channel in
      let begin = try await report(channel)
      #expect(begin == OrcaLoadReport(memUtilization: 0.25))
      for _ in 0..<6 { _ = try await report(channel, service: "nobody") }
      machine.pass(seconds: 2, processor: 1.5)
      let first = try await report(channel)
      #expect(
        first
          == OrcaLoadReport(
            cpuUtilization: 0.75, memUtilization: 0.25, rpsFractional: 4, eps: 3))
      // Within the second nothing is read anew.
      let again = try await report(channel, service: "nobody")
      #expect(again == first)
      #expect(machine.readings == 2)
    }
  }

  @Test("who asks is told, and nobody else")
  func asking() async throws {
    try await withServices(interceptors: [machine.interceptor(to: .asking)]) { channel in
      let reports = [
        try await report(channel), try await report(channel, asking: "text"),
        try await report(channel, asking: "BIN"),
      ]
      #expect(reports == [nil, nil, OrcaLoadReport(memUtilization: 0.25)])
    }
  }
}

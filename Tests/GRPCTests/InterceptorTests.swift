import GRPC
import HTTP2
import Reactor
import Telemetry
import Testing

/// Writes down what it is told, and refuses what it is asked to.
private final class Recorder: ServerInterceptor {
  let name: String
  let log: Shared<[String]>
  let refuses: Bool

  init(_ name: String, _ log: Shared<[String]>, refuses: Bool = false) {
    (self.name, self.log, self.refuses) = (name, log, refuses)
  }

  func callBegan(_ context: ServerContext) throws(RPCError) {
    log.update { [name, method = context.method.name] in $0.append("\(name) began \(method)") }
    if refuses { throw RPCError(.permissionDenied, "not you") }
  }

  func callEnded(_ context: ServerContext?, _ record: CallRecord) {
    let text = "\(name) ended \(record.method?.name ?? "nothing") \(record.code)"
    log.update { $0.append(text) }
  }
}

@Suite("Interceptors of a server")
struct InterceptorTests {
  private func fixture(
    _ interceptors: [any ServerInterceptor], _ body: (Fixture) async throws -> Void
  ) async throws {
    var configuration = ServerConfiguration()
    configuration.interceptors = interceptors
    try await withFixture(server: configuration, body)
  }

  @Test("each hears of the beginning in order and of the end in the other, once")
  func order() async throws {
    let log = Shared<[String]>([])
    try await fixture([Recorder("a", log), Recorder("b", log)]) { fixture in
      _ = try await fixture.channel.unary(Methods.echo, [1])
    }
    #expect(
      log.value == ["a began Unary", "b began Unary", "b ended Unary OK", "a ended Unary OK"])
  }

  @Test("a refusal reaches the client, keeps the handler from running, and is ended")
  func refusal() async throws {
    let log = Shared<[String]>([])
    let chain: [any ServerInterceptor] = [
      Recorder("a", log), Recorder("b", log, refuses: true), Recorder("c", log),
    ]
    try await fixture(chain) { fixture in
      for method in [Methods.echo, Methods.hang] {
        let error = await rpcError { _ = try await fixture.channel.unary(method, [1]) }
        #expect(error?.code == .permissionDenied)
      }
      #expect(fixture.witness.started.value == 0)
    }
    #expect(
      log.value.prefix(4) == [
        "a began Unary", "b began Unary", "b ended Unary PERMISSION_DENIED",
        "a ended Unary PERMISSION_DENIED",
      ])
  }

  @Test("a call that its client gives up is ended as cancelled")
  func abandoned() async throws {
    let log = Shared<[String]>([])
    try await fixture([Recorder("a", log)]) { fixture in
      let call = try await fixture.channel.stream(Methods.deaf)
      try await call.send([1])
      await fixture.witness.hanging.wait()
      call.cancel()
      await fixture.witness.cancelled.wait()
    }
    #expect(log.value == ["a began Deaf", "a ended Deaf CANCELLED"])
  }

  @Test("the standard metrics count calls, statuses, time and bytes by method")
  func metrics() async throws {
    let registry = MetricRegistry()
    let methods = makeRouter(Witness()).methods
    try await fixture([MetricsInterceptor(registry, methods: methods)]) { fixture in
      for _ in 0..<3 {
        _ = try await fixture.channel.unary(Methods.echo, [UInt8](repeating: 1, count: 2_000))
      }
      _ = await rpcError { _ = try await fixture.channel.unary(Methods.fail, [1]) }
      _ = await rpcError { _ = try await fixture.channel.unary(Methods.missing, [1]) }
    }
    let lines = Set(registry.prometheusText().split(separator: "\n").map(String.init))
    let echo = "{grpc_method=\"test.Echo/Unary\",grpc_status=\"OK\""
    for line in [
      "grpc_server_call_started_total{grpc_method=\"test.Echo/Unary\"} 3",
      "grpc_server_call_started_total{grpc_method=\"other\"} 1",
      "grpc_server_call_duration_seconds_count\(echo)} 3",
      "grpc_server_call_sent_total_compressed_message_size_bytes_sum\(echo)} 6000",
      "grpc_server_call_rcvd_total_compressed_message_size_bytes_sum\(echo)} 6000",
      "grpc_server_call_rcvd_total_compressed_message_size_bytes_bucket\(echo),le=\"1024\"} 0",
      "grpc_server_call_rcvd_total_compressed_message_size_bytes_bucket\(echo),le=\"2048\"} 3",
      "grpc_server_call_duration_seconds_count"
        + "{grpc_method=\"test.Echo/Fail\",grpc_status=\"NOT_FOUND\"} 1",
      "grpc_server_call_duration_seconds_count"
        + "{grpc_method=\"other\",grpc_status=\"UNIMPLEMENTED\"} 1",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
  }
}

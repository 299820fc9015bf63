import Logging
import Reactor
import Telemetry
import Testing

@testable import GRPC

/// Writes down what it is told, and refuses what it is asked to.
private final class ClientRecorder: ClientInterceptor {
  let name: String
  let log: Shared<[String]>
  let refuses: Bool

  init(_ name: String, _ log: Shared<[String]>, refuses: Bool = false) {
    (self.name, self.log, self.refuses) = (name, log, refuses)
  }

  private func note(_ words: String) { log.update { [name] in $0.append("\(name) \(words)") } }

  func callBegins(_ call: ClientCallInfo) throws(RPCError) {
    note("begins \(call.method.name)")
    if refuses { throw RPCError(.permissionDenied, "not now") }
  }
  func attemptBegan(_ call: ClientCallInfo) { note("tries") }
  func attemptLeaves(
    _ call: ClientCallInfo, _ way: ClientWay, _ metadata: inout Metadata
  ) throws(RPCError) {
    note("leaves")
    try metadata.append("by", name)
  }
  func attemptEnded(_ call: ClientCallInfo, _ record: AttemptRecord) {
    note("tried \(record.code) \(record.requestBytes) \(record.responseBytes)")
  }
  func callEnded(_ call: ClientCallInfo, _ record: ClientCallRecord) {
    note("ended \(record.code) \(record.attempts)")
  }
}

/// Keeps the traces of the calls that it sees.
private final class TraceWitness: ServerInterceptor {
  private let seen: Shared<[TraceContext?]>

  init(_ seen: Shared<[TraceContext?]>) { self.seen = seen }

  func callBegan(_ context: ServerContext) throws(RPCError) {
    seen.update { [trace = context.trace] in $0.append(trace) }
  }
}

@Suite("Interceptors of a channel")
struct ClientInterceptorTests {
  private func fixture(
    _ interceptors: [any ClientInterceptor], _ body: (Fixture) async throws -> Void
  ) async throws {
    var configuration = Fleet.configuration(.pickFirst)
    configuration.retryPolicy?.initialBackoff = .milliseconds(1)
    configuration.interceptors = interceptors
    try await withFixture(client: configuration, body)
  }

  private static let info = ClientCallInfo(
    method: Methods.echo, target: "dns:///a:1", options: CallOptions())

  private func way(_ address: String, isEncrypted: Bool = false) throws -> ClientWay {
    ClientWay(
      peer: try SocketAddress.parse(address), authority: "a:1", isEncrypted: isEncrypted)
  }

  @Test("each hears of the beginnings in order and of the ends in the other")
  func order() async throws {
    let log = Shared<[String]>([])
    try await fixture([ClientRecorder("a", log), ClientRecorder("b", log)]) { fixture in
      _ = try await fixture.channel.unary(Methods.echo, [1, 2, 3])
    }
    #expect(
      log.value == [
        "a begins Unary", "b begins Unary", "a tries", "b tries", "a leaves", "b leaves",
        "b tried OK 3 3", "a tried OK 3 3", "b ended OK 1", "a ended OK 1",
      ])
  }

  @Test("each attempt is told of, the call once")
  func attempts() async throws {
    let log = Shared<[String]>([])
    try await fixture([ClientRecorder("a", log)]) { fixture in
      await fixture.server.drain(grace: .zero)
      var options = CallOptions()
      options.isIdempotent = true
      _ = await rpcError {
        _ = try await fixture.channel.unary(Methods.echo, [1], options: options)
      }
    }
    var expected = ["a begins Unary"]
    for _ in 0..<4 { expected += ["a tries", "a tried UNAVAILABLE 0 0"] }
    expected.append("a ended UNAVAILABLE 4")
    #expect(log.value == expected)
  }

  @Test("a refusal ends the call before it leaves, and those who heard of it hear of the end")
  func refusal() async throws {
    let log = Shared<[String]>([])
    let chain = [
      ClientRecorder("a", log), ClientRecorder("b", log, refuses: true), ClientRecorder("c", log),
    ]
    try await fixture(chain) { fixture in
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      #expect(error == RPCError(.permissionDenied, "not now"))
      let stream = await rpcError { _ = try await fixture.channel.stream(Methods.chat) }
      #expect(stream?.code == .permissionDenied)
      #expect(fixture.server.connectionCount == 0)
    }
    #expect(
      log.value.prefix(4) == [
        "a begins Unary", "b begins Unary", "b ended PERMISSION_DENIED 0",
        "a ended PERMISSION_DENIED 0",
      ])
  }

  @Test("a call that is given up is told of as cancelled")
  func cancelled() async throws {
    let log = Shared<[String]>([])
    try await fixture([ClientRecorder("a", log)]) { fixture in
      let call = try await fixture.channel.stream(Methods.deaf)
      await fixture.witness.hanging.wait()
      call.cancel()
      _ = await call.trailingMetadata
    }
    #expect(log.value.suffix(2) == ["a tried CANCELLED 0 0", "a ended CANCELLED 1"])
  }

  @Test("a token is shown over TLS and within the machine, and nowhere else")
  func bearer() async throws {
    let interceptor = BearerTokenInterceptor(token: "t0ken")
    for (address, isEncrypted, isShown) in [
      ("127.0.0.1:1", false, true), ("unix:/tmp/x", false, true), ("[::1]:1", false, true),
      ("192.0.2.1:1", true, true), ("192.0.2.1:1", false, false),
    ] {
      var metadata = Metadata()
      let way = try way(address, isEncrypted: isEncrypted)
      do throws(RPCError) {
        try interceptor.attemptLeaves(Self.info, way, &metadata)
        #expect(isShown && metadata.first("authorization") == "Bearer t0ken")
      } catch {
        #expect(!isShown && error.code == .unauthenticated)
        #expect(!error.message.contains("t0ken") && metadata.isEmpty)
      }
    }
    try await fixture([interceptor]) { fixture in
      let call = try await fixture.channel.stream(Methods.metadata)
      try await call.send([])
      call.finish()
      while try await call.next() != nil {}
      #expect(await call.initialMetadata.first("got-authorization") == "Bearer t0ken")
    }
  }

  @Test("a token that may not be shown ends the call")
  func bearerRefused() async throws {
    struct Refusing: ClientInterceptor {
      func attemptLeaves(
        _ call: ClientCallInfo, _ way: ClientWay, _ metadata: inout Metadata
      ) throws(RPCError) {
        throw RPCError(.unauthenticated, "not in cleartext")
      }
    }
    try await fixture([Refusing()]) { fixture in
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.which, [1]) }
      #expect(error == RPCError(.unauthenticated, "not in cleartext"))
    }
  }

  @Test("each attempt is a step of its trace, and calls that serve no other begin one if wanted")
  func tracing() throws {
    let parent = try #require(
      TraceContext(header: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
    let options = CallOptions(trace: parent)
    let info = ClientCallInfo(method: Methods.echo, target: "", options: options)
    var spans: Set<UInt64> = [parent.spanID]
    for _ in 0..<2 {
      var metadata = Metadata()
      try ClientTracingInterceptor().attemptLeaves(info, way("127.0.0.1:1"), &metadata)
      let header = try #require(metadata.first("traceparent"))
      let trace = try #require(TraceContext(header: header))
      #expect(trace.traceID == parent.traceID)
      spans.insert(trace.spanID)
    }
    #expect(spans.count == 3)
  }

  @Test(
    "calls that serve no other begin a trace where the channel says so", arguments: [true, false])
  func rootTraces(begins: Bool) async throws {
    var configuration = ClientConfiguration()
    configuration.beginsTraces = begins
    configuration.interceptors = [ClientTracingInterceptor()]
    let seen = Shared<[TraceContext?]>([])
    var server = ServerConfiguration()
    server.interceptors = [TracingInterceptor(), TraceWitness(seen)]
    try await withFixture(server: server, client: configuration) { fixture in
      for _ in 0..<2 { _ = try await fixture.channel.unary(Methods.echo, [1]) }
    }
    #expect(Set(seen.value.compactMap { $0?.traceName }).count == (begins ? 2 : 0))
    #expect(seen.value.count == 2)
  }

  @Test("the standard metrics count attempts, calls, statuses, time and bytes")
  func metrics() async throws {
    let registry = MetricRegistry()
    let target = Shared("")
    try await fixture([ClientMetricsInterceptor(registry)]) { fixture in
      target.update { $0 = "dns:///\(fixture.address)" }
      for _ in 0..<3 {
        _ = try await fixture.channel.unary(Methods.echo, [UInt8](repeating: 1, count: 2_000))
      }
      _ = await rpcError { _ = try await fixture.channel.unary(Methods.fail, [1]) }
    }
    let lines = Set(registry.prometheusText().split(separator: "\n").map(String.init))
    let place = "grpc_target=\"\(target.value)\""
    let echo = "{grpc_method=\"test.Echo/Unary\",\(place)"
    for line in [
      "grpc_client_attempt_started_total\(echo)} 3",
      "grpc_client_attempt_duration_seconds_count\(echo),grpc_status=\"OK\"} 3",
      "grpc_client_attempt_sent_total_compressed_message_size_bytes_sum\(echo)"
        + ",grpc_status=\"OK\"} 6000",
      "grpc_client_attempt_rcvd_total_compressed_message_size_bytes_sum\(echo)"
        + ",grpc_status=\"OK\"} 6000",
      "grpc_client_call_duration_seconds_count\(echo),grpc_status=\"OK\"} 3",
      "grpc_client_call_duration_seconds_count"
        + "{grpc_method=\"test.Echo/Fail\",\(place),grpc_status=\"NOT_FOUND\"} 1",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
  }

  @Test("a channel over its rate is told how long to wait, without a call")
  func rateLimit() async throws {
    let time = Shared<UInt64>(1_000_000_000)
    let limit = ClientRateLimitInterceptor(rate: 2, burst: 3, now: { time.value })
    try await fixture([limit]) { fixture in
      for _ in 0..<3 { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      #expect(error?.code == .resourceExhausted)
      #expect(error?.retryAfter == .milliseconds(500))
      time.update { $0 += 500_000_000 }
      _ = try await fixture.channel.unary(Methods.echo, [1])
    }
  }

  @Test("the log names what failed and how often it was tried, and bounds its lines")
  func logging() async throws {
    let lines = Shared<[String]>([])
    let logger = Logger(label: "test") { _ in LineHandler(lines: lines) }
    let refuser = ClientRecorder("a", Shared([]), refuses: true)
    try await fixture([ClientLoggingInterceptor(logger), refuser]) { fixture in
      for _ in 0..<300 {
        _ = await rpcError { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      }
    }
    #expect(lines.value.first == "warning /test.Echo/Unary PERMISSION_DENIED ")
    #expect((100..<300).contains(lines.value.count))
  }
}

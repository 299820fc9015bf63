import GRPC
import HTTP2
import Logging
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

/// Refuses every call.
private final class Refuser: ServerInterceptor {
  let reason: String

  init(_ reason: String) { self.reason = reason }

  func callBegan(_ context: ServerContext) throws(RPCError) {
    throw RPCError(.permissionDenied, reason)
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

  @Test("a caller over its rate is told how long to wait, and is served when it has")
  func rateLimit() async throws {
    let time = Shared<UInt64>(1_000_000_000)
    let limit = RateLimitInterceptor(rate: 2, burst: 3, now: { time.value })
    try await fixture([limit]) { fixture in
      for _ in 0..<3 { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      #expect(error?.code == .resourceExhausted)
      #expect(error?.retryAfter == .milliseconds(500))
      time.update { $0 += 500_000_000 }
      _ = try await fixture.channel.unary(Methods.echo, [1])
      let again = await rpcError { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      #expect(again?.code == .resourceExhausted)
    }
  }

  @Test("a call joins its caller's trace")
  func tracing() async throws {
    let names = Shared<[String?]>([])
    var (server, client) = (ServerConfiguration(), ClientConfiguration())
    server.interceptors = [TracingInterceptor(), TraceWitness(names)]
    client.interceptors = [ClientTracingInterceptor()]
    try await withFixture(server: server, client: client) { (fixture) async throws in
      var options = CallOptions()
      let parent = TraceContext(
        header: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
      options.trace = parent
      _ = try await fixture.channel.unary(Methods.echo, [1], options: options)
      _ = try await fixture.channel.unary(Methods.echo, [1])
    }
    #expect(names.value.first == "0af7651916cd43dd8448eb211c80319c")
    #expect(names.value.last == .some(nil))
  }

  @Test("the log names refusals and failures, and bounds its lines")
  func logging() async throws {
    let lines = Shared<[String]>([])
    let logger = Logger(label: "test") { _ in LineHandler(lines: lines) }
    let chain: [any ServerInterceptor] = [
      LoggingInterceptor(logger), Recorder("a", Shared([]), refuses: true),
    ]
    try await fixture(chain) { fixture in
      for _ in 0..<300 {
        _ = await rpcError { _ = try await fixture.channel.unary(Methods.echo, [1]) }
      }
    }
    #expect(lines.value.first == "notice /test.Echo/Unary PERMISSION_DENIED \"not you\"")
    #expect((100..<300).contains(lines.value.count))
  }

  @Test("what a client has a refusal say cannot forge a line of the log")
  func forgery() async throws {
    let lines = Shared<[String]>([])
    let logger = Logger(label: "test") { _ in LineHandler(lines: lines) }
    let chain: [any ServerInterceptor] = [
      LoggingInterceptor(logger),
      Refuser("x\n2026 error \u{1B}[31m" + String(repeating: "y", count: 999)),
    ]
    try await fixture(chain) { fixture in
      _ = await rpcError { _ = try await fixture.channel.unary(Methods.echo, [1]) }
    }
    let line = try #require(lines.value.first)
    #expect(line.contains(#""x\u{a}2026 error \u{1b}[31m"#) && line.utf8.count < 400)
  }

  @Test("a handler that fails is an error in the log, a request that is cut short a notice")
  func blame() async throws {
    let lines = Shared<[String]>([])
    let logger = Logger(label: "test") { _ in LineHandler(lines: lines) }
    try await fixture([LoggingInterceptor(logger)]) { fixture in
      _ = await rpcError { _ = try await fixture.channel.unary(Methods.fail, []) }
      _ = try await sendRaw(fixture, body: [0, 0, 0, 0, 9, 1])
    }
    #expect(lines.value.map { $0.prefix { $0 != " " } } == ["error", "notice"])
    #expect(lines.value.last?.hasSuffix("INTERNAL \"the last message is cut short\"") == true)
  }
}

/// Writes down the traces of calls.
private final class TraceWitness: ServerInterceptor {
  let names: Shared<[String?]>

  init(_ names: Shared<[String?]>) { self.names = names }

  func callBegan(_ context: ServerContext) throws(RPCError) {
    let name = context.trace?.traceName
    names.update { $0.append(name) }
  }
}

/// Keeps what is logged.
struct LineHandler: LogHandler {
  let lines: Shared<[String]>
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = event.metadata ?? [:]
    let line =
      "\(event.level) \(fields["method"] ?? "") \(fields["status"] ?? "") "
      + "\(fields["reason"] ?? "")"
    lines.update { $0.append(line) }
  }
}

@Suite("Trace context")
struct TraceContextTests {
  @Test("a header reads back")
  func header() throws {
    let text = "00-0af7651916cd43dd8448eb211c80319c-00ad6b7169203331-01"
    let trace = try #require(TraceContext(header: text))
    #expect(trace.header == text)
    #expect(trace.child().traceID == trace.traceID && trace.child().spanID != trace.spanID)
  }

  @Test(
    "what breaks the standard's rules is no trace",
    arguments: [
      "", "00", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
      "00-0af7651916cd43dd8448eb211c80319c+b7ad6b7169203331-01",
    ])
  func illegal(_ text: String) { #expect(TraceContext(header: text) == nil) }
}

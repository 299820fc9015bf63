import BenchmarkDomain
import HTTPClient
import LoadGenerator
import Reactor
import SimulatedEngine
import Statistics
import Synchronization
import Testing

@Suite("Closed loop driver")
struct ClosedLoopDriverTests {
  private final class Sink: Sendable {
    private let samples = Mutex<[RequestSample]>([])
    func add(_ sample: RequestSample) { samples.withLock { $0.append(sample) } }
    var all: [RequestSample] { samples.withLock { $0 } }
  }

  /// The parts of a run against the simulated engine, each side on a loop of its own.
  private struct Bench {
    var plan: LoadPlan
    let client: TransferClient
    let engineGroup: EventLoopGroup
  }

  private func benching(
    inputTokens: Int32 = 12, outputTokens: Int32 = 8, concurrency: Int32 = 2,
    requests: UInt32 = 6, api: CompletionAPI = .completions,
    _ body: (Bench) async throws -> Void
  ) async throws {
    let loops = try EventLoopGroup(count: 1)
    let engineGroup = try EventLoopGroup(count: 1)
    var settings = SimulatedServer.Configuration()
    settings.model = ServiceTimeModel(
      timeToFirstToken: .milliseconds(10), interTokenLatency: .milliseconds(2), maxBatch: 64)
    let server = SimulatedServer(configuration: settings, group: engineGroup)
    let address = try server.listen(on: .parse("127.0.0.1:0"))
    let configuration = Configuration(
      modelID: "m", hardwareID: "cpu-x1", engineID: "simulated", quantizationID: "fp16",
      workload: Workload(
        inputTokens: inputTokens, outputTokens: outputTokens, concurrency: concurrency))
    let client = TransferClient(loop: loops.loops[0])
    let plan = LoadPlan(
      endpoint: "http://\(address)/v1/", api: api, modelName: "sim", configuration: configuration,
      indices: Array(0..<requests), warmupRequests: 0, seed: 42, segment: 3,
      origin: client.loop.now())
    try await body(Bench(plan: plan, client: client, engineGroup: engineGroup))
    client.loop.execute { client.close() }
    server.close()
    loops.shutdown()
    engineGroup.shutdown()
  }

  private func run(_ plan: LoadPlan, _ bench: Bench) async throws -> (LoadSummary, [RequestSample])
  {
    let sink = Sink()
    let summary = try await ClosedLoopDriver(client: bench.client, plan: plan).run {
      sink.add($0)
    }
    return (summary, sink.all)
  }

  @Test(
    "every request is reported once with usage and consistent stamps",
    arguments: CompletionAPI.allCases)
  func measures(api: CompletionAPI) async throws {
    try await benching(api: api) { bench in
      let (summary, samples) = try await run(bench.plan, bench)
      #expect(summary.outcomes == [.ok: 6] && !summary.wasStopped)
      #expect(summary.warmupSucceeded == 2 && summary.firstFailure == nil)
      #expect(samples.map(\.requestIndex).sorted() == Array(0..<6))
      for sample in samples {
        #expect(sample.outcome == .ok && sample.httpStatus == 200 && sample.segment == 3)
        #expect(sample.inputTokens == 12 && sample.outputTokens == 8)
        #expect(sample.tokenSource == .usage && sample.contentChunks == 8)
        let timing = try RequestTiming(
          stamps: RequestStamps(
            scheduled: sample.scheduled, sent: sample.sent, firstByte: sample.firstByte,
            firstContent: sample.firstContent, firstVisibleContent: sample.firstVisible,
            lastContent: sample.lastContent, end: sample.end),
          gaps: DeltaVarint.decode(sample.gaps))
        #expect(timing.gaps.count == 7)
      }
    }
  }

  @Test("times are never shorter than those of the engine, and on average near them")
  func truth() async throws {
    try await benching(outputTokens: 30, concurrency: 4, requests: 12) { bench in
      var plan = bench.plan
      plan.headers = [
        .init("x-benchfront-sim-ttft-ms", "50"), .init("x-benchfront-sim-itl-ms", "5"),
      ]
      let (_, samples) = try await run(plan, bench)
      #expect(samples.count == 12)
      for sample in samples {
        #expect(sample.firstContent - sample.sent >= 50_000_000)
        #expect(sample.lastContent - sample.sent >= 50_000_000 + 29 * 5_000_000)
      }
      let mean =
        samples.map { Double($0.lastContent - $0.firstContent) / 29e6 }.reduce(0, +) / 12
      #expect(mean < 15, "the mean gap is \(mean) ms")
    }
  }

  @Test("the concurrency is kept and never exceeded")
  func concurrency() async throws {
    try await benching(concurrency: 3, requests: 12) { bench in
      let (_, samples) = try await run(bench.plan, bench)
      let most = samples.map { one in
        samples.count { $0.scheduled < one.end && $0.end > one.scheduled }
      }
      for sample in samples {
        let together = samples.count {
          $0.scheduled <= sample.scheduled && $0.end > sample.scheduled
        }
        #expect(together <= 3)
      }
      #expect(most.contains { $0 >= 3 })
    }
  }

  @Test("a resumed run sends the missing requests alone, in order")
  func resumes() async throws {
    try await benching(concurrency: 1) { bench in
      var plan = bench.plan
      plan.indices = [1, 4, 5]
      let (summary, samples) = try await run(plan, bench)
      #expect(samples.map(\.requestIndex) == [1, 4, 5] && summary.reported == 3)
      plan.indices = []
      let (none, _) = try await run(plan, bench)
      #expect(none.reported == 0 && none.warmupSucceeded == 0 && !none.wasStopped)
    }
  }

  @Test(
    "what the engine does wrong has its class",
    arguments: [
      ("close-mid-stream", RequestOutcome.incomplete), ("cut-short", .incomplete),
      ("close-at-once", .connectionFailed), ("garbage", .malformed),
      ("error-in-stream", .malformed), ("ignore-max-tokens", .malformed), ("http-500", .httpError),
      ("empty", .empty), ("hang", .timedOut), ("stall", .timedOut), ("no-done", .ok),
      ("no-usage", .ok), ("closes-silently", .ok), ("pairs", .ok), ("reasoning", .ok),
    ])
  func misbehaviour(mode: String, outcome: RequestOutcome) async throws {
    try await benching(requests: 3, api: mode == "reasoning" ? .chat : .completions) { bench in
      var plan = bench.plan
      plan.headers = [.init("x-benchfront-sim", mode)]
      plan.warmupCount = 0
      plan.idleTimeout = .milliseconds(300)
      let (summary, samples) = try await run(plan, bench)
      #expect(summary.outcomes == [outcome: 3])
      #expect((summary.firstFailure == nil) == (outcome == .ok))
      let sample = try #require(samples.first)
      switch mode {
      case "no-usage":
        #expect(sample.tokenSource == .chunks && sample.outputTokens == 8)
      case "pairs":
        #expect(sample.contentChunks == 4 && sample.outputTokens == 8)
      case "reasoning":
        #expect(sample.firstVisible > sample.firstContent)
      case "http-500":
        #expect(sample.httpStatus == 500)
        #expect(summary.firstFailure?.contains("this error was asked for") == true)
      case "hang", "close-at-once":
        #expect(sample.firstByte == 0 && sample.httpStatus == 0)
      default: break
      }
    }
  }

  @Test("when the whole warm-up fails, nothing is measured")
  func warmupFails() async throws {
    try await benching { bench in
      var plan = bench.plan
      plan.headers = [.init("x-benchfront-sim", "http-500")]
      let error = await #expect(throws: LoadError.self) { try await run(plan, bench) }
      #expect(error?.code == .warmupFailed)
      #expect(error?.message.contains("HTTP 500") == true)
    }
  }

  @Test("an engine that is gone is not measured to the end")
  func lost() async throws {
    try await benching(requests: 500) { bench in
      var plan = bench.plan
      plan.warmupCount = 0
      plan.headers = [.init("x-benchfront-sim", "close-at-once")]
      let sink = Sink()
      let error = await #expect(throws: LoadError.self) {
        try await ClosedLoopDriver(client: bench.client, plan: plan).run { sink.add($0) }
      }
      #expect(error?.code == .engineLost)
      #expect(sink.all.count == 16)
    }
  }

  @Test("a stopped driver reports nothing of what was in flight")
  func stops() async throws {
    try await benching(outputTokens: 200, concurrency: 4, requests: 50) { bench in
      let driver = ClosedLoopDriver(client: bench.client, plan: bench.plan)
      let sink = Sink()
      let summary = try await driver.run { sample in
        sink.add(sample)
        driver.stop()
      }
      #expect(summary.wasStopped)
      #expect(summary.reported == sink.all.count && summary.reported < 50)
      let task = Task { try await run(bench.plan, bench) }
      task.cancel()
      #expect(try await task.value.0.wasStopped)
    }
  }

  @Test("an address that is none is refused before anything is sent")
  func badPlan() async throws {
    try await benching { bench in
      var plan = bench.plan
      plan.endpoint = "file:///etc/passwd"
      let error = await #expect(throws: LoadError.self) { try await run(plan, bench) }
      #expect(error?.code == .badPlan)
    }
  }

  @Test("results of the simulated engine differ by quantization, hardware and concurrency")
  func model() {
    let model = ServiceTimeModel()
    func gap(_ quantization: String, _ active: Int, _ hardware: String = "l4-x1") -> Duration {
      model.interTokenLatency(.init(quantization: quantization, hardware: hardware), active: active)
    }
    #expect(gap("q4_k_m", 1) < gap("q8_0", 1))
    #expect(gap("q4_k_m", 8) > gap("q8_0", 8))
    #expect(gap("fp16", 1, "h100-80gb-x4") < gap("fp16", 1, "h100-80gb-x1"))
    #expect(gap("fp16", 8) > gap("fp16", 1))
  }
}

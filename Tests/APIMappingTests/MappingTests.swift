import APIBindings
import BenchmarkDomain
import GRPC
import Storage
import Testing

@testable import APIMapping

/// Sends a value over the wire: domain, message, bytes, message, domain.
func overTheWire<Value: MessageReadable>(_ message: Value.Message) throws -> Value {
  try Value(Value.Message(decoding: message.encoded()), at: "")
}

@Suite("domain values as messages")
struct MappingTests {
  let configuration = BenchmarkDomain.Configuration(
    modelID: "m", hardwareID: "h100-80gb-x1", engineID: "vllm", quantizationID: "fp16",
    workload: BenchmarkDomain.Workload(
      inputTokens: 128, outputTokens: 64, concurrency: 4, maxBatch: 8),
    extraDimensions: [BenchmarkDomain.Dimension(name: "pipeline_parallel", value: "2")])
  let time = WallTime(nanoseconds: 1_700_000_000_123_456_789)

  var result: BenchmarkResult {
    BenchmarkResult(
      id: "e1", configurationID: configuration.id, runID: "r1",
      provenance: BenchmarkDomain.Provenance(
        kind: .simulated, tool: "benchfront", toolVersion: "1", source: "e1",
        engineVersion: "0.9", modelRevision: "abc"),
      measuredAt: time, requestCount: 100, errorCount: 1,
      measurements: [
        BenchmarkDomain.Measurement(
          metric: .ttft, statistic: .p95, value: 0.25, sampleCount: 99,
          interval: BenchmarkDomain.Interval(low: 0.2, high: 0.3, confidence: 0.95),
          certified: 0.28),
        BenchmarkDomain.Measurement(
          metric: .outputThroughput, statistic: .total, value: 120, definition: "other/1"),
      ])
  }

  var sample: BenchmarkDomain.RequestSample {
    BenchmarkDomain.RequestSample(
      requestIndex: 7, segment: 1, outcome: .timedOut, httpStatus: 200, scheduled: 1, sent: 2,
      firstByte: 3, firstContent: 4, firstVisible: 5, lastContent: 6, end: 9, inputTokens: 10,
      outputTokens: 11, tokenSource: .usage, contentChunks: 3, gaps: [1, 200, 3])
  }

  @Test("a batch says what its agent must serve")
  func batchNames() {
    let batch = APIBindings.Batch(
      BenchmarkDomain.Batch(
        id: "b1", runID: "r1", index: 0, modelID: "m", hardwareID: "h", engineID: "e",
        quantizationID: "q", configurationCount: 3))
    #expect(batch.modelId == "m" && batch.hardwareId == "h")
    #expect(batch.engineId == "e" && batch.quantizationId == "q")
  }

  @Test("catalog entries come back as they went")
  func catalog() throws {
    let model = BenchmarkDomain.Model(
      id: "org/m", displayName: "M", kind: .hosted, provider: "p", parameterCount: 7, layerCount: 6,
      keyValueHeadCount: 5, headDimension: 4, contextLength: 3, license: "mit", revision: "r",
      createdAt: time)
    #expect(try overTheWire(APIBindings.Model(model)) == model)
    let hardware = BenchmarkDomain.HardwareProfile(
      id: "h", accelerator: "H100-80GB", vendor: "nvidia", acceleratorCount: 4,
      memoryBytes: 80 << 30, memoryBandwidthBytesPerSecond: 3_350_000_000_000, powerWatts: 700)
    #expect(try overTheWire(APIBindings.HardwareProfile(hardware)) == hardware)
    let engine = BenchmarkDomain.Engine(
      id: "vllm", displayName: "vLLM", quantizationIDs: ["fp16"], homepage: "https://vllm.ai")
    #expect(try overTheWire(APIBindings.Engine(engine)) == engine)
    for item in [
      PricedItem.hardware(id: "h", usdPerHour: 3.5),
      .model(id: "m", usdPerMillionInputTokens: 1, usdPerMillionOutputTokens: 2),
    ] {
      let price = BenchmarkDomain.PriceEntry(
        id: "p1", item: item, basis: .spot, offer: "aws", region: "us", source: "s",
        observedAt: time)
      #expect(try overTheWire(APIBindings.PriceEntry(price)) == price)
    }
  }

  @Test("configurations, filters and matrices come back as they went")
  func matrices() throws {
    #expect(try overTheWire(APIBindings.Configuration(configuration)) == configuration)
    var filter = BenchmarkDomain.ConfigurationFilter()
    filter.modelIDs = ["a", "b"]
    filter.accelerators = ["L4"]
    filter.minConcurrency = 2
    filter.maxConcurrency = 8
    #expect(try overTheWire(APIBindings.ConfigurationFilter(filter)) == filter)
    var rule = BenchmarkDomain.MatrixRule()
    rule.engineIDs = ["tgi"]
    rule.maxBatch = [0, 4]
    let matrix = BenchmarkDomain.Matrix(
      name: "x", modelIDs: ["m"], hardwareIDs: ["h"], engineIDs: ["e"], quantizationIDs: ["fp16"],
      workloads: [
        BenchmarkDomain.WorkloadPattern(
          name: "chat", inputTokens: [1, 2], outputTokens: [3], concurrency: [4, 5], maxBatch: [0])
      ], exclude: [rule], include: [rule, rule])
    #expect(try overTheWire(APIBindings.Matrix(matrix)) == matrix)
  }

  @Test("results and samples come back as they went")
  func results() throws {
    #expect(try overTheWire(APIBindings.Result(result)) == result)
    let joined = BenchmarkDomain.ConfigurationResult(configuration: configuration, result: result)
    #expect(try overTheWire(APIBindings.ConfigurationResult(joined)) == joined)
    #expect(try overTheWire(APIBindings.RequestSample(sample)) == sample)
  }

  @Test("runs, agents and commits come back as they went")
  func runs() throws {
    var run = BenchmarkDomain.Run(
      id: "r", name: "n", requestID: nil, requestsPerConfiguration: 100, warmupRequests: 4,
      seed: .max, configurationCount: 9, infeasibleCount: 2, batchCount: 1, createdAt: time)
    run.state = .running
    run.startedAt = time
    run.commitNumber = 12
    #expect(try overTheWire(APIBindings.Run(run)) == run)
    let batch = BenchmarkDomain.Batch(
      id: "b", runID: "r", index: 0, modelID: "m", hardwareID: "h", engineID: "e",
      quantizationID: "q", configurationCount: 9)
    for lost: Set<String> in [[], ["b"]] {
      let shown = try #require(
        APIBindings.Run(run, batches: [batch], withoutAgent: lost).batches.first)
      #expect(shown.lacksAgent == !lost.isEmpty)
    }
    let failed = APIBindings.Run(
      run, batches: [batch],
      failures: [BatchFailures(batchID: "b", count: 2, firstReason: "it broke")])
    #expect(failed.batches.map(\.failedCount) == [2])
    #expect(failed.batches.map(\.firstFailure) == ["it broke"])
    let record = AgentRecord(id: "a", inventory: inventory, lastSeenAt: time, batchID: "b")
    #expect(try overTheWire(Agent(record, isConnected: true)) == record)
    for event in [
      RunCommit.Event.run(run),
      .samples(executionID: "e", configurationID: configuration.id, [sample]),
      .execution(
        id: "e", configuration: configuration, state: .failed, failure: "a\nb", agentID: "a"),
    ] {
      let commit = RunCommit(number: 3, committedAt: time, event: event)
      #expect(try overTheWire(WatchRunResponse(commit)) == commit)
    }
  }

  private var inventory: BenchmarkDomain.AgentInventory {
    BenchmarkDomain.AgentInventory(
      hostName: "host", agentVersion: "1", hardwareIDs: ["cpu-x1"], engineIDs: ["llama.cpp"],
      modelIDs: ["m"], quantizationIDs: ["q8_0"], isSimulated: true)
  }

  @Test("everything that an agent says comes back as it went")
  func agentMessages() throws {
    let fence = Fence(batchID: "b", token: 3)
    let start = SegmentStart(
      executionID: "e", segment: 2, wallClockAnchor: time, engineVersion: "v", modelRevision: "r")
    for message in [
      AgentMessage.hello(agentID: "a", inventory: inventory, heldLeases: [fence]),
      .leaseRequest, .segmentStarted(fence, start),
      .executionFailed(fence, executionID: "e", reason: "no\nengine"),
      .executionFinished(fence, executionID: "e"),
      .samples(fence, executionID: "e", sequence: 9, [sample, sample]),
      .heartbeat(nil), .heartbeat(fence), .leaseRelease(fence, reason: ""),
    ] {
      #expect(try overTheWire(AgentSessionRequest(message)) == message)
    }
  }

  @Test("everything that the server says to an agent comes back as it went")
  func serverMessages() throws {
    let fence = Fence(batchID: "b", token: 3)
    var committed = RequestBitmap(count: 10)
    _ = committed.insert(9)
    let lease = GrantedLease(
      fence: fence, runID: "r", requestsPerConfiguration: 10, warmupRequests: 1, seed: 5,
      items: [
        BenchmarkDomain.WorkItem(
          executionID: "e", configuration: configuration, committed: committed, nextSegment: 2)
      ], models: [BenchmarkDomain.Model(id: "m", createdAt: time)])
    for message in [
      ServerMessage.welcome(
        sessionID: "s", sampleCredit: 4096, leaseDuration: .seconds(30),
        heartbeatInterval: .milliseconds(2500)),
      .lease(lease), .noWork(retryAfter: .seconds(1)),
      .acknowledged(executionID: "e", sequence: 4, commitNumber: 5),
      .revoked(fence, .superseded, reason: "taken"), .heartbeat(time),
    ] {
      #expect(try overTheWire(AgentSessionResponse(message)) == message)
    }
  }

  @Test("every value of every enum comes back")
  func enums() throws {
    func check<Value: WireEnum & Equatable>(_ type: Value.Type) throws {
      #expect(Value.allCases.count == Value.Wire.known.count - 1)
      for value in Value.allCases {
        #expect(try Value(Value.Wire(value), at: "") == value)
        #expect(try Value(filtering: value.wire, at: "") == value)
      }
      #expect(try Value(filtering: Value.Wire(rawValue: 0), at: "") == nil)
    }
    try check(BenchmarkDomain.ModelKind.self)
    try check(BenchmarkDomain.PriceBasis.self)
    try check(BenchmarkDomain.Metric.self)
    try check(BenchmarkDomain.Statistic.self)
    try check(BenchmarkDomain.ProvenanceKind.self)
    try check(BenchmarkDomain.RequestOutcome.self)
    try check(BenchmarkDomain.TokenSource.self)
    try check(BenchmarkDomain.RunState.self)
    try check(BenchmarkDomain.BatchState.self)
    try check(BenchmarkDomain.ExecutionState.self)
    try check(BenchmarkDomain.InfeasibilityReason.self)
  }

  @Test(
    "times before 1970 and of any nanosecond come back",
    arguments: [0, 1, -1, -1_000_000_000, -1_000_000_001, Int64.max, -9_223_372_036_000_000_000])
  func times(nanoseconds: Int64) throws {
    let time = WallTime(nanoseconds: nanoseconds)
    let message = Timestamp(time)
    #expect((0..<1_000_000_000).contains(message.nanos))
    #expect(try WallTime(message, at: "t") == time)
  }
}

import BenchmarkDomain
import Storage
import TestSupport

/// All that a store can do.
typealias WholeStore = CatalogStore & RunStore & AuditStore

/// A store with some of everything, and with much that is odd.
enum Content {
  static let odd =
    "naïve \u{1F680}\u{0301} \u{202E}שלום\u{202C} \"quoted\" \\ {a,b} \n\t\u{FEFF}\u{10FFFF}"
  static let figures = [
    Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude, -0.0, 0.1, .pi, 1e-9,
  ]
  static let fence = Fence(batchID: "half-b0", token: 1)
  static let halfID = "half-b0-e0"

  /// Fills an empty store.
  static func fill(_ store: any WholeStore, _ clock: TestClock) async throws {
    try await fillCatalog(store)
    try await createRuns(store, clock)
    try await measureHalf(store)
    try await endRuns(store)
    for id in ["agent", odd] {
      try await store.upsert(
        AgentRecord(
          id: id,
          inventory: AgentInventory(
            hostName: odd, agentVersion: "", hardwareIDs: ["l4-x1", odd], engineIDs: [],
            modelIDs: [""], quantizationIDs: ["NULL", "null", "{}"], isSimulated: id == odd),
          lastSeenAt: clock.now, batchID: id == odd ? nil : "half-b0"))
    }
    try await store.append(
      ["", odd].map { caller in
        (
          AuditedCall(
            caller: caller, roles: caller.isEmpty ? [] : ["agent", "admin"], method: "a/B",
            subject: odd, code: 16), .seconds(1)
        )
      })
  }

  private static func fillCatalog(_ store: any WholeStore) async throws {
    for (number, id) in ["b/\(odd)", "B", "a", "ä", "z"].enumerated() {
      _ = try await store.register(
        Model(
          id: id, displayName: odd, kind: number == 0 ? .hosted : .selfHosted,
          parameterCount: .max, contextLength: .max, createdAt: WallTime(nanoseconds: -1)))
    }
    _ = try await store.register(
      HardwareProfile(id: "l4-x1", accelerator: odd, memoryBytes: .max, powerWatts: 0.1))
    _ = try await store.register(
      Engine(id: "vllm", displayName: odd, quantizationIDs: ["fp16", odd, "", "a,b", "{\"}"]))
    _ = try await store.register(Engine(id: "none", displayName: "", quantizationIDs: []))
    _ = try await store.register(Example.price(perHour: .leastNonzeroMagnitude))
    _ = try await store.register(
      PriceEntry(
        id: "", item: .model(id: "B", usdPerMillionInputTokens: 0, usdPerMillionOutputTokens: 0.1),
        basis: .spot, offer: odd, source: odd, observedAt: WallTime(nanoseconds: .max)))
    let configurations = (1...3).map {
      Example.configuration(
        concurrency: Int32($0), extra: $0 == 1 ? [] : [Dimension(name: odd, value: "\($0),{}")])
    }
    _ = try await store.store(
      Example.bundle(
        configurations.enumerated().map { number, configuration in
          var result = Example.result("result-\(number)", of: configuration)
          if number == 1 {
            result.measurements = figures.map {
              Measurement(metric: .e2e, statistic: .unstated, value: $0, definition: odd)
            }
            result.measuredAt = nil
          }
          return (configuration, result)
        }))
  }

  private static func createRuns(
    _ store: any WholeStore, _ clock: TestClock
  ) async throws {
    for (number, name) in ["waiting", "half", "done", "broken", "given up"].enumerated() {
      var (run, batches, executions) = Example.run(
        name, configurations: 2, requests: name == "half" ? 13 : 3,
        requestID: number == 0 ? odd : nil, createdAt: clock.now)
      run.name = odd
      run.requestDigest = number == 0 ? "digest" : nil
      _ = try await store.create(run, batches: batches, executions: executions)
    }
    for name in ["half", "done", "broken"] {
      try await store.updateBatch(name + "-b0", fence: nil) { aggregate in
        aggregate.batch.state = .leased
        aggregate.batch.agentID = "agent"
        aggregate.batch.fencingToken = 1
        aggregate.batch.leaseExpiresAt = aggregate.now.advanced(by: .seconds(3600))
        aggregate.run.state = .running
        aggregate.run.startedAt = aggregate.now
        aggregate.executions[0].state = .running
        aggregate.executions[0].nextSegment = 1
        aggregate.executions[0].startedAt = aggregate.now
        aggregate.executions[0].engineVersion = odd
        aggregate.newSegments = [
          Segment(
            executionID: name + "-b0-e0", number: 0, agentID: "agent",
            wallClockAnchor: WallTime(nanoseconds: -5))
        ]
      }
    }
  }

  /// Every other request is there; one has as many gaps as may be, another one none.
  private static func measureHalf(_ store: any WholeStore) async throws {
    var samples = stride(from: UInt32(0), to: 13, by: 2).map { Example.sample($0) }
    samples[0].gaps = ArraySlice(repeating: 0x7f, count: RequestSample.maximumGapBytes)
    samples[1].gaps = []
    samples[2] = RequestSample(
      requestIndex: 4, segment: UInt32(Int32.max), outcome: .httpError, httpStatus: 999,
      scheduled: UInt64(Int64.max), sent: 0, firstByte: 0, firstContent: 0, firstVisible: 0,
      lastContent: 0, end: UInt64(Int64.max), inputTokens: UInt32(Int32.max), outputTokens: 0,
      tokenSource: .chunks, contentChunks: 0, gaps: [0])
    for part in [samples[4...], samples[..<4]] {
      try await commit(Array(part), of: halfID, fence, to: store)
    }
    try await commit(
      (0..<3).map { Example.sample($0) }, of: "done-b0-e0", Fence(batchID: "done-b0", token: 1),
      to: store)
  }

  private static func endRuns(_ store: any WholeStore) async throws {
    try await store.updateBatch("done-b0", fence: Fence(batchID: "done-b0", token: 1)) {
      let execution = $0.executions[0]
      $0.executions[0].state = .completed
      $0.executions[1].state = .failed
      $0.executions[1].failure = odd
      $0.newResults = [
        Example.result(
          execution.id, of: execution.configuration, run: "done", kind: .measured)
      ]
      ($0.run.completedCount, $0.run.failedCount) = (1, 1)
      ($0.run.state, $0.run.endedAt) = (.completed, $0.now)
      ($0.batch.state, $0.batch.endedCount) = (.completed, 2)
    }
    try await store.updateBatch("broken-b0", fence: Fence(batchID: "broken-b0", token: 1)) {
      for place in $0.executions.indices { $0.executions[place].state = .failed }
      ($0.run.state, $0.run.failedCount, $0.batch.state) = (.failed, 2, .completed)
    }
    _ = try await store.cancelRun("given up")
  }

  /// Commits samples; fails when they are not.
  static func commit(
    _ samples: [RequestSample], of execution: String, _ fence: Fence,
    to store: any WholeStore
  ) async throws {
    let outcomes = try await store.commit([
      SampleCommit(fence: fence, executionID: execution, samples: samples)
    ])
    guard case .committed = outcomes.first else {
      throw StorageError(.invalid, "It was not committed: \(outcomes).")
    }
  }
}

/// What a store answers to every question, to be compared.
struct Answers: Equatable {
  var models: [Model]
  var hardware: [HardwareProfile]
  var engines: [Engine]
  var prices: [PriceEntry]
  var configurations: [BenchmarkDomain.Configuration]
  var results: [ConfigurationResult]
  var runs: [Run]
  var batches: [Batch]
  var failures: [BatchFailures]
  var executions: [Execution]
  var segments: [Segment?]
  var samples: [[RequestSample]]
  var commits: [[RunCommit]]
  var agents: [AgentRecord]
  var dataVersion: Int64
  var leased: [Batch]
  var awaiting: [Execution]

  init(of store: any WholeStore) async throws {
    let page = PageRequest(size: 1000, token: "")
    models = try await store.models(kind: nil, page: page).items
    hardware = try await store.hardware(page: page).items
    engines = try await store.engines(page: page).items
    prices = try await store.prices(hardwareID: nil, modelID: nil, basis: nil, page: page).items
    configurations = try await store.configurations(
      filter: ConfigurationFilter(), order: ListOrder(), page: page
    ).items
    results = try await store.results(ResultQuery(), page: page).items
    runs = try await store.runs(state: nil, page: page).items
    (batches, failures, executions, segments, samples, commits) = ([], [], [], [], [], [])
    for run in runs {
      batches += try await store.batches(runID: run.id)
      failures += try await store.failures(runID: run.id)
      commits.append(try await store.commits(runID: run.id, after: 0, limit: 1000))
      for place in 0..<2 {
        let id = "\(run.id)-b0-e\(place)"
        guard let execution = try await store.execution(id) else { continue }
        executions.append(execution)
        segments.append(try await store.segment(0, of: id))
        samples.append(try await store.samples(executionID: id))
      }
    }
    agents = try await store.agents(page: page).items
    dataVersion = try await store.dataVersion()
    leased = try await store.leasedBatches(agentID: "agent")
    awaiting = try await store.executionsAwaitingResult()
  }
}

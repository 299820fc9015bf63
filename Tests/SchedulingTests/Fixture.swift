import BenchmarkDomain
import Scheduling

/// A run of one configuration and four requests at second 1,000.
enum Fixture {
  static let inventory = AgentInventory(
    hostName: "h", agentVersion: "0", hardwareIDs: ["h100-80gb-x1"], engineIDs: ["vllm"])

  static let configuration = Configuration(
    modelID: "m", hardwareID: "h100-80gb-x1", engineID: "vllm", quantizationID: "fp16",
    workload: Workload(inputTokens: 8, outputTokens: 8, concurrency: 1))

  static func aggregate(committed: [Int] = []) -> BatchAggregate {
    let now = WallTime(seconds: 1_000)
    let run = Run(
      id: "r", name: "r", requestID: nil, requestsPerConfiguration: 4, warmupRequests: 0, seed: 1,
      configurationCount: 1, infeasibleCount: 0, batchCount: 1, createdAt: now)
    let batch = Batch(
      id: "b", runID: "r", index: 0, modelID: "m", hardwareID: "h100-80gb-x1", engineID: "vllm",
      quantizationID: "fp16", configurationCount: 1)
    var execution = Execution(
      id: "e", runID: "r", batchID: "b", index: 0, configuration: configuration, requestCount: 4)
    for index in committed { _ = execution.committed.insert(index) }
    return BatchAggregate(run: run, batch: batch, executions: [execution], now: now)
  }

  static func at(_ second: Int64, _ state: BatchAggregate) -> BatchAggregate {
    BatchAggregate(
      run: state.run, batch: state.batch, executions: state.executions,
      now: WallTime(seconds: second))
  }

  static func begin(
    _ state: inout BatchAggregate, segment: UInt32, simulated: Bool = false,
    version: String = "1", revision: String = "x"
  ) throws {
    try ExecutionRules.begin(
      &state,
      Segment(
        executionID: "e", number: segment, agentID: "a", wallClockAnchor: WallTime(seconds: 999)),
      engineVersion: version, modelRevision: revision, isSimulated: simulated)
  }

  static func result(of execution: Execution) -> BenchmarkResult {
    BenchmarkResult(
      id: execution.id, configurationID: execution.configuration.id, runID: execution.runID,
      provenance: Provenance(kind: .measured, tool: "benchfront", toolVersion: "0", source: "e"),
      measuredAt: nil, requestCount: 4, errorCount: 0, measurements: [])
  }
}

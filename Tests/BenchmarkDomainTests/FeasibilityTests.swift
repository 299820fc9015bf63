import BenchmarkDomain
import Testing

@Suite struct FeasibilityTests {
  private let gib: Int64 = 1_073_741_824

  /// 8 * 10^9 parameters, and a KV cache of 2 * 32 * 8 * 128 * 2 = 131,072 bytes a token.
  private var model: Model {
    Model(
      id: "m", parameterCount: 8_000_000_000, layerCount: 32, keyValueHeadCount: 8,
      headDimension: 128, contextLength: 8_192)
  }

  private func reason(
    memory: Int64, count: Int32 = 1, quantization: String = "fp16",
    workload: Workload = Workload(inputTokens: 1_000, outputTokens: 24, concurrency: 1),
    model: Model? = nil, engine: Engine? = nil
  ) -> InfeasibilityReason? {
    let hardware = HardwareProfile(
      id: "h", accelerator: "X", acceleratorCount: count, memoryBytes: memory)
    let feasibility = Feasibility(
      models: [model ?? self.model], hardware: [hardware],
      engines: [engine ?? Engine(id: "e", displayName: "E", quantizationIDs: [])])
    let stem = MatrixStem(
      modelID: "m", hardwareID: "h", engineID: "e", quantizationID: quantization)
    return feasibility.reason(against: MatrixPoint(stem: stem, workload: workload))
  }

  @Test("weights may take 0.9 of the memory and not a byte more") func weights() {
    // 16 * 10^9 bytes of weights and 1,024 tokens of cache: 134,217,728 bytes.
    let need = 16_000_000_000.0 + 134_217_728
    let enough = Int64((need / 0.9).rounded(.up))
    #expect(reason(memory: enough) == nil)
    #expect(reason(memory: enough - 10) == .kvCacheDoesNotFit)
    #expect(reason(memory: Int64(16_000_000_000 / 0.9) - 10) == .weightsDoNotFit)
  }

  @Test("fewer bits and more accelerators make room") func bitsAndAccelerators() {
    #expect(reason(memory: 10 * gib) == .weightsDoNotFit)
    #expect(reason(memory: 10 * gib, quantization: "int8") == nil)
    #expect(reason(memory: 10 * gib, count: 2) == nil)
    #expect(reason(memory: 5 * gib, quantization: "int4") == nil)
  }

  @Test("the KV cache counts requests in flight, or the batch where that is smaller")
  func keyValueCache() {
    var workload = Workload(inputTokens: 3_072, outputTokens: 1_024, concurrency: 64)
    // 64 * 4,096 tokens of 131,072 bytes are 32 GiB.
    #expect(reason(memory: 40 * gib, workload: workload) == .kvCacheDoesNotFit)
    workload.maxBatch = 16
    #expect(reason(memory: 40 * gib, workload: workload) == nil)
    workload.maxBatch = 128
    #expect(reason(memory: 40 * gib, workload: workload) == .kvCacheDoesNotFit)
  }

  @Test("prompt and answer may fill the context exactly") func context() {
    let full = Workload(inputTokens: 8_000, outputTokens: 192, concurrency: 1)
    #expect(reason(memory: 80 * gib, workload: full) == nil)
    let over = Workload(inputTokens: 8_000, outputTokens: 193, concurrency: 1)
    #expect(reason(memory: 80 * gib, workload: over) == .contextTooLong)
  }

  @Test("an engine serves what it lists, and anything when it lists nothing") func engines() {
    let engine = Engine(id: "e", displayName: "E", quantizationIDs: ["fp16"])
    #expect(reason(memory: 80 * gib, engine: engine) == nil)
    #expect(
      reason(memory: 80 * gib, quantization: "int8", engine: engine) == .unsupportedQuantization)
    #expect(reason(memory: 80 * gib, quantization: "int8") == nil)
  }

  @Test("a hosted model cannot run") func hosted() {
    #expect(reason(memory: 80 * gib, model: Model(id: "m", kind: .hosted)) == .hostedModel)
  }

  @Test("what is unknown is no reason") func unknown() {
    #expect(reason(memory: 1, model: Model(id: "m")) == nil)
    #expect(reason(memory: 0) == nil)
    #expect(reason(memory: 1, quantization: "from-the-future") == nil)
    #expect(reason(memory: 1, model: Model(id: "another")) == nil)
  }

  @Test("the seed knows that 70B in FP16 needs more than two H100") func seed() throws {
    let feasibility = Feasibility(
      models: SeedCatalog.models, hardware: SeedCatalog.hardware, engines: SeedCatalog.engines)
    func reason(_ hardware: String, _ quantization: String) -> InfeasibilityReason? {
      let stem = MatrixStem(
        modelID: "meta-llama/Llama-3.1-70B-Instruct", hardwareID: hardware, engineID: "vllm",
        quantizationID: quantization)
      let workload = Workload(inputTokens: 256, outputTokens: 256, concurrency: 1)
      return feasibility.reason(against: MatrixPoint(stem: stem, workload: workload))
    }
    // 141.1 GB of weights against 0.9 * 2 * 80 GiB = 154.6 GB, and 77.3 GB of one.
    #expect(reason("h100-80gb-x1", "fp16") == .weightsDoNotFit)
    #expect(reason("h100-80gb-x2", "fp16") == nil)
    #expect(reason("h100-80gb-x1", "int8") == nil)
    #expect(reason("l4-x1", "int4") == .weightsDoNotFit)
  }

  @Test("a preview counts, groups the reasons with an example, and creates nothing")
  func preview() throws {
    let feasibility = Feasibility(
      models: SeedCatalog.models, hardware: SeedCatalog.hardware, engines: SeedCatalog.engines)
    let matrix = Matrix.standard(modelIDs: ["meta-llama/Llama-3.1-70B-Instruct"])
    let preview = try matrix.preview(feasibility, sampleSize: 3)
    let feasible = try matrix.points().filter { feasibility.reason(against: $0) == nil }
      .map(\.configuration)
    #expect(preview.configurationCount == 10_368)
    #expect(preview.feasibleCount == Int64(feasible.count))
    #expect(preview.batchCount == Int64(Matrix.batches(feasible).count))
    #expect(preview.samples == Array(feasible.prefix(3)))
    #expect(
      preview.feasibleCount + preview.infeasible.reduce(0) { $0 + $1.count } == 10_368)
    let weights = try #require(preview.infeasible.first { $0.reason == .weightsDoNotFit })
    #expect(weights.example.hardwareID == "l4-x1")
    #expect(
      weights.explanation
        == "weights of 131.4 GiB exceed the usable 21.6 GiB of l4-x1 (0.9 of its memory)")
  }
}

import BenchmarkDomain
import Testing

@Suite struct MatrixExpansionTests {
  @Test("the standard matrix makes at least 9,000 configurations for one model")
  func standardMatrix() throws {
    let matrix = Matrix.standard(modelIDs: ["meta-llama/Llama-3.1-8B-Instruct"])
    #expect(try matrix.configurationCount() == 10_368)
    let ids = Set(try matrix.configurations().map(\.id))
    #expect(ids.count == 10_368)
  }

  @Test("combinations come in the documented order, the batch fastest") func order() throws {
    var matrix = small()
    matrix.workloads[0].maxBatch = [4, 8]
    let points = Array(try matrix.points())
    #expect(points.count == 2 * 2 * 2 * 2)
    #expect(points[0].stem.quantizationID == "fp16")
    #expect(points[0].workload.maxBatch == 4)
    #expect(points[1].workload.maxBatch == 8)
    #expect(points[2].workload.concurrency == 2)
    #expect(points[4].stem.quantizationID == "int8")
    #expect(points[8].stem.hardwareID == "l4-x2")
    #expect(Array(try matrix.points()) == points)
  }

  @Test("a configuration that matches every list of a rule is left out") func excludes() throws {
    var matrix = small()
    var rule = MatrixRule()
    rule.hardwareIDs = ["l4-x2"]
    rule.concurrency = [2]
    matrix.exclude = [rule]
    let points = Array(try matrix.points())
    #expect(points.count == 6)
    #expect(!points.contains { $0.stem.hardwareID == "l4-x2" && $0.workload.concurrency == 2 })
    #expect(try matrix.configurationCount() == 6)
    matrix.exclude[0].concurrency = []
    #expect(try matrix.configurationCount() == 4)
  }

  @Test("included products come behind the exclusions and take the matrix's values")
  func includes() throws {
    var matrix = small()
    var everything = MatrixRule()
    everything.engineIDs = ["vllm"]
    matrix.exclude = [everything]
    #expect(try matrix.configurationCount() == 0)
    var rule = MatrixRule()
    rule.hardwareIDs = ["h100-80gb-x1"]
    rule.concurrency = [256]
    matrix.include = [rule]
    let points = Array(try matrix.points())
    #expect(points.map(\.stem.quantizationID) == ["fp16", "int8"])
    #expect(points.allSatisfy { $0.stem.hardwareID == "h100-80gb-x1" })
    #expect(points.allSatisfy { $0.workload.concurrency == 256 })
    #expect(points.allSatisfy { $0.workload.inputTokens == 64 })
  }

  @Test("an included configuration that was excluded stands once") func includesExcluded() throws {
    var matrix = small()
    var rule = MatrixRule()
    rule.concurrency = [2]
    matrix.exclude = [rule]
    matrix.include = [rule, rule]
    let points = Array(try matrix.points())
    #expect(points.count == 8)
    #expect(Set(points).count == 8)
    #expect(points.suffix(4).allSatisfy { $0.workload.concurrency == 2 })
  }

  @Test("repeated values and overlapping patterns make no duplicates") func duplicates() throws {
    var matrix = small()
    matrix.quantizationIDs = ["fp16", "int8", "fp16"]
    matrix.workloads.append(
      WorkloadPattern(
        name: "again", inputTokens: [64, 64], outputTokens: [32], concurrency: [2, 3, 2]))
    let points = Array(try matrix.points())
    #expect(points.count == 2 * 2 * 3)
    #expect(Set(points).count == points.count)
    #expect(try matrix.configurationCount() == points.count)
  }

  @Test("10^12 combinations are refused before expanding") func tooLarge() throws {
    var matrix = small()
    matrix.workloads = [
      WorkloadPattern(
        name: "huge", inputTokens: Array(1...10_000), outputTokens: Array(1...10_000),
        concurrency: Array(1...10_000))
    ]
    let error = try refusal(matrix)
    #expect(error.code == .tooLarge)
    #expect(throws: MatrixError.self) { _ = try matrix.points() }
  }

  @Test("a product that overflows 64 bits is refused, not wrapped") func overflow() throws {
    var matrix = small()
    let many = Array(Int32(1)...70_000)
    matrix.workloads = [
      WorkloadPattern(
        name: "overflow", inputTokens: many, outputTokens: many, concurrency: many, maxBatch: many)
    ]
    #expect(try refusal(matrix).code == .tooLarge)
  }

  @Test("empty dimensions are refused by name") func emptyDimensions() throws {
    for (field, change) in [
      ("models", { $0.modelIDs = [] }), ("hardware", { $0.hardwareIDs = [] }),
      ("engines", { $0.engineIDs = [] }), ("quantizations", { $0.quantizationIDs = [] }),
      ("workloads", { $0.workloads = [] }),
      ("workloads[0].input_tokens", { $0.workloads[0].inputTokens = [] }),
      ("workloads[0].concurrency", { $0.workloads[0].concurrency = [] }),
      ("exclude[0]", { $0.exclude = [MatrixRule()] }),
    ] as [(String, (inout Matrix) -> Void)] {
      var matrix = small()
      change(&matrix)
      let error = try refusal(matrix)
      #expect(error.code == .emptyDimension)
      #expect(error.field == field)
    }
  }

  @Test("numbers that are not positive are refused by place") func badNumbers() throws {
    var matrix = small()
    matrix.workloads[0].concurrency = [1, 0]
    #expect(try refusal(matrix).field == "workloads[0].concurrency[1]")
    matrix = small()
    matrix.workloads[0].outputTokens = [-5]
    #expect(try refusal(matrix).code == .outOfRange)
    matrix = small()
    matrix.workloads[0].maxBatch = [-1]
    #expect(try refusal(matrix).field == "workloads[0].max_batch[0]")
  }

  @Test("an unknown quantization is refused with the known ones") func unknownQuantization() throws
  {
    var matrix = small()
    matrix.quantizationIDs = ["fp16", "int3"]
    let error = try refusal(matrix)
    #expect(error.code == .unknownReference)
    #expect(error.message.contains("int3"))
    #expect(error.message.contains("q4_k_m"))
  }

  @Test("names that the catalog does not have are refused") func unknownReferences() throws {
    let known = MatrixReferences(
      modelIDs: ["m"], hardwareIDs: ["l4-x1", "l4-x2"], engineIDs: ["vllm"])
    try small().validate(against: known)
    var matrix = small()
    matrix.engineIDs = ["vllm", "vlm"]
    let error = try #require(throws: MatrixError.self) { try matrix.validate(against: known) }
    #expect(error.description == "engines[1]: unknown engine \"vlm\"; registered are vllm")
  }

  private func refusal(_ matrix: Matrix) throws -> MatrixError {
    try #require(throws: MatrixError.self) { try matrix.validate() }
  }
}

/// Eight configurations.
func small() -> Matrix {
  Matrix(
    name: "small", modelIDs: ["m"], hardwareIDs: ["l4-x1", "l4-x2"], engineIDs: ["vllm"],
    quantizationIDs: ["fp16", "int8"],
    workloads: [
      WorkloadPattern(name: "chat", inputTokens: [64], outputTokens: [32], concurrency: [1, 2])
    ])
}

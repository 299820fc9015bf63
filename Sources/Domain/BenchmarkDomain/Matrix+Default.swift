extension Matrix {
  /// The matrix that stands for a full measurement of models: L4, A100-80GB and H100-80GB as 1, 2,
  /// 4 and 8 accelerators; vLLM, TGI and LMDeploy; FP16, INT8 and INT4; four patterns of use at
  /// eight concurrencies and three largest batches.
  ///
  /// That is 12 * 3 * 3 * 4 * 8 * 3 = 10,368 configurations a model, before feasibility.
  package static func standard(modelIDs: [String], name: String = "standard") -> Matrix {
    let accelerators = ["l4", "a100-80gb", "h100-80gb"]
    let patterns: [(String, Int32, Int32)] = [
      ("chat", 256, 256), ("summarization", 4096, 256), ("generation", 256, 1024),
      ("code", 1024, 512),
    ]
    return Matrix(
      name: name, modelIDs: modelIDs,
      hardwareIDs: accelerators.flatMap { id in [1, 2, 4, 8].map { "\(id)-x\($0)" } },
      engineIDs: ["vllm", "tgi", "lmdeploy"], quantizationIDs: ["fp16", "int8", "int4"],
      workloads: patterns.map { name, input, output in
        WorkloadPattern(
          name: name, inputTokens: [input], outputTokens: [output],
          concurrency: [1, 2, 4, 8, 16, 32, 64, 128], maxBatch: [32, 64, 256])
      })
  }
}

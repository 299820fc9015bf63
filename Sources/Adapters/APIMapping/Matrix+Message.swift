package import APIBindings
package import BenchmarkDomain

/// What a workload's figure may be in a matrix.
private let workloadRange = 1...BenchmarkDomain.Matrix.maximumWorkloadValue
private let batchRange = 0...BenchmarkDomain.Matrix.maximumWorkloadValue

extension APIBindings.WorkloadPattern {
  package init(_ pattern: BenchmarkDomain.WorkloadPattern) {
    self.init(
      name: pattern.name, inputTokens: pattern.inputTokens, outputTokens: pattern.outputTokens,
      concurrency: pattern.concurrency, maxBatch: pattern.maxBatch)
  }
}

extension BenchmarkDomain.WorkloadPattern: MessageReadable {
  package init(reading message: APIBindings.WorkloadPattern) throws(InvalidField) {
    self.init(
      name: try APIMapping.name(message.name, "name"),
      inputTokens: try numbers(message.inputTokens, "input_tokens", in: workloadRange),
      outputTokens: try numbers(message.outputTokens, "output_tokens", in: workloadRange),
      concurrency: try numbers(message.concurrency, "concurrency", in: workloadRange),
      maxBatch: try numbers(message.maxBatch, "max_batch", in: batchRange))
  }
}

extension APIBindings.MatrixRule {
  package init(_ rule: BenchmarkDomain.MatrixRule) {
    self.init(
      modelIds: rule.modelIDs, hardwareIds: rule.hardwareIDs, engineIds: rule.engineIDs,
      quantizationIds: rule.quantizationIDs, inputTokens: rule.inputTokens,
      outputTokens: rule.outputTokens, concurrency: rule.concurrency, maxBatch: rule.maxBatch)
  }
}

extension BenchmarkDomain.MatrixRule: MessageReadable {
  package init(reading message: APIBindings.MatrixRule) throws(InvalidField) {
    self.init()
    modelIDs = try ids(message.modelIds, "model_ids")
    hardwareIDs = try ids(message.hardwareIds, "hardware_ids")
    engineIDs = try ids(message.engineIds, "engine_ids")
    quantizationIDs = try ids(message.quantizationIds, "quantization_ids")
    inputTokens = try numbers(message.inputTokens, "input_tokens", in: workloadRange)
    outputTokens = try numbers(message.outputTokens, "output_tokens", in: workloadRange)
    concurrency = try numbers(message.concurrency, "concurrency", in: workloadRange)
    maxBatch = try numbers(message.maxBatch, "max_batch", in: batchRange)
  }
}

extension APIBindings.Matrix {
  package init(_ matrix: BenchmarkDomain.Matrix) {
    self.init(
      name: matrix.name, modelIds: matrix.modelIDs, hardwareIds: matrix.hardwareIDs,
      engineIds: matrix.engineIDs, quantizationIds: matrix.quantizationIDs,
      workloads: matrix.workloads.map { WorkloadPattern($0) },
      exclude: matrix.exclude.map { MatrixRule($0) },
      include: matrix.include.map { MatrixRule($0) })
  }
}

extension BenchmarkDomain.Matrix: MessageReadable {
  /// Checks each value; whether the whole makes sense says `Matrix.validate`.
  package init(reading message: APIBindings.Matrix) throws(InvalidField) {
    self.init(
      name: try APIMapping.name(message.name, "name", limit: TextRule.longestID),
      modelIDs: try ids(message.modelIds, "model_ids"),
      hardwareIDs: try ids(message.hardwareIds, "hardware_ids"),
      engineIDs: try ids(message.engineIds, "engine_ids"),
      quantizationIDs: try ids(message.quantizationIds, "quantization_ids"),
      workloads: try list(message.workloads, "workloads", limit: Self.maximumPatterns),
      exclude: try list(message.exclude, "exclude", limit: Self.maximumExclusions),
      include: try list(message.include, "include", limit: Self.maximumInclusions))
  }
}

extension APIBindings.InfeasibleGroup {
  package init(_ group: BenchmarkDomain.InfeasibleGroup) {
    self.init(
      reason: group.reason.wire, description: group.explanation, count: group.count,
      example: Configuration(group.example))
  }
}

extension PreviewMatrixResponse {
  package init(_ preview: MatrixPreview) {
    self.init(
      configurationCount: preview.configurationCount, feasibleCount: preview.feasibleCount,
      batchCount: preview.batchCount, infeasible: preview.infeasible.map { InfeasibleGroup($0) },
      samples: preview.samples.map { Configuration($0) })
  }
}

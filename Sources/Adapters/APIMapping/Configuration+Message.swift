package import APIBindings
package import BenchmarkDomain

extension APIBindings.Workload {
  package init(_ workload: BenchmarkDomain.Workload) {
    self.init(
      inputTokens: workload.inputTokens, outputTokens: workload.outputTokens,
      concurrency: workload.concurrency, maxBatch: workload.maxBatch)
  }
}

extension BenchmarkDomain.Workload: MessageReadable {
  package init(reading message: APIBindings.Workload) throws(InvalidField) {
    let range = 1...BenchmarkDomain.Matrix.maximumWorkloadValue
    self.init(
      inputTokens: try number(message.inputTokens, "input_tokens", in: range),
      outputTokens: try number(message.outputTokens, "output_tokens", in: range),
      concurrency: try number(message.concurrency, "concurrency", in: range),
      maxBatch: try number(message.maxBatch, "max_batch", in: 0...range.upperBound))
  }
}

extension APIBindings.Dimension {
  package init(_ dimension: BenchmarkDomain.Dimension) {
    self.init(name: dimension.name, value: dimension.value)
  }
}

extension BenchmarkDomain.Dimension: MessageReadable {
  package init(reading message: APIBindings.Dimension) throws(InvalidField) {
    self.init(name: try id(message.name, "name"), value: try id(message.value, "value"))
  }
}

extension APIBindings.Configuration {
  package init(_ configuration: BenchmarkDomain.Configuration) {
    self.init(
      id: configuration.id.description, modelId: configuration.modelID,
      hardwareId: configuration.hardwareID, engineId: configuration.engineID,
      quantizationId: configuration.quantizationID, workload: Workload(configuration.workload),
      extraDimensions: configuration.extraDimensions.map { Dimension($0) })
  }
}

extension BenchmarkDomain.Configuration: MessageReadable {
  /// The id is computed from the dimensions; one that is given must be the same.
  package init(reading message: APIBindings.Configuration) throws(InvalidField) {
    let dimensions: [BenchmarkDomain.Dimension] = try list(
      message.extraDimensions, "extra_dimensions", limit: 100)
    guard Set(dimensions.map(\.name)).count == dimensions.count else {
      throw InvalidField("extra_dimensions", "must not name a dimension twice")
    }
    self.init(
      modelID: try APIMapping.id(message.modelId, "model_id"),
      hardwareID: try APIMapping.id(message.hardwareId, "hardware_id"),
      engineID: try APIMapping.id(message.engineId, "engine_id"),
      quantizationID: try APIMapping.id(message.quantizationId, "quantization_id"),
      workload: try required(message.workload, "workload"), extraDimensions: dimensions)
    guard message.id.isEmpty || ConfigurationID(message.id) == id else {
      throw InvalidField("id", "must be \(id), which the dimensions make")
    }
  }
}

extension APIBindings.ConfigurationFilter {
  package init(_ filter: BenchmarkDomain.ConfigurationFilter) {
    self.init(
      modelIds: filter.modelIDs, hardwareIds: filter.hardwareIDs,
      accelerators: filter.accelerators, engineIds: filter.engineIDs,
      quantizationIds: filter.quantizationIDs, minInputTokens: filter.minInputTokens,
      maxInputTokens: filter.maxInputTokens, minOutputTokens: filter.minOutputTokens,
      maxOutputTokens: filter.maxOutputTokens, minConcurrency: filter.minConcurrency,
      maxConcurrency: filter.maxConcurrency)
  }
}

extension BenchmarkDomain.ConfigurationFilter: MessageReadable {
  package static var whenAbsent: Self? { Self() }

  package init(reading message: APIBindings.ConfigurationFilter) throws(InvalidField) {
    self.init()
    modelIDs = try ids(message.modelIds, "model_ids")
    hardwareIDs = try ids(message.hardwareIds, "hardware_ids")
    accelerators = try ids(message.accelerators, "accelerators")
    engineIDs = try ids(message.engineIds, "engine_ids")
    quantizationIDs = try ids(message.quantizationIds, "quantization_ids")
    (minInputTokens, maxInputTokens) = try Self.range(
      message.minInputTokens, message.maxInputTokens, "input_tokens")
    (minOutputTokens, maxOutputTokens) = try Self.range(
      message.minOutputTokens, message.maxOutputTokens, "output_tokens")
    (minConcurrency, maxConcurrency) = try Self.range(
      message.minConcurrency, message.maxConcurrency, "concurrency")
  }

  private static func range(
    _ low: Int32, _ high: Int32, _ field: String
  ) throws(InvalidField) -> (Int32, Int32) {
    _ = try count(low, "min_\(field)")
    _ = try count(high, "max_\(field)")
    guard high == 0 || low <= high else {
      throw InvalidField("min_\(field)", "must not be above max_\(field)")
    }
    return (low, high)
  }
}

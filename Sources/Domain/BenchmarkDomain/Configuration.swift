/// How requests arrive and how large they are.
package struct Workload: Sendable, Hashable {
  /// Tokens of a prompt, at least 1.
  package var inputTokens: Int32
  /// Tokens of an answer, at least 1.
  package var outputTokens: Int32
  /// Requests kept in flight (closed loop), at least 1.
  package var concurrency: Int32
  /// Largest batch that the engine may form; 0 for the engine's own default.
  package var maxBatch: Int32

  /// Makes a workload.
  package init(inputTokens: Int32, outputTokens: Int32, concurrency: Int32, maxBatch: Int32 = 0) {
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.concurrency = concurrency
    self.maxBatch = maxBatch
  }
}

/// A further dimension of a configuration.
package struct Dimension: Sendable, Hashable {
  /// Name, e.g. "pipeline_parallel".
  package var name: String
  /// Value in canonical text.
  package var value: String

  /// Makes a dimension.
  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// One point of the matrix: what is measured under one id for ever.
package struct Configuration: Sendable, Hashable {
  /// Hash of the dimension values; see `ConfigurationID`.
  package let id: ConfigurationID
  /// The model's id.
  package let modelID: String
  /// The hardware profile's id.
  package let hardwareID: String
  /// The engine's id.
  package let engineID: String
  /// The quantization's id.
  package let quantizationID: String
  /// What is asked of it.
  package let workload: Workload
  /// Further dimensions, ordered by name, none at its default.
  package let extraDimensions: [Dimension]

  /// Makes a configuration and its id; orders the further dimensions by name.
  package init(
    modelID: String, hardwareID: String, engineID: String, quantizationID: String,
    workload: Workload, extraDimensions: [Dimension] = []
  ) {
    let ordered =
      extraDimensions.count < 2
      ? extraDimensions : extraDimensions.sorted { $0.name < $1.name }
    self.modelID = modelID
    self.hardwareID = hardwareID
    self.engineID = engineID
    self.quantizationID = quantizationID
    self.workload = workload
    self.extraDimensions = ordered
    self.id = ConfigurationID(
      hashing: modelID, hardwareID, engineID, quantizationID, workload, ordered)
  }
}

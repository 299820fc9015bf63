/// What a batch has in common: what an engine is started with.
package struct MatrixStem: Sendable, Hashable {
  /// The model's id.
  package var modelID: String
  /// The hardware profile's id.
  package var hardwareID: String
  /// The engine's id.
  package var engineID: String
  /// The quantization's id.
  package var quantizationID: String

  /// Makes a stem.
  package init(modelID: String, hardwareID: String, engineID: String, quantizationID: String) {
    self.modelID = modelID
    self.hardwareID = hardwareID
    self.engineID = engineID
    self.quantizationID = quantizationID
  }

  /// Takes a configuration's.
  package init(_ configuration: Configuration) {
    self.init(
      modelID: configuration.modelID, hardwareID: configuration.hardwareID,
      engineID: configuration.engineID, quantizationID: configuration.quantizationID)
  }
}

/// One combination of a matrix, before its id is computed.
package struct MatrixPoint: Sendable, Hashable {
  /// Everything but the workload.
  package var stem: MatrixStem
  /// What is asked of it.
  package var workload: Workload

  /// Makes a point.
  package init(stem: MatrixStem, workload: Workload) {
    self.stem = stem
    self.workload = workload
  }

  /// The configuration with its id.
  package var configuration: Configuration {
    Configuration(
      modelID: stem.modelID, hardwareID: stem.hardwareID, engineID: stem.engineID,
      quantizationID: stem.quantizationID, workload: workload)
  }
}

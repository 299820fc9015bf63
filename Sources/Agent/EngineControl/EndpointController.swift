package import BenchmarkDomain
package import HTTPClient

/// An engine that somebody else runs: it is asked what it is, and never started or stopped.
package struct EndpointController: EngineController {
  private let probe: EngineProbe
  private let modelName: String?

  /// Makes a controller of an endpoint; `modelName` is what to ask for where the engine does not
  /// know the configuration's model by its id.
  package init(client: TransferClient, endpoint: String, modelName: String? = nil) {
    probe = EngineProbe(client: client, endpoint: endpoint)
    self.modelName = modelName
  }

  /// Whether the simulated engine answers there, for the agent's inventory.
  ///
  /// Throws `EngineError` when nobody does.
  package func isSimulated() async throws -> Bool { try await probe.ask().isSimulated }

  /// Asks the endpoint. Throws `EngineError`.
  ///
  /// The weights' revision stays unknown: an endpoint does not tell it.
  package func start(for configuration: Configuration) async throws -> RunningEngine {
    let answer = try await probe.ask()
    return RunningEngine(
      endpoint: EngineProbe.base(of: probe.endpoint),
      modelName: try name(for: configuration, among: answer), version: answer.version,
      modelRevision: "", isSimulated: answer.isSimulated,
      headers: answer.isSimulated ? Self.headers(for: configuration) : [])
  }

  /// Leaves the engine as it is.
  package func stop() async {}

  private func name(
    for configuration: Configuration, among answer: EngineProbe.Answer
  ) throws(EngineError) -> String {
    if answer.isSimulated { return configuration.modelID }
    let wanted = modelName ?? configuration.modelID
    if answer.models.contains(wanted) { return wanted }
    let listed = answer.models.joined(separator: ", ")
    throw EngineError(
      .unsuitable,
      "\(probe.endpoint) serves \(listed.isEmpty ? "no model" : listed), not \(wanted): "
        + "name the one that is meant")
  }

  /// What the simulated engine's model of time wants to know.
  static func headers(for configuration: Configuration) -> [TransferRequest.Header] {
    var headers: [TransferRequest.Header] = [
      .init("x-benchfront-quantization", configuration.quantizationID),
      .init("x-benchfront-hardware", configuration.hardwareID),
    ]
    if configuration.workload.maxBatch > 0 {
      headers.append(.init("x-benchfront-max-batch", "\(configuration.workload.maxBatch)"))
    }
    return headers
  }
}

package import GRPC
package import LoadGenerator

/// Where the agent finds its engine.
package enum EngineSource: Sendable, Hashable {
  /// It runs already; `modelName` is what it calls the model, when not by its id.
  case endpoint(String, modelName: String?)
  /// The agent starts llama.cpp's server with GGUF files of a folder; see `ModelFolder`.
  case llamaServer(binary: String, weights: String)
}

/// Everything that an agent is told.
package struct AgentSettings: Sendable {
  /// Address of the server, or of several.
  package var server: String
  /// Folder of what is measured and not acknowledged.
  package var spoolFolder: String
  /// Engine that it drives.
  package var engineID: String
  /// Where that engine is.
  package var source: EngineSource
  /// Hardware profiles that it is.
  package var hardwareIDs: [String]
  /// Models that it serves; empty for any.
  package var modelIDs: [String]
  /// Quantizations that it serves; empty for any.
  package var quantizationIDs: [String]
  /// Interface that it drives.
  package var api: CompletionAPI
  /// How long a request may take before it counts as timed out.
  package var requestTimeout: Duration
  /// How several servers are used.
  package var loadBalancing: LoadBalancing
  /// Encrypts the way to the server; nil for cleartext.
  package var tls: ClientTLS?
  /// What proves the agent to the server; nil where the server asks nobody.
  package var token: String?

  /// Makes settings.
  package init(
    server: String, spoolFolder: String, engineID: String, source: EngineSource,
    hardwareIDs: [String], modelIDs: [String], quantizationIDs: [String], api: CompletionAPI,
    requestTimeout: Duration = .seconds(300), loadBalancing: LoadBalancing = .pickFirst,
    tls: ClientTLS? = nil,
    token: String? = nil
  ) {
    self.server = server
    self.spoolFolder = spoolFolder
    self.engineID = engineID
    self.source = source
    self.hardwareIDs = hardwareIDs
    self.modelIDs = modelIDs
    self.quantizationIDs = quantizationIDs
    self.api = api
    self.requestTimeout = requestTimeout
    self.loadBalancing = loadBalancing
    self.tls = tls
    self.token = token
  }
}

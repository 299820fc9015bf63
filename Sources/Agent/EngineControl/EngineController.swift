package import BenchmarkDomain
package import HTTPClient

/// An engine that answers.
package struct RunningEngine: Sendable, Hashable {
  /// Base address, e.g. "http://127.0.0.1:8080".
  package var endpoint: String
  /// The model's name as the engine knows it.
  package var modelName: String
  /// Its own version as it says, e.g. "llama.cpp b0-0c1e57098"; empty when it does not.
  package var version: String
  /// Digest or commit of the weights, e.g. "sha256:..."; empty when nobody can tell.
  package var modelRevision: String
  /// True when it is the simulated one: what is measured on it is marked so.
  package var isSimulated: Bool
  /// Header fields that each request carries.
  package var headers: [TransferRequest.Header]

  /// Makes a description.
  package init(
    endpoint: String, modelName: String, version: String, modelRevision: String,
    isSimulated: Bool, headers: [TransferRequest.Header] = []
  ) {
    self.endpoint = endpoint
    self.modelName = modelName
    self.version = version
    self.modelRevision = modelRevision
    self.isSimulated = isSimulated
    self.headers = headers
  }
}

/// Gets the engine that a configuration needs.
package protocol EngineController: Sendable {
  /// Sees to it that the engine answers; one that runs already and fits is kept.
  ///
  /// Throws `EngineError`.
  func start(for configuration: Configuration) async throws -> RunningEngine

  /// Ends what `start` has started; does nothing otherwise.
  func stop() async
}

/// Why there is no engine.
package struct EngineError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is.
  package enum Code: Sendable, Hashable {
    /// Nobody answers at the endpoint.
    case unreachable
    /// It does not serve what the configuration needs.
    case unsuitable
    /// Its program or its weights are not there, or cannot be executed.
    case missing
    /// It ended while it was starting.
    case crashed
    /// It did not become ready in time.
    case notReady
  }

  /// What kind of failure it is.
  package let code: Code
  /// One plain sentence; after a crash the log's last lines follow it.
  package let message: String

  /// Makes an error.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The sentence.
  package var description: String { message }
}

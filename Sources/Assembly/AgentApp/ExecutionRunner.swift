package import BenchmarkDomain

/// What is measured against, as it says of itself.
package struct EngineIdentity: Sendable, Hashable {
  /// Version of the engine.
  package var version: String
  /// Resolved commit or digest of the weights.
  package var modelRevision: String
  /// True for the simulated engine.
  package var isSimulated: Bool

  /// Makes an identity.
  package init(version: String, modelRevision: String, isSimulated: Bool) {
    self.version = version
    self.modelRevision = modelRevision
    self.isSimulated = isSimulated
  }
}

/// The requests of one execution that are still to be measured.
package struct MeasuringJob: Sendable, Hashable {
  /// What to measure.
  package var configuration: Configuration
  /// Requests to send, in order.
  package var indices: [Int]
  /// Number of the segment.
  package var segment: UInt32
  /// Requests to send first, outside the figures.
  package var warmupRequests: Int
  /// Seed of the prompts.
  package var seed: UInt64
}

/// Brings an engine up for a configuration and sends requests to it.
package protocol ExecutionRunner: Sendable {
  /// Brings the engine up; throws when the configuration cannot be measured here.
  func prepare(_ configuration: Configuration) async throws -> EngineIdentity
  /// Measures; `onStart` hears the wall clock at the segment's nanosecond 0 before any sample,
  /// `onSample` every finished request. A cancelled task abandons what is in flight.
  func measure(
    _ job: MeasuringJob, onStart: @escaping @Sendable (WallTime) async -> Void,
    onSample: @escaping @Sendable (RequestSample) async -> Void
  ) async throws
  /// Brings the engine down.
  func shutDown() async
}

package import BenchmarkDomain
package import HTTPClient
package import Reactor

/// The OpenAI-compatible interface that is driven.
package enum CompletionAPI: String, Sendable, Hashable, CaseIterable {
  /// `/v1/completions`: the prompt as it is.
  case completions
  /// `/v1/chat/completions`: the prompt in the model's chat template.
  case chat

  /// Path below the endpoint.
  package var path: String { self == .chat ? "/v1/chat/completions" : "/v1/completions" }
}

/// What one segment of an execution sends.
package struct LoadPlan: Sendable {
  /// Base address, e.g. "http://127.0.0.1:8080"; a trailing "/v1" or "/" does not matter.
  package var endpoint: String
  /// Which interface.
  package var api: CompletionAPI
  /// The model's name as the engine knows it.
  package var modelName: String
  /// Lengths and concurrency.
  package var workload: Workload
  /// Requests to measure, in this order.
  package var indices: [UInt32]
  /// Requests to send first and not to report.
  package var warmupCount: Int
  /// Seed of the prompts: the run's, mixed with the configuration's id so that no two
  /// configurations send the same.
  package var promptSeed: UInt64
  /// Segment that the samples belong to.
  package var segment: UInt32
  /// The segment's nanosecond 0.
  package var origin: MonotonicTime
  /// Further header fields, e.g. what the simulated engine wants to know.
  package var headers: [TransferRequest.Header] = []
  /// How long connecting may take.
  package var connectTimeout = Duration.seconds(10)
  /// How long a request may take.
  package var requestTimeout = Duration.seconds(300)
  /// How long nothing may arrive.
  package var idleTimeout = Duration.seconds(60)
  /// Takes a new connection for each request; see `TransferRequest.usesFreshConnection`.
  package var usesFreshConnections = true
  /// Longest answer in bytes.
  package var answerLimitBytes = 67_108_864
  /// Consecutive requests without a connection after which the engine counts as lost.
  package var lostAfterFailures = 16

  /// Makes a plan for a configuration; `warmupRequests` of 0 sends as many as the concurrency.
  package init(
    endpoint: String, api: CompletionAPI, modelName: String, configuration: Configuration,
    indices: [UInt32], warmupRequests: Int32, seed: UInt64, segment: UInt32, origin: MonotonicTime
  ) {
    self.endpoint = endpoint
    self.api = api
    self.modelName = modelName
    self.workload = configuration.workload
    self.indices = indices
    let concurrency = Int(max(1, configuration.workload.concurrency))
    self.warmupCount = warmupRequests > 0 ? Int(warmupRequests) : concurrency
    self.promptSeed = SplitMix64.mix(seed ^ configuration.id.high) ^ configuration.id.low
    self.segment = segment
    self.origin = origin
  }
}

/// What a segment came to.
package struct LoadSummary: Sendable, Hashable {
  /// Reported requests, by how they ended.
  package var outcomes: [RequestOutcome: Int] = [:]
  /// Requests of the warm-up that ended well.
  package var warmupSucceeded = 0
  /// Requests of the warm-up that did not.
  package var warmupFailed = 0
  /// True when it was stopped before every request was reported.
  package var wasStopped = false
  /// The first failure in words, e.g. "HTTP 400: ..."; nil when there was none.
  package var firstFailure: String?

  /// Requests that were reported.
  package var reported: Int { outcomes.values.reduce(0, +) }
}

/// Why a segment could not be measured.
package struct LoadError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure it is.
  package enum Code: Sendable, Hashable {
    /// The plan itself cannot be sent.
    case badPlan
    /// Every request of the warm-up failed; nothing was reported.
    case warmupFailed
    /// The engine can no longer be reached; what was reported stays.
    case engineLost
  }

  /// What kind of failure it is.
  package let code: Code
  /// One plain sentence.
  package let message: String

  /// The sentence.
  package var description: String { message }
}

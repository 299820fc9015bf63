/// Where a run stands.
package enum RunState: String, Sendable, Hashable, CaseIterable {
  /// Nothing of it has been leased.
  case pending
  /// Some of it has been leased.
  case running
  /// Every execution ended, at least one well.
  case completed
  /// Every execution failed.
  case failed
  /// Somebody cancelled it.
  case cancelled

  /// True when nothing follows it.
  package var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
}

/// A run of a matrix.
package struct Run: Sendable, Hashable {
  /// UUID version 7.
  package var id: String
  /// Name for people.
  package var name: String
  /// Id that the caller gave, so that a repeated creation finds it; nil when none.
  package var requestID: String?
  /// Digest of what the caller asked for under `requestID`; nil when none is known.
  package var requestDigest: String?
  /// Where it stands.
  package var state: RunState
  /// Requests measured for each configuration, 1 to 100,000.
  package var requestsPerConfiguration: Int32
  /// Requests sent before the measured ones of each segment; 0 for as many as the concurrency.
  package var warmupRequests: Int32
  /// Seed of the prompts.
  package var seed: UInt64
  /// Configurations in it.
  package var configurationCount: Int64
  /// Configurations whose execution completed.
  package var completedCount: Int64
  /// Configurations whose execution failed.
  package var failedCount: Int64
  /// Configurations of the matrix that were infeasible and are not in it.
  package var infeasibleCount: Int64
  /// Samples committed.
  package var committedSampleCount: Int64
  /// Batches in it.
  package var batchCount: Int32
  /// Number of the newest commit; every commit that touches the run takes the next.
  package var commitNumber: Int64
  /// When it was created.
  package var createdAt: WallTime
  /// When the first batch was leased.
  package var startedAt: WallTime?
  /// When it ended.
  package var endedAt: WallTime?

  /// Makes a pending run.
  package init(
    id: String, name: String, requestID: String?, requestsPerConfiguration: Int32,
    warmupRequests: Int32, seed: UInt64, configurationCount: Int64, infeasibleCount: Int64,
    batchCount: Int32, createdAt: WallTime
  ) {
    self.id = id
    self.name = name
    self.requestID = requestID
    self.requestDigest = nil
    self.state = .pending
    self.requestsPerConfiguration = requestsPerConfiguration
    self.warmupRequests = warmupRequests
    self.seed = seed
    self.configurationCount = configurationCount
    self.completedCount = 0
    self.failedCount = 0
    self.infeasibleCount = infeasibleCount
    self.committedSampleCount = 0
    self.batchCount = batchCount
    self.commitNumber = 0
    self.createdAt = createdAt
    self.startedAt = nil
    self.endedAt = nil
  }
}

/// Where a batch stands.
package enum BatchState: String, Sendable, Hashable, CaseIterable {
  /// Waits for an agent.
  case pending
  /// An agent has it.
  case leased
  /// Every execution in it ended.
  case completed
  /// Its run was cancelled.
  case cancelled
}

/// Up to 100 configurations of one model, hardware profile, engine and quantization.
package struct Batch: Sendable, Hashable {
  /// Id.
  package var id: String
  /// The run's id.
  package var runID: String
  /// Place in the run, from 0.
  package var index: Int32
  /// Where it stands.
  package var state: BatchState
  /// Model that its agent must serve.
  package var modelID: String
  /// Hardware profile that its agent must have.
  package var hardwareID: String
  /// Engine that its agent must drive.
  package var engineID: String
  /// Quantization that its agent must serve.
  package var quantizationID: String
  /// Configurations in it.
  package var configurationCount: Int32
  /// Configurations whose execution ended.
  package var endedCount: Int32
  /// Agent that has it.
  package var agentID: String?
  /// Token of the newest lease; every lease takes the next. 0 before the first.
  package var fencingToken: Int64
  /// When the lease ends unless renewed.
  package var leaseExpiresAt: WallTime?
  /// Row version, for compare-and-set.
  package var version: Int64

  /// Makes a pending batch.
  package init(
    id: String, runID: String, index: Int32, modelID: String, hardwareID: String,
    engineID: String, quantizationID: String, configurationCount: Int32
  ) {
    self.id = id
    self.runID = runID
    self.index = index
    self.state = .pending
    self.modelID = modelID
    self.hardwareID = hardwareID
    self.engineID = engineID
    self.quantizationID = quantizationID
    self.configurationCount = configurationCount
    self.endedCount = 0
    self.agentID = nil
    self.fencingToken = 0
    self.leaseExpiresAt = nil
    self.version = 0
  }
}

/// Where an execution stands.
package enum ExecutionState: String, Sendable, Hashable, CaseIterable {
  /// Waits.
  case pending
  /// An agent measures it.
  case running
  /// All its requests are committed and its result is stored.
  case completed
  /// It could not be measured.
  case failed
  /// Its run was cancelled.
  case cancelled

  /// True when nothing follows it.
  package var isTerminal: Bool { self == .completed || self == .failed || self == .cancelled }
}

/// One attempt at one configuration of one run.
package struct Execution: Sendable, Hashable {
  /// UUID version 7; also the id of its result.
  package var id: String
  /// The run's id.
  package var runID: String
  /// The batch's id.
  package var batchID: String
  /// Place in the batch, from 0.
  package var index: Int32
  /// Attempt, from 1; results read the newest alone.
  package var attempt: Int32
  /// What it measures.
  package var configuration: Configuration
  /// Where it stands.
  package var state: ExecutionState
  /// Requests to measure.
  package var requestCount: Int32
  /// Which requests are committed.
  package var committed: RequestBitmap
  /// Number that the next segment takes.
  package var nextSegment: UInt32
  /// When its first segment began, by the server's clock.
  package var startedAt: WallTime?
  /// When it ended.
  package var endedAt: WallTime?
  /// Version of the engine, as it says.
  package var engineVersion: String
  /// Resolved commit or digest of the weights.
  package var modelRevision: String
  /// True when measured against the simulated engine.
  package var isSimulated: Bool
  /// Why it failed; empty otherwise.
  package var failure: String

  /// Makes a pending execution.
  package init(
    id: String, runID: String, batchID: String, index: Int32, attempt: Int32 = 1,
    configuration: Configuration, requestCount: Int32
  ) {
    self.id = id
    self.runID = runID
    self.batchID = batchID
    self.index = index
    self.attempt = attempt
    self.configuration = configuration
    self.state = .pending
    self.requestCount = requestCount
    self.committed = RequestBitmap(count: Int(requestCount))
    self.nextSegment = 0
    self.startedAt = nil
    self.endedAt = nil
    self.engineVersion = ""
    self.modelRevision = ""
    self.isSimulated = false
    self.failure = ""
  }
}

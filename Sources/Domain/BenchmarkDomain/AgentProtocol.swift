/// What an agent gets with a lease.
package struct GrantedLease: Sendable, Hashable {
  /// The lease.
  package var fence: Fence
  /// The run.
  package var runID: String
  /// Requests measured for each configuration.
  package var requestsPerConfiguration: Int32
  /// Requests sent before the measured ones of each segment; 0 for as many as the concurrency.
  package var warmupRequests: Int32
  /// Seed of the prompts.
  package var seed: UInt64
  /// What is left to do, in order.
  package var items: [WorkItem]
  /// Models of the items, once each.
  package var models: [Model]

  /// Makes a lease.
  package init(
    fence: Fence, runID: String, requestsPerConfiguration: Int32, warmupRequests: Int32,
    seed: UInt64, items: [WorkItem], models: [Model]
  ) {
    self.fence = fence
    self.runID = runID
    self.requestsPerConfiguration = requestsPerConfiguration
    self.warmupRequests = warmupRequests
    self.seed = seed
    self.items = items
    self.models = models
  }
}

/// An execution to run or to go on with.
package struct WorkItem: Sendable, Hashable {
  /// The execution.
  package var executionID: String
  /// What to measure.
  package var configuration: Configuration
  /// Which requests are committed.
  package var committed: RequestBitmap
  /// Number that the next segment takes.
  package var nextSegment: UInt32

  /// Makes an item.
  package init(
    executionID: String, configuration: Configuration, committed: RequestBitmap,
    nextSegment: UInt32
  ) {
    self.executionID = executionID
    self.configuration = configuration
    self.committed = committed
    self.nextSegment = nextSegment
  }
}

/// What an agent says about the segment that it begins.
package struct SegmentStart: Sendable, Hashable {
  /// The execution.
  package var executionID: String
  /// The segment's number.
  package var segment: UInt32
  /// Wall clock at its nanosecond 0.
  package var wallClockAnchor: WallTime
  /// Version of the engine, as it says.
  package var engineVersion: String
  /// Resolved commit or digest of the weights.
  package var modelRevision: String

  /// Makes a start.
  package init(
    executionID: String, segment: UInt32, wallClockAnchor: WallTime, engineVersion: String,
    modelRevision: String
  ) {
    self.executionID = executionID
    self.segment = segment
    self.wallClockAnchor = wallClockAnchor
    self.engineVersion = engineVersion
    self.modelRevision = modelRevision
  }
}

/// What an agent says in its session, in order.
package enum AgentMessage: Sendable, Hashable {
  /// First of all: who it is, what it can run, and which leases it still has work or samples of.
  case hello(agentID: String, inventory: AgentInventory, heldLeases: [Fence])
  /// Asks for a batch.
  case leaseRequest
  /// A segment begins.
  case segmentStarted(Fence, SegmentStart)
  /// An execution cannot be measured.
  case executionFailed(Fence, executionID: String, reason: String)
  /// All samples of an execution went before this message.
  case executionFinished(Fence, executionID: String)
  /// Measured requests, at most 256; `sequence` comes back in the acknowledgement.
  case samples(Fence, executionID: String, sequence: UInt64, [RequestSample])
  /// Nothing new.
  case heartbeat(Fence?)
  /// Gives the lease back; `reason` is empty when all is done.
  case leaseRelease(Fence, reason: String)
}

/// Why a lease is no longer an agent's.
package enum RevocationCode: Int32, Sendable, Hashable {
  /// The run was cancelled; gRPC CANCELLED.
  case cancelled = 1
  /// The token is superseded or the lease ended; gRPC ABORTED.
  case superseded = 10
}

/// What the server says in an agent's session.
package enum ServerMessage: Sendable, Hashable {
  /// Answer to the hello.
  case welcome(
    sessionID: String, sampleCredit: UInt32, leaseDuration: Duration, heartbeatInterval: Duration)
  /// A batch for the agent, or one that it still has.
  case lease(GrantedLease)
  /// There is no batch that fits; ask again after the duration.
  case noWork(retryAfter: Duration)
  /// Samples are committed.
  case acknowledged(executionID: String, sequence: UInt64, commitNumber: Int64)
  /// A lease is no longer the agent's.
  case revoked(Fence, RevocationCode, reason: String)
  /// A heartbeat's echo, with the server's clock.
  case heartbeat(WallTime)
}

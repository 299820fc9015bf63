package import BenchmarkDomain

/// Samples of one execution, to be committed under a lease.
package struct SampleCommit: Sendable {
  /// The lease.
  package var fence: Fence
  /// The execution.
  package var executionID: String
  /// The samples, at most 256.
  package var samples: [RequestSample]

  /// Makes a commit.
  package init(fence: Fence, executionID: String, samples: [RequestSample]) {
    self.fence = fence
    self.executionID = executionID
    self.samples = samples
  }
}

/// What became of a `SampleCommit`.
package enum SampleCommitOutcome: Sendable, Hashable {
  /// They are committed, or were before.
  case committed(runID: String, commitNumber: Int64, newCount: Int, isExecutionFull: Bool)
  /// The lease's token is no longer the newest, or its run has ended; nothing was written.
  case superseded
  /// There is no such execution in that batch, an index is out of range, or the execution has
  /// ended; nothing was written.
  case refused(reason: String)
  /// What is stored of the execution cannot be read or written; nothing was written.
  case failed(StorageError)
}

/// What failed of a batch.
package struct BatchFailures: Sendable, Hashable {
  /// The batch's id.
  package var batchID: String
  /// Executions that failed.
  package var count: Int32
  /// Why the first of them failed, by its place in the batch.
  package var firstReason: String

  /// Makes a count.
  package init(batchID: String, count: Int32, firstReason: String) {
    self.batchID = batchID
    self.count = count
    self.firstReason = firstReason
  }
}

/// How many runs and batches there are.
package struct RunCounts: Sendable, Hashable {
  /// Runs by state; a state that no run is in may be missing.
  package var runs: [RunState: Int]
  /// Batches that wait for an agent.
  package var pendingBatches: Int
  /// Batches that agents have leased.
  package var leasedBatches: Int

  /// Makes counts.
  package init(runs: [RunState: Int], pendingBatches: Int, leasedBatches: Int) {
    (self.runs, self.pendingBatches, self.leasedBatches) = (runs, pendingBatches, leasedBatches)
  }
}

/// Runs, batches, executions, samples and agents. Every call may suspend on I/O and throws
/// `StorageError`.
package protocol RunStore: Sendable {
  /// Stores a run with its batches and executions in one transaction, and its configurations
  /// where they are new. A known `requestID` returns that run and stores nothing; one whose run
  /// has another `requestDigest` is refused with `alreadyExists`.
  func create(_ run: Run, batches: [Batch], executions: [Execution]) async throws -> Run
  /// Returns a run, or nil.
  func run(_ id: String) async throws -> Run?
  /// Lists runs, the newest first.
  func runs(state: RunState?, page: PageRequest) async throws -> Page<Run>
  /// How many there are, for those who watch over the server every few seconds.
  func counts() async throws -> RunCounts
  /// The batches of a run, by index.
  func batches(runID: String) async throws -> [Batch]
  /// What failed of a run's batches, by index; batches without a failure are left out.
  func failures(runID: String) async throws -> [BatchFailures]
  /// Cancels a run with its batches and executions that have not ended; what has ended stays.
  /// `failedPrecondition` when the run has ended otherwise; a cancelled one is returned as it is.
  func cancelRun(_ id: String) async throws -> Run
  /// Pending batches that an agent can run, the oldest run first, at most `limit`.
  func pendingBatches(for inventory: AgentInventory, limit: Int) async throws -> [Batch]
  /// Batches whose lease ended before the store's clock.
  func expiredBatches() async throws -> [Batch]
  /// Batches that an agent has leased.
  func leasedBatches(agentID: String) async throws -> [Batch]
  /// Executions whose requests are all committed and that have no result yet.
  func executionsAwaitingResult() async throws -> [Execution]
  /// Reads a batch, lets a rule change it, and writes what changed, in one transaction: a commit
  /// number for each execution whose state changed, one for the run when it or the batch changed.
  /// `fence` must be the batch's newest lease and not taken back, else `superseded`: a lease past
  /// its end is its agent's until a sweep takes it back. The rule is pure
  /// and may be called again after a conflict; what it throws is thrown and changes nothing.
  func updateBatch<Outcome: Sendable>(
    _ batchID: String, fence: Fence?,
    _ rule: @escaping @Sendable (inout BatchAggregate) throws -> Outcome
  ) async throws -> Outcome
  /// As `updateBatch` without a lease, but never waits behind another writer: nil, and nothing is
  /// changed, while one has the batch or its run, or when there is no such batch.
  func updateFreeBatch<Outcome: Sendable>(
    _ batchID: String, _ rule: @escaping @Sendable (inout BatchAggregate) throws -> Outcome
  ) async throws -> Outcome?
  /// Moves the end of a lease, also of one past its end that nobody has taken back; false when the
  /// token is superseded or the lease was taken back.
  func renewLease(_ fence: Fence, for duration: Duration, agentID: String) async throws -> Bool
  /// Commits samples of many agents in one transaction: fencing token, bitmap, rows, progress
  /// and commit numbers. Duplicates are dropped. Outcomes stand in the order of the commits. One
  /// that meets damage fails alone; what the store itself fails at is thrown, and nothing of the
  /// commits is written.
  func commit(_ commits: [SampleCommit]) async throws -> [SampleCommitOutcome]
  /// Returns an execution, or nil.
  func execution(_ id: String) async throws -> Execution?
  /// Returns a segment of an execution, or nil.
  func segment(_ number: UInt32, of executionID: String) async throws -> Segment?
  /// All samples of an execution, by request index.
  func samples(executionID: String) async throws -> [RequestSample]
  /// A page of samples of an execution, by request index.
  func samples(executionID: String, page: PageRequest) async throws -> Page<RequestSample>
  /// Commits of a run behind a number, in order, at most `limit`. Numbers have no gaps; a first one
  /// that does not follow `number` says that those between are no longer kept.
  func commits(runID: String, after number: Int64, limit: Int) async throws -> [RunCommit]
  /// Forgets the samples of runs that ended before a time, and their commits but the last, in steps
  /// between which other writers have their turn. Runs, executions and results stay. A store that
  /// keeps samples of one time together may keep them until the last of them is as old.
  func dropSamples(ofRunsEndedBefore time: WallTime) async throws
  /// Stores an agent's hello, or that it was heard of.
  func upsert(_ agent: AgentRecord) async throws
  /// Lists agents, the latest seen first.
  func agents(page: PageRequest) async throws -> Page<AgentRecord>
}

import BenchmarkDomain
import Storage
import Synchronization

/// A store in front of a real one, which fails or waits where a test says so.
final class FaultyStore: RunStore {
  private let store: any RunStore
  private let damaged = Mutex<Set<String>>([])
  private let locked = Mutex<Set<String>>([])
  private let beforeCommits = Mutex<(@Sendable () async throws -> Void)?>(nil)
  private let beforeResults = Mutex<(@Sendable () async throws -> Void)?>(nil)
  private let held = Mutex<Set<String>>([])
  private let mostSamples = Mutex(Int.max)
  private let unstorable = Mutex<[String: StorageError]>([:])
  private let beforeSamples = Mutex<(@Sendable () async -> Void)?>(nil)
  private let beforeExecution = Mutex<(@Sendable () async throws -> Void)?>(nil)
  private let beforePending = Mutex<(@Sendable () async -> Void)?>(nil)

  init(_ store: any RunStore) { self.store = store }

  /// From now on a batch cannot be read.
  func damage(_ batchID: String) { damaged.withLock { _ = $0.insert(batchID) } }

  /// From now on another writer has a batch.
  func lock(_ batchID: String) { locked.withLock { _ = $0.insert(batchID) } }

  /// Called before commits of a run are read.
  func beforeReadingCommits(_ body: @escaping @Sendable () async throws -> Void) {
    beforeCommits.withLock { $0 = body }
  }

  /// Called before executions without a result are looked for.
  func beforeSeekingResults(_ body: @escaping @Sendable () async throws -> Void) {
    beforeResults.withLock { $0 = body }
  }

  /// From now on somebody holds the row of an execution, or no longer, so that commits of its
  /// samples take too long.
  func hold(_ executionID: String, _ isHeld: Bool = true) {
    held.withLock { if isHeld { $0.insert(executionID) } else { $0.remove(executionID) } }
  }

  /// From now on commits of more samples take too long.
  func takeAtMost(_ samples: Int) { mostSamples.withLock { $0 = samples } }

  /// From now on the database takes no samples of an execution, for a reason of theirs.
  func refuseSamples(of executionID: String, because error: StorageError) {
    unstorable.withLock { $0[executionID] = error }
  }

  /// Called before batches that wait for an agent are looked for.
  func beforeSeekingBatches(_ body: @escaping @Sendable () async -> Void) {
    beforePending.withLock { $0 = body }
  }

  /// Called before an execution is read.
  func beforeReadingExecution(_ body: @escaping @Sendable () async throws -> Void) {
    beforeExecution.withLock { $0 = body }
  }

  /// Called before samples are committed.
  func beforeCommittingSamples(_ body: @escaping @Sendable () async -> Void) {
    beforeSamples.withLock { $0 = body }
  }

  func updateBatch<Outcome: Sendable>(
    _ batchID: String, fence: Fence?,
    _ rule: @escaping @Sendable (inout BatchAggregate) throws -> Outcome
  ) async throws -> Outcome {
    if damaged.withLock({ $0.contains(batchID) }) {
      throw StorageError(.corrupt, "A stored bitmap cannot be read.")
    }
    return try await store.updateBatch(batchID, fence: fence, rule)
  }

  func updateFreeBatch<Outcome: Sendable>(
    _ batchID: String, _ rule: @escaping @Sendable (inout BatchAggregate) throws -> Outcome
  ) async throws -> Outcome? {
    guard !locked.withLock({ $0.contains(batchID) }) else { return nil }
    return try await updateBatch(batchID, fence: nil, rule)
  }

  func commits(runID: String, after number: Int64, limit: Int) async throws -> [RunCommit] {
    try await beforeCommits.withLock { $0 }?()
    return try await store.commits(runID: runID, after: number, limit: limit)
  }

  func commit(_ commits: [SampleCommit]) async throws -> [SampleCommitOutcome] {
    await beforeSamples.withLock { $0 }?()
    let isHeld = held.withLock { held in commits.contains { held.contains($0.executionID) } }
    if isHeld || commits.reduce(0, { $0 + $1.samples.count }) > mostSamples.withLock({ $0 }) {
      throw StorageError(.unavailable, "The database took too long.")
    }
    let errors = unstorable.withLock { $0 }
    let storable = commits.filter { errors[$0.executionID] == nil }
    var outcomes = try await store.commit(storable).makeIterator()
    return commits.compactMap { errors[$0.executionID].map { .failed($0) } ?? outcomes.next() }
  }

  func create(_ run: Run, batches: [Batch], executions: [Execution]) async throws -> Run {
    try await store.create(run, batches: batches, executions: executions)
  }

  func counts() async throws -> RunCounts { try await store.counts() }

  func run(_ id: String) async throws -> Run? { try await store.run(id) }

  func runs(state: RunState?, page: PageRequest) async throws -> Page<Run> {
    try await store.runs(state: state, page: page)
  }

  func batches(runID: String) async throws -> [Batch] { try await store.batches(runID: runID) }

  func failures(runID: String) async throws -> [BatchFailures] {
    try await store.failures(runID: runID)
  }

  func cancelRun(_ id: String) async throws -> Run { try await store.cancelRun(id) }

  func pendingBatches(for inventory: AgentInventory, limit: Int) async throws -> [Batch] {
    await beforePending.withLock { $0 }?()
    return try await store.pendingBatches(for: inventory, limit: limit)
  }

  func expiredBatches() async throws -> [Batch] { try await store.expiredBatches() }

  func leasedBatches(agentID: String) async throws -> [Batch] {
    try await store.leasedBatches(agentID: agentID)
  }

  func executionsAwaitingResult() async throws -> [Execution] {
    try await beforeResults.withLock { $0 }?()
    return try await store.executionsAwaitingResult()
  }

  func renewLease(_ fence: Fence, for duration: Duration, agentID: String) async throws -> Bool {
    try await store.renewLease(fence, for: duration, agentID: agentID)
  }

  func execution(_ id: String) async throws -> Execution? {
    try await beforeExecution.withLock { $0 }?()
    return try await store.execution(id)
  }

  func segment(_ number: UInt32, of executionID: String) async throws -> Segment? {
    try await store.segment(number, of: executionID)
  }

  func samples(executionID: String) async throws -> [RequestSample] {
    try await store.samples(executionID: executionID)
  }

  func samples(executionID: String, page: PageRequest) async throws -> Page<RequestSample> {
    try await store.samples(executionID: executionID, page: page)
  }

  func dropSamples(ofRunsEndedBefore time: WallTime) async throws {
    try await store.dropSamples(ofRunsEndedBefore: time)
  }

  func upsert(_ agent: AgentRecord) async throws { try await store.upsert(agent) }

  func agents(page: PageRequest) async throws -> Page<AgentRecord> {
    try await store.agents(page: page)
  }
}

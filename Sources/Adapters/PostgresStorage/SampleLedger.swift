internal import BenchmarkDomain
internal import Storage

/// What a group of commits changes: executions and runs as they were locked, and what each message
/// adds to them. Pure; it is read before, and written behind.
struct SampleLedger: Sendable {
  /// An execution as it is locked.
  struct ExecutionEntry: Sendable {
    var key: Int64
    var batchID: String
    var runKey: Int64
    var state: ExecutionState
    /// Nil when what is stored cannot be one.
    var committed: RequestBitmap?
    /// Where its samples are, in microseconds since 1970; nil before the first.
    var samplesAt: Int64?
    /// When it began, by the server's clock.
    var startedAt: WallTime?
    var isChanged = false
  }

  /// A run as it is locked.
  struct RunEntry: Sendable {
    var id: String
    var state: RunState
    var commitNumber: Int64
    var sampleCount: Int64
    var isChanged = false
  }

  /// Samples of one message that are new.
  struct News: Sendable {
    var samples: [RequestSample]
    var executionKey: Int64
    var samplesAt: Int64
    var runKey: Int64
    var commitNumber: Int64
  }

  /// Tokens of the newest leases, by batch.
  var tokens: [String: Int64] = [:]
  /// By id.
  var executions: [String: ExecutionEntry] = [:]
  /// By key.
  var runs: [Int64: RunEntry] = [:]
  /// The store's time.
  var now: WallTime
  /// What is to be written, in order.
  private(set) var news: [News] = []

  init(at now: WallTime) { self.now = now }

  /// Takes one message, or says why not.
  mutating func commit(_ commit: SampleCommit) -> SampleCommitOutcome {
    guard let token = tokens[commit.fence.batchID] else {
      return .refused(reason: "There is no such batch.")
    }
    guard token == commit.fence.token else { return .superseded }
    guard var execution = executions[commit.executionID],
      execution.batchID == commit.fence.batchID
    else { return .refused(reason: "There is no such execution in the batch.") }
    guard var run = runs[execution.runKey] else { return .failed(StorageError.damaged("run")) }
    guard !run.state.isTerminal else { return .superseded }
    guard var committed = execution.committed else {
      return .failed(StorageError.damaged("bitmap"))
    }
    if let reason = Self.fault(commit, committed) { return .refused(reason: reason) }
    // What comes behind the end of its execution has nothing left to add to: it is dropped.
    let samples = execution.state.isTerminal ? [] : Self.added(commit.samples, &committed)
    if !samples.isEmpty {
      run.commitNumber += 1
      run.sampleCount += Int64(samples.count)
      run.isChanged = true
      let samplesAt = execution.samplesAt ?? (execution.startedAt ?? now).microseconds
      execution.samplesAt = samplesAt
      execution.committed = committed
      execution.isChanged = true
      executions[commit.executionID] = execution
      runs[execution.runKey] = run
      news.append(
        News(
          samples: samples, executionKey: execution.key, samplesAt: samplesAt,
          runKey: execution.runKey, commitNumber: run.commitNumber))
    }
    return .committed(
      runID: run.id, commitNumber: run.commitNumber, newCount: samples.count,
      isExecutionFull: committed.isFull)
  }

  /// Those that are not committed yet, marked as such; mostly all of them, which are not copied.
  private static func added(
    _ samples: [RequestSample], _ committed: inout RequestBitmap
  ) -> [RequestSample] {
    let added = samples.indices.filter { committed.insert(Int(samples[$0].requestIndex)) }
    return added.count == samples.count ? samples : added.map { samples[$0] }
  }

  private static func fault(_ commit: SampleCommit, _ committed: RequestBitmap) -> String? {
    if let fault = commit.fault(requestCount: committed.count) { return fault }
    return commit.samples.indices.first { !commit.samples[$0].fitsColumns }.map {
      "A count of request \(commit.samples[$0].requestIndex) is out of range."
    }
  }
}

internal import BenchmarkDomain
internal import GRDB
internal import Storage

/// Commits samples inside one transaction: reads each execution, batch and run once, and
/// writes their bitmaps and counters once, however many messages there are.
struct SampleLedger {
  private struct ExecutionEntry {
    var key: Int64
    var batchID: String
    var runKey: Int64
    var state: ExecutionState
    var committed: RequestBitmap
    var isChanged = false
  }

  private struct RunEntry {
    var id: String
    var state: RunState
    var commitNumber: Int64
    var sampleCount: Int64
    var isChanged = false
  }

  private let database: Database
  private let now: WallTime
  private var executions: [String: ExecutionEntry] = [:]
  private var runs: [Int64: RunEntry] = [:]
  private var tokens: [String: Int64] = [:]

  init(_ database: Database, at now: WallTime) {
    self.database = database
    self.now = now
  }

  /// Commits one message, or says why not.
  mutating func commit(_ commit: SampleCommit) throws -> SampleCommitOutcome {
    guard let token = try token(commit.fence.batchID) else {
      return .refused(reason: "There is no such batch.")
    }
    guard token == commit.fence.token else { return .superseded }
    guard var execution = try execution(commit.executionID),
      execution.batchID == commit.fence.batchID
    else { return .refused(reason: "There is no such execution in the batch.") }
    var run = try run(execution.runKey)
    guard !run.state.isTerminal else { return .superseded }
    if let reason = commit.fault(requestCount: execution.committed.count) {
      return .refused(reason: reason)
    }
    // What comes behind the end of its execution has nothing left to add to: it is dropped.
    let news =
      execution.state.isTerminal
      ? [] : commit.samples.filter { execution.committed.insert(Int($0.requestIndex)) }
    if !news.isEmpty {
      run.commitNumber += 1
      run.sampleCount += Int64(news.count)
      run.isChanged = true
      execution.isChanged = true
      try write(news, execution, run.commitNumber)
      executions[commit.executionID] = execution
      runs[execution.runKey] = run
    }
    return .committed(
      runID: run.id, commitNumber: run.commitNumber, newCount: news.count,
      isExecutionFull: execution.committed.isFull)
  }

  /// Writes bitmaps and counters; called once, behind the last message.
  func flush() throws {
    for execution in executions.values where execution.isChanged {
      try database.run(
        "UPDATE execution SET committed = ?, committed_count = ? WHERE key = ?",
        [blob(execution.committed.bytes), execution.committed.committedCount, execution.key])
    }
    for (key, run) in runs where run.isChanged {
      try database.run(
        "UPDATE run SET commit_number = ?, committed_sample_count = ? WHERE key = ?",
        [run.commitNumber, run.sampleCount, key])
    }
  }

  private func write(_ samples: [RequestSample], _ execution: ExecutionEntry, _ number: Int64)
    throws
  {
    var (first, last) = (UInt32.max, UInt32.min)
    try RequestSample.insert(
      samples, executionKey: execution.key, commitNumber: number, database)
    for sample in samples {
      first = min(first, sample.requestIndex)
      last = max(last, sample.requestIndex)
    }
    try CommitLog.appendSamples(
      runKey: execution.runKey, number: number, at: now, executionKey: execution.key,
      requests: first...last, database)
  }

  private mutating func token(_ batchID: String) throws -> Int64? {
    if let token = tokens[batchID] { return token }
    let token = try database.first("SELECT fencing_token FROM batch WHERE id = ?", [batchID]) {
      try $0.integer(Int64.self)
    }
    tokens[batchID] = token
    return token
  }

  private mutating func execution(_ id: String) throws -> ExecutionEntry? {
    if let entry = executions[id] { return entry }
    let entry = try database.first(
      """
      SELECT e.key, b.id, e.run_key, e.state, e.request_count, e.committed
      FROM execution e JOIN batch b ON b.key = e.batch_key WHERE e.id = ?
      """, [id]
    ) { reader in
      let (key, batchID) = (try reader.integer(Int64.self), try reader.text())
      let (runKey, state) = (try reader.integer(Int64.self), try reader.name(ExecutionState.self))
      let count = try reader.integer(Int.self)
      guard let bitmap = RequestBitmap(count: count, bytes: try reader.bytes()) else {
        throw StorageError.damaged("bitmap")
      }
      return ExecutionEntry(
        key: key, batchID: batchID, runKey: runKey, state: state, committed: bitmap)
    }
    executions[id] = entry
    return entry
  }

  private mutating func run(_ key: Int64) throws -> RunEntry {
    if let entry = runs[key] { return entry }
    let entry = try database.first(
      "SELECT id, state, commit_number, committed_sample_count FROM run WHERE key = ?", [key]
    ) { reader in
      RunEntry(
        id: try reader.text(), state: try reader.name(), commitNumber: try reader.integer(),
        sampleCount: try reader.integer())
    }
    guard let entry else { throw StorageError.damaged("run") }
    runs[key] = entry
    return entry
  }
}

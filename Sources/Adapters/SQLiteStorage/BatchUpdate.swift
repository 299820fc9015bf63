internal import BenchmarkDomain
internal import GRDB
internal import Storage

/// A batch, its run and its executions as they are stored, and what a rule made of them.
struct BatchUpdate {
  private let runKey: Int64
  private let batchKey: Int64
  private let executionKeys: [String: Int64]
  private let before: BatchAggregate

  /// The aggregate for the rule.
  var aggregate: BatchAggregate { before }

  /// Reads a batch; `notFound` when there is none.
  init(_ batchID: String, at now: WallTime, _ database: Database) throws {
    let found = try database.first(
      "SELECT b.key, b.run_key, \(Batch.selection) FROM \(Batch.source) WHERE b.id = ?", [batchID]
    ) { reader in
      (
        batchKey: try reader.integer(Int64.self), runKey: try reader.integer(Int64.self),
        batch: try Batch(&reader)
      )
    }
    guard let found, let run = try Run.find("id", found.batch.runID, database)?.run else {
      throw StorageError(.notFound, "There is no batch \"\(batchID)\".")
    }
    let executions = try Self.executions(found.batchKey, database)
    runKey = found.runKey
    batchKey = found.batchKey
    executionKeys = Dictionary(executions.map { ($0.value.id, $0.key) }) { first, _ in first }
    before = BatchAggregate(
      run: run, batch: found.batch, executions: executions.map(\.value), now: now)
  }

  /// The newest attempts of a batch, by index.
  private static func executions(_ batchKey: Int64, _ database: Database) throws
    -> [(key: Int64, value: Execution)]
  {
    try database.all(
      """
      SELECT e.key, \(Execution.selection) FROM \(Execution.source)
      WHERE e.batch_key = ? AND NOT EXISTS (
        SELECT 1 FROM execution n WHERE n.batch_key = e.batch_key
        AND n.configuration_key = e.configuration_key AND n.attempt > e.attempt)
      ORDER BY e.position, e.key
      """, [batchKey]
    ) { (key: try $0.integer(Int64.self), value: try Execution(&$0)) }
  }

  /// Writes what the rule changed, and what happened to the commit log.
  func write(_ after: BatchAggregate, _ database: Database) throws {
    guard after.batch.id == before.batch.id, after.run.id == before.run.id,
      after.executions.map(\.id) == before.executions.map(\.id)
    else { throw StorageError(.invalid, "A rule may not exchange the parts of a batch.") }
    var run = after.run
    run.commitNumber = before.run.commitNumber
    let isRunChanged = run != before.run
    let isBatchChanged = try write(after.batch, database)
    try writeExecutions(after, &run, database)
    for segment in after.newSegments { try write(segment, database) }
    for result in after.newResults { try write(result, after.executions, database) }
    if isRunChanged || isBatchChanged {
      run.commitNumber += 1
      try CommitLog.append(run, runKey: runKey, at: before.now, database)
    }
    if run != before.run { try run.update(key: runKey, database) }
  }

  private func write(_ batch: Batch, _ database: Database) throws -> Bool {
    var batch = batch
    batch.version = before.batch.version
    guard batch != before.batch else { return false }
    batch.version += 1
    try batch.update(key: batchKey, database)
    return true
  }

  private func writeExecutions(
    _ after: BatchAggregate, _ run: inout Run, _ database: Database
  ) throws {
    let agentID = after.batch.agentID ?? before.batch.agentID ?? ""
    for (old, new) in zip(before.executions, after.executions) where old != new {
      let key = try key(new.id)
      try new.update(key: key, database)
      guard old.state != new.state else { continue }
      run.commitNumber += 1
      try CommitLog.append(
        new, executionKey: key, agentID: agentID, runKey: runKey, number: run.commitNumber,
        at: before.now, database)
    }
  }

  private func write(_ segment: Segment, _ database: Database) throws {
    try database.insert(
      into: "segment", "execution_key, number, agent_id, wall_clock_anchor",
      [
        try key(segment.executionID), segment.number, segment.agentID,
        segment.wallClockAnchor.nanoseconds,
      ])
  }

  private func write(_ result: BenchmarkResult, _ executions: [Execution], _ database: Database)
    throws
  {
    guard let execution = executions.first(where: { $0.id == result.id }),
      execution.configuration.id == result.configurationID, result.runID == before.run.id
    else { throw StorageError(.invalid, "A result must be of an execution of the batch.") }
    let key = try execution.configuration.store(database)
    _ = try result.store(configurationKey: key, attempt: execution.attempt, database)
  }

  private func key(_ executionID: String) throws -> Int64 {
    guard let key = executionKeys[executionID] else {
      throw StorageError(.invalid, "There is no such execution in the batch.")
    }
    return key
  }
}

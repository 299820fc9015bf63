internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

/// A batch, its run and its executions as they are stored and locked, and what a rule made of
/// them. The run's row is locked first, and whoever writes any of them holds it.
struct BatchUpdate: Sendable {
  private let runKey: Int64
  private let batchKey: Int64
  private let executionKeys: [String: Int64]
  private let before: BatchAggregate

  /// The aggregate for the rule.
  var aggregate: BatchAggregate { before }

  /// Locks and reads a batch; `notFound` when there is none, or when somebody has it or its run and
  /// that is to be skipped instead of waited for.
  init(
    _ batchID: String, skippingLocked: Bool = false, timeQuestion: PostgresStatement,
    _ connection: PostgresConnection
  ) async throws {
    let id = PostgresParameter.text(batchID)
    let suffix = skippingLocked ? " SKIP LOCKED" : ""
    let answers = try await connection.run([
      PostgresStatement(Self.runQuestion + suffix, [id]),
      PostgresStatement(Self.batchQuestion + suffix, [id]),
      PostgresStatement(Self.executionsQuestion, [id]), timeQuestion,
    ])
    let run = try answers[0].read { (key: try $0.integer(Int64.self), run: try Run(&$0)) }.first
    let batch = try answers[1].read {
      (key: try $0.integer(Int64.self), batch: try Batch(&$0))
    }.first
    let executions = try answers[2].read {
      (key: try $0.integer(Int64.self), value: try Execution(&$0))
    }
    guard let run, let batch else {
      throw StorageError(.notFound, "There is no batch \"\(batchID)\".")
    }
    runKey = run.key
    batchKey = batch.key
    executionKeys = Dictionary(executions.map { ($0.value.id, $0.key) }) { first, _ in first }
    before = BatchAggregate(
      run: run.run, batch: batch.batch, executions: executions.map(\.value),
      now: try WallTime(answer: answers[3]))
  }

  private static let runQuestion = """
    SELECT u.key, \(Run.selection) FROM benchfront.run u
    WHERE u.key = (SELECT run_key FROM benchfront.batch WHERE id = $1) FOR NO KEY UPDATE
    """

  private static let batchQuestion = """
    SELECT b.key, \(Batch.selection) FROM \(Batch.source) WHERE b.id = $1
    FOR NO KEY UPDATE OF b
    """

  /// The newest attempts of a batch, by index.
  private static let executionsQuestion = """
    SELECT e.key, \(Execution.selection) FROM \(Execution.source)
    WHERE e.batch_key = (SELECT key FROM benchfront.batch WHERE id = $1) AND NOT EXISTS (
      SELECT FROM benchfront.execution n WHERE n.batch_key = e.batch_key
      AND n.configuration_key = e.configuration_key AND n.attempt > e.attempt)
    ORDER BY e.position, e.key
    """

  /// Writes what the rule changed, and what happened to the commit log.
  func write(_ after: BatchAggregate, _ connection: PostgresConnection) async throws {
    guard after.batch.id == before.batch.id, after.run.id == before.run.id,
      after.executions.map(\.id) == before.executions.map(\.id)
    else { throw StorageError(.invalid, "A rule may not exchange the parts of a batch.") }
    var run = after.run
    run.commitNumber = before.run.commitNumber
    let isRunChanged = run != before.run
    var statements: [PostgresStatement] = []
    let isBatchChanged = write(after.batch, &statements)
    try writeExecutions(after, &run, &statements)
    for segment in after.newSegments { statements.append(try insertion(of: segment)) }
    if isRunChanged || isBatchChanged {
      run.commitNumber += 1
      statements.append(CommitLog.entry(run, runKey: runKey, at: before.now))
    }
    if run != before.run { statements.append(run.update(key: runKey)) }
    if run.commitNumber != before.run.commitNumber {
      statements.append(CommitLog.notice(run.id, run.commitNumber))
    }
    if !statements.isEmpty { _ = try await connection.run(statements) }
    try await write(after.newResults, after.executions, connection)
  }

  private func write(_ batch: Batch, _ statements: inout [PostgresStatement]) -> Bool {
    var batch = batch
    batch.version = before.batch.version
    guard batch != before.batch else { return false }
    batch.version += 1
    statements.append(batch.update(key: batchKey))
    return true
  }

  private func writeExecutions(
    _ after: BatchAggregate, _ run: inout Run, _ statements: inout [PostgresStatement]
  ) throws {
    let agentID = after.batch.agentID ?? before.batch.agentID ?? ""
    for (old, new) in zip(before.executions, after.executions) where old != new {
      let key = try key(new.id)
      statements.append(new.update(key: key))
      guard old.state != new.state else { continue }
      run.commitNumber += 1
      statements.append(
        CommitLog.entry(
          new, executionKey: key, agentID: agentID, runKey: runKey, number: run.commitNumber,
          at: before.now))
    }
  }

  private func insertion(of segment: Segment) throws -> PostgresStatement {
    .insert(
      into: "benchfront.segment", "execution_key, number, agent_id, wall_clock_anchor",
      [
        .int8(try key(segment.executionID)), .int8(Int64(segment.number)),
        .text(segment.agentID), .int8(segment.wallClockAnchor.nanoseconds),
      ])
  }

  private func write(
    _ results: [BenchmarkResult], _ executions: [Execution], _ connection: PostgresConnection
  ) async throws {
    guard !results.isEmpty else { return }
    let byID = Dictionary(executions.map { ($0.id, $0) }) { first, _ in first }
    let measured = try results.map { result in
      guard let execution = byID[result.id],
        execution.configuration.id == result.configurationID, result.runID == before.run.id
      else { throw StorageError(.invalid, "A result must be of an execution of the batch.") }
      return (result: result, execution: execution)
    }
    let keys = try await BenchmarkConfiguration.store(
      measured.map(\.execution.configuration), connection)
    let count = try await ResultInsertion.store(
      measured.map { ($0.result, $0.execution.attempt) }, keys, connection)
    try await DataVersion.move(by: Int64(count), connection)
  }

  private func key(_ executionID: String) throws -> Int64 {
    guard let key = executionKeys[executionID] else {
      throw StorageError(.invalid, "There is no such execution in the batch.")
    }
    return key
  }
}

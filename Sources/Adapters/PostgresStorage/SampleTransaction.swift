internal import BenchmarkDomain
internal import PostgresClient
internal import Storage

/// A transaction met a time that no partition holds: the partition is to be made, and all begins
/// anew.
struct MissingPartition: Error {
  /// Starts of the executions whose samples were written, in microseconds since 1970.
  var times: [Int64]
}

/// The commit of a group of messages inside a transaction.
enum SampleTransaction {
  /// Locks, decides, and writes; returns the outcomes in order.
  static func commit(
    _ commits: [SampleCommit], timeQuestion: PostgresStatement, _ connection: PostgresConnection
  ) async throws -> [SampleCommitOutcome] {
    var ledger = try await lock(commits, timeQuestion, connection)
    let outcomes = commits.map { ledger.commit($0) }
    guard !ledger.news.isEmpty else { return outcomes }
    try await copy(ledger, connection)
    _ = try await connection.run(
      executionUpdate(ledger) + runUpdate(ledger) + [logInsertion(ledger)])
    return outcomes
  }

  // MARK: Reading

  /// Locks the runs, then the executions, each by key. Nobody takes a lease or moves a run without
  /// the run's row, so that tokens and states stand still from then on.
  private static func lock(
    _ commits: [SampleCommit], _ timeQuestion: PostgresStatement,
    _ connection: PostgresConnection
  ) async throws -> SampleLedger {
    let executionIDs = PostgresParameter.textArray(Array(Set(commits.map(\.executionID))))
    let batchIDs = PostgresParameter.textArray(Array(Set(commits.map(\.fence.batchID))))
    let answers = try await connection.run([
      PostgresStatement(runQuestion, [executionIDs]),
      PostgresStatement(executionQuestion, [executionIDs]),
      PostgresStatement(
        "SELECT id, fencing_token FROM benchfront.batch WHERE id = ANY ($1)", [batchIDs]),
      timeQuestion,
    ])
    var ledger = SampleLedger(at: try WallTime(answer: answers[3]))
    for (key, run) in try answers[0].read({ (try $0.integer(Int64.self), try run(&$0)) }) {
      ledger.runs[key] = run
    }
    for (id, execution) in try answers[1].read({ (try $0.text(), try execution(&$0)) }) {
      ledger.executions[id] = execution
    }
    for (id, token) in try answers[2].read({ (try $0.text(), try $0.integer(Int64.self)) }) {
      ledger.tokens[id] = token
    }
    return ledger
  }

  private static let runQuestion = """
    SELECT key, id, state, commit_number, committed_sample_count FROM benchfront.run
    WHERE key = ANY (ARRAY(SELECT run_key FROM benchfront.execution WHERE id = ANY ($1)))
    ORDER BY key FOR NO KEY UPDATE
    """

  private static let executionQuestion = """
    SELECT e.id, e.key, b.id, e.run_key, e.state, e.request_count, e.committed, e.samples_at,
      e.started_at
    FROM benchfront.execution e JOIN benchfront.batch b ON b.key = e.batch_key
    WHERE e.id = ANY ($1) ORDER BY e.key FOR NO KEY UPDATE OF e
    """

  private static func run(_ reader: inout ColumnReader) throws -> SampleLedger.RunEntry {
    SampleLedger.RunEntry(
      id: try reader.text(), state: try reader.name(), commitNumber: try reader.integer(),
      sampleCount: try reader.integer())
  }

  private static func execution(_ reader: inout ColumnReader) throws
    -> SampleLedger.ExecutionEntry
  {
    let (key, batchID) = (try reader.integer(Int64.self), try reader.text())
    let (runKey, state) = (try reader.integer(Int64.self), try reader.name(ExecutionState.self))
    let (count, bits) = (try reader.integer(Int.self), try reader.bytes())
    return SampleLedger.ExecutionEntry(
      key: key, batchID: batchID, runKey: runKey, state: state,
      committed: RequestBitmap(count: count, bytes: bits),
      samplesAt: try reader.optionalTimestamp(), startedAt: try reader.optionalTime())
  }

  // MARK: Writing

  private static func copy(
    _ ledger: SampleLedger, _ connection: PostgresConnection
  ) async throws {
    let statement = CopyRows.statement(
      "benchfront.request_sample", RequestSample.insertedColumns)
    do {
      _ = try await connection.copyIn(statement) { writer in
        var rows = CopyRows(reservingBytes: CopyRows.pieceBytes * 2)
        for news in ledger.news {
          for sample in news.samples {
            rows.append(
              sample, executionKey: news.executionKey, startedAt: news.samplesAt,
              commitNumber: news.commitNumber)
            try await rows.sendPiece(writer)
          }
        }
        try await rows.sendEnd(writer)
      }
    } catch let error as PostgresError where error.condition == .checkViolation {
      // Nothing else checks a sample: no partition takes it.
      throw MissingPartition(times: Array(Set(ledger.news.map(\.samplesAt))))
    }
  }

  private static func executionUpdate(_ ledger: SampleLedger) -> [PostgresStatement] {
    let changed = ledger.executions.values.filter(\.isChanged).sorted { $0.key < $1.key }
    return [
      PostgresStatement(
        """
        UPDATE benchfront.execution e SET committed = n.committed, is_full = n.is_full,
          samples_at = timestamptz 'epoch' + n.samples_at * INTERVAL '1 microsecond'
        FROM unnest($1::int8[], $2::bytea[], $3::bool[], $4::int8[])
          AS n (key, committed, is_full, samples_at)
        WHERE e.key = n.key
        """,
        [
          .int8Array(changed.map(\.key)), .byteaArray(changed.map { $0.committed?.bytes ?? [] }),
          .boolArray(changed.map { $0.committed?.isFull ?? false }),
          .int8Array(changed.map { $0.samplesAt ?? 0 }),
        ])
    ]
  }

  private static func runUpdate(_ ledger: SampleLedger) -> [PostgresStatement] {
    let changed = ledger.runs.filter(\.value.isChanged).sorted { $0.key < $1.key }
    let update = PostgresStatement(
      """
      UPDATE benchfront.run u SET commit_number = n.commit_number,
        committed_sample_count = n.sample_count
      FROM unnest($1::int8[], $2::int8[], $3::int8[]) AS n (key, commit_number, sample_count)
      WHERE u.key = n.key
      """,
      [
        .int8Array(changed.map(\.key)), .int8Array(changed.map(\.value.commitNumber)),
        .int8Array(changed.map(\.value.sampleCount)),
      ])
    let notices = PostgresStatement(
      "SELECT pg_notify($1, payload)::text FROM unnest($2::text[]) AS n (payload)",
      [
        .text(StoreChange.runChannel),
        .textArray(changed.map { StoreChange.payload($0.value.id, $0.value.commitNumber) }),
      ])
    return [update, notices]
  }

  private static func logInsertion(_ ledger: SampleLedger) -> PostgresStatement {
    let indices = ledger.news.map { $0.samples.map { Int64($0.requestIndex) } }
    return PostgresStatement(
      """
      INSERT INTO benchfront.run_commit
        (run_key, number, committed_at, kind, execution_key, first_request, last_request)
      SELECT run_key, number, $1, $2, execution_key, first_request, last_request
      FROM unnest($3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[])
        AS n (run_key, number, execution_key, first_request, last_request)
      """,
      [
        .int8(ledger.now.nanoseconds), .int4(Int32(CommitKind.samples.rawValue)),
        .int8Array(ledger.news.map(\.runKey)), .int8Array(ledger.news.map(\.commitNumber)),
        .int8Array(ledger.news.map(\.executionKey)), .int8Array(indices.map { $0.min() ?? 0 }),
        .int8Array(indices.map { $0.max() ?? 0 }),
      ])
  }
}

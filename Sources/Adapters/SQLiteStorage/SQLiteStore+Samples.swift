package import BenchmarkDomain
internal import GRDB
package import Storage

extension SQLiteStore {
  package func commit(_ commits: [SampleCommit]) async throws -> [SampleCommitOutcome] {
    try await write { database, now in
      do {
        return try Self.commit(commits, at: now, database)
      } catch let error where GroupWriter.isOfOneWrite(error) {
        // One of them met damage, which must not cost the others: each by itself.
        return try commits.map { commit in
          do {
            return try Self.commit([commit], at: now, database)[0]
          } catch let error where GroupWriter.isOfOneWrite(error) {
            return .failed(StorageError(writing: error))
          }
        }
      }
    }
  }

  /// Commits all or none.
  private static func commit(
    _ commits: [SampleCommit], at now: WallTime, _ database: Database
  ) throws -> [SampleCommitOutcome] {
    var outcomes: [SampleCommitOutcome] = []
    try database.inSavepoint {
      var ledger = SampleLedger(database, at: now)
      outcomes = try commits.map { try ledger.commit($0) }
      try ledger.flush()
      return .commit
    }
    return outcomes
  }

  package func samples(executionID: String) async throws -> [RequestSample] {
    try await read { database in
      try database.all(
        """
        SELECT \(RequestSample.columns) FROM request_sample
        WHERE execution_key = (SELECT key FROM execution WHERE id = ?) ORDER BY request_index
        """, [executionID]
      ) { try RequestSample(&$0) }
    }
  }

  package func samples(executionID: String, page: PageRequest) async throws
    -> Page<RequestSample>
  {
    var list = PagedList(
      question: "samples \(executionID)", columns: RequestSample.columns,
      source: "request_sample", keys: [SortKey(expression: "request_index")])
    list.condition.require("execution_key = (SELECT key FROM execution WHERE id = ?)", executionID)
    return try await read { [list] database in
      try list.page(page, database) { try RequestSample(&$0) }
    }
  }
}

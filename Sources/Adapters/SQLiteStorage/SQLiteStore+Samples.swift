package import BenchmarkDomain
internal import GRDB
package import Storage

extension SQLiteStore {
  package func commit(_ commits: [SampleCommit]) async throws -> [SampleCommitOutcome] {
    try await write { database, now in
      var ledger = SampleLedger(database, at: now)
      let outcomes = try commits.map { try ledger.commit($0) }
      try ledger.flush()
      return outcomes
    }
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

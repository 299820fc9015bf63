package import BenchmarkDomain
internal import PostgresClient
package import Storage

extension PostgresStore {
  /// Commits all in one transaction; when one of them meets damage, each by itself.
  package func commit(_ commits: [SampleCommit]) async throws -> [SampleCommitOutcome] {
    if commits.isEmpty { return [] }
    do { return try await commitTogether(commits) } catch let error as StorageError
      where Self.isOfOneCommit(error)
    {
      var outcomes: [SampleCommitOutcome] = []
      for commit in commits {
        do { outcomes += try await commitTogether([commit]) } catch let error as StorageError
          where Self.isOfOneCommit(error)
        { outcomes.append(.failed(error)) }
      }
      return outcomes
    }
  }

  /// True for what is wrong with what one commit wrote or read, and not with the whole database.
  private static func isOfOneCommit(_ error: StorageError) -> Bool {
    [.corrupt, .invalid, .failed].contains(error.code)
  }

  private func commitTogether(_ commits: [SampleCommit]) async throws -> [SampleCommitOutcome] {
    for _ in 0..<2 {
      do { return try await commitOnce(commits) } catch let missing as MissingPartition {
        try await makePartitions(missing.times)
      }
    }
    do { return try await commitOnce(commits) } catch is MissingPartition {
      throw StorageError(.failed, "The database takes the samples into no partition.")
    }
  }

  private func commitOnce(_ commits: [SampleCommit]) async throws -> [SampleCommitOutcome] {
    try await transaction(on: ingestPool) { connection in
      do {
        return try await SampleTransaction.commit(
          commits, timeQuestion: self.timeQuestion, connection)
      } catch let error as PostgresError where error.isConstraintViolation {
        // Rows are locked, and nobody else writes them: it is met again whenever it is tried.
        throw StorageError(.failed, "The samples break a rule of the database.")
      }
    }
  }

  /// What is asked for the samples of an execution; the subqueries choose the partition.
  static let samplesSource = "benchfront.request_sample s"
  private static let samplesCondition = """
    s.execution_key = (SELECT key FROM benchfront.execution WHERE id = $) \
    AND s.started_at = (SELECT samples_at FROM benchfront.execution WHERE id = $)
    """

  package func samples(executionID: String) async throws -> [RequestSample] {
    var condition = Condition()
    condition.require(Self.samplesCondition, .text(executionID), .text(executionID))
    return try await read(on: agentPool) { [condition] connection in
      try await connection.all(
        """
        SELECT \(RequestSample.selection) FROM \(Self.samplesSource) \(condition.clause)
        ORDER BY s.request_index
        """, condition.parameters
      ) { try RequestSample(&$0) }
    }
  }

  package func samples(executionID: String, page: PageRequest) async throws
    -> Page<RequestSample>
  {
    var list = PagedList(
      question: "samples \(executionID)", columns: RequestSample.selection,
      source: Self.samplesSource, ids: [SortKey(expression: "s.request_index", kind: .integer)])
    list.condition.require(Self.samplesCondition, .text(executionID), .text(executionID))
    return try await read { [list] connection in
      try await list.page(page, connection) { try RequestSample(&$0) }
    }
  }
}

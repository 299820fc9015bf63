import BenchmarkDomain
import PostgresClient
import Storage
import TestSupport
import Testing

@testable import PostgresStorage

@Suite("Several servers on one database")
struct ReplicaTests {
  /// Runs `body` on two stores of one database.
  private func withTwo(
    _ body: (PostgresStore, PostgresStore) async throws -> Void
  ) async throws {
    let database = try await TestStore.newDatabase()
    let stores = [try await TestStore.open(database), try await TestStore.open(database)]
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(stores[0], stores[1])) } catch {
      outcome = .failure(error)
    }
    for store in stores { await store.close() }
    try outcome.get()
  }

  @Test("a token that another server superseded is refused here")
  func fencing() async throws {
    try await withTwo { first, second in
      let fence = try await first.startedRun()
      let taken = try await second.updateBatch("run-b0", fence: nil) { aggregate in
        aggregate.batch.fencingToken += 1
        aggregate.batch.agentID = "b"
        return Fence(batchID: "run-b0", token: aggregate.batch.fencingToken)
      }
      let commit = SampleCommit(
        fence: fence, executionID: "run-b0-e0", samples: [Example.sample(0)])
      #expect(try await first.commit([commit]) == [.superseded])
      #expect(try await !first.renewLease(fence, for: .seconds(9), agentID: "a"))
      #expect(try await first.renewLease(taken, for: .seconds(9), agentID: "b"))
      let error = await #expect(throws: StorageError.self) {
        try await first.updateBatch("run-b0", fence: fence) { _ in }
      }
      #expect(error?.code == .superseded)
    }
  }

  @Test("the same samples through two servers at once are stored exactly once")
  func sameSamples() async throws {
    try await withTwo { first, second in
      let fence = try await first.startedRun(configurations: 3, requests: 600)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for store in [first, second] {
          for execution in 0..<3 {
            group.addTask {
              for start: UInt32 in stride(from: 0, to: 600, by: 100) {
                let samples = (start..<start + 100).map { Example.sample($0) }
                let outcomes = try await store.commit([
                  SampleCommit(
                    fence: fence, executionID: "run-b0-e\(execution)", samples: samples)
                ])
                guard case .committed = outcomes[0] else {
                  throw StorageError(.invalid, "\(outcomes)")
                }
              }
            }
          }
        }
        try await group.waitForAll()
      }
      for execution in 0..<3 {
        let samples = try await second.samples(executionID: "run-b0-e\(execution)")
        #expect(samples.map(\.requestIndex) == Array(0..<600))
      }
      let run = try #require(try await first.run("run"))
      #expect(run.committedSampleCount == 1800)
      let log = try await first.commits(runID: "run", after: 0, limit: 1000)
      #expect(log.map(\.number) == Array(1...run.commitNumber))
      let told = log.reduce(0) { count, commit in
        guard case .samples(_, _, let samples) = commit.event else { return count }
        return count + samples.count
      }
      #expect(told == 1800)
    }
  }

  @Test("of servers that grant a batch at once one is first")
  func grants() async throws {
    try await withTwo { first, second in
      let (run, batches, executions) = Example.run()
      _ = try await first.create(run, batches: batches, executions: executions)
      let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
        for index in 0..<20 {
          group.addTask {
            try await [first, second][index % 2].updateBatch("run-b0", fence: nil) { aggregate in
              guard aggregate.batch.state == .pending else { return false }
              aggregate.batch.state = .leased
              aggregate.batch.agentID = "agent \(index)"
              aggregate.batch.fencingToken += 1
              return true
            }
          }
        }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(wins == 1)
      #expect(try await second.batches(runID: "run")[0].fencingToken == 1)
    }
  }

  @Test("the same run, import and price through two servers at once are stored once")
  func sameThings() async throws {
    try await withTwo { first, second in
      let results = (0..<200).map { index in
        let configuration = Example.configuration(concurrency: Int32(index + 1))
        return (configuration, Example.result("r\(index)", of: configuration))
      }
      var bundle = Example.bundle(results)
      bundle.prices = [Example.price()]
      let runs = try await withThrowingTaskGroup(of: String.self) { [bundle] group in
        for (index, store) in [first, second, first, second].enumerated() {
          group.addTask {
            var shuffled = bundle
            shuffled.results.shuffle()
            _ = try await store.store(shuffled)
            let (run, batches, executions) = Example.run("run \(index)", requestID: "same")
            return try await store.create(run, batches: batches, executions: executions).id
          }
        }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(runs.count == 1)
      let snapshot = try await second.snapshot()
      #expect(snapshot.results.count == 200)
      #expect(snapshot.prices.count == 1)
      #expect(snapshot.version == 201)
    }
  }

  @Test("what one server changes the others hear, and missed says when to read anew")
  func changes() async throws {
    try await withTwo { first, second in
      var heard = second.changes().makeAsyncIterator()
      #expect(await heard.next() == .missed)
      _ = try await first.register(Example.price())
      #expect(await heard.next() == .catalog(version: 1))
      let fence = try await first.startedRun()
      #expect(await heard.next() == .run(id: "run", commitNumber: 0))
      #expect(await heard.next() == .run(id: "run", commitNumber: 1))
      try await first.commitSample(0, fence)
      #expect(await heard.next() == .run(id: "run", commitNumber: 2))
      _ = try await first.cancelRun("run")
      #expect(await heard.next() == .run(id: "run", commitNumber: 4))
      let name = try await first.databaseName()
      try await TestStore.administer(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE query LIKE 'LISTEN%' AND datname = '\(name)'
        """)
      #expect(await heard.next() == .missed)
      _ = try await first.register(Example.price(perHour: 2))
      #expect(await heard.next() == .catalog(version: 2))
    }
  }
}

extension PostgresStore {
  /// Creates a run of one batch and leases it to agent "a" for an hour.
  func startedRun(
    _ name: String = "run", configurations: Int = 1, requests: Int32 = 1000
  ) async throws -> Fence {
    let (run, batches, executions) = Example.run(
      name, configurations: configurations, requests: requests)
    _ = try await create(run, batches: batches, executions: executions)
    return try await updateBatch("\(name)-b0", fence: nil) { aggregate in
      aggregate.batch.state = .leased
      aggregate.batch.agentID = "a"
      aggregate.batch.fencingToken = 1
      aggregate.batch.leaseExpiresAt = aggregate.now.advanced(by: .seconds(3600))
      return Fence(batchID: "\(name)-b0", token: 1)
    }
  }

  /// Commits one sample of the run's first execution.
  func commitSample(_ index: UInt32, _ fence: Fence, gaps: Int = 3) async throws {
    let outcomes = try await commit([
      SampleCommit(
        fence: fence, executionID: fence.batchID + "-e0",
        samples: [Example.sample(index, gaps: gaps)])
    ])
    guard case .committed = outcomes.first else {
      throw StorageError(.invalid, "The sample was not committed: \(outcomes).")
    }
  }

  /// The database's name.
  func databaseName() async throws -> String {
    try await value("SELECT current_database()::text") { try $0.text() }
  }

  /// Reads the only value of a query.
  func value<Value: Sendable>(
    _ sql: String, _ read: @Sendable (inout ColumnReader) throws -> Value
  ) async throws -> Value {
    let found = try await self.read { try await $0.first(sql) { try read(&$0) } }
    return try #require(found)
  }
}

import BenchmarkDomain
import PostgresClient
import Storage
import TestSupport
import Testing

@testable import PostgresStorage

@Suite("Locks of servers that stand still", .timeLimit(.minutes(1)))
struct LockTests {
  private static let lockRun = "SELECT key FROM benchfront.run WHERE id = 'run' FOR UPDATE"

  /// Runs `body` on two stores of one database with the runs "run" and "other".
  private func withTwo(
    idleInTransaction timeout: Duration = .milliseconds(500),
    _ body: (PostgresStore, PostgresStore) async throws -> Void
  ) async throws {
    var database = try await TestStore.newDatabase()
    database.idleInTransactionTimeout = timeout
    let stores = [try await TestStore.open(database), try await TestStore.open(database)]
    let outcome: Result<Void, any Error>
    do {
      for name in ["run", "other"] { _ = try await stores[0].startedRun(name) }
      outcome = .success(try await body(stores[0], stores[1]))
    } catch {
      outcome = .failure(error)
    }
    for store in stores { await store.close() }
    try outcome.get()
  }

  /// Gives a batch to another agent without waiting; false when somebody has it.
  private func take(_ batchID: String, _ store: PostgresStore) async throws -> Bool {
    try await store.updateFreeBatch(batchID) { aggregate in
      aggregate.batch.fencingToken += 1
      return true
    } ?? false
  }

  @Test("a run or batch that another server has locked is passed over, and the others are not")
  func skipping() async throws {
    for lock in [Self.lockRun, "SELECT key FROM benchfront.batch WHERE id = 'run-b0' FOR UPDATE"] {
      try await withTwo(idleInTransaction: .seconds(30)) { first, second in
        try await first.transaction { connection in
          _ = try await connection.run(lock)
          #expect(try await !take("run-b0", second))
          #expect(try await take("other-b0", second))
        }
        #expect(try await take("run-b0", second))
        #expect(try await second.batches(runID: "run")[0].fencingToken == 2)
      }
    }
  }

  @Test("a server that stands still in a transaction loses it, and the others go on")
  func idle() async throws {
    try await withTwo { first, second in
      let (locked, over) = (Moment(), Moment())
      let holder = Task {
        try await first.transaction { connection in
          _ = try await connection.run(Self.lockRun)
          locked.happens()
          await over.wait()
        }
      }
      await locked.wait()
      try await second.updateBatch("run-b0", fence: nil) { $0.batch.fencingToken += 1 }
      over.happens()
      let error = await #expect(throws: StorageError.self) { try await holder.value }
      #expect(error?.code == .unavailable)
    }
  }

  @Test("a server that stands still in a COPY loses it, and the others go on")
  func copying() async throws {
    try await withTwo { first, second in
      let (locked, restoring, over) = (Moment(), Moment(), Moment())
      // A dump that is restored slowly, by the same role, is not meant.
      let restore = Task {
        try await first.transaction { connection in
          _ = try await connection.copyIn("COPY benchfront.agent (id) FROM stdin") { _ in
            restoring.happens()
            await over.wait()
          }
        }
      }
      await restoring.wait()
      let holder = Task {
        try await first.transaction { connection in
          _ = try await connection.run(Self.lockRun)
          _ = try await connection.copyIn(
            "COPY benchfront.request_sample (execution_key) FROM STDIN (FORMAT binary)"
          ) { _ in
            locked.happens()
            await over.wait()
          }
        }
      }
      await locked.wait()
      // Nothing of PostgreSQL's own would end it: the timeout of statements is not looked at there.
      try await second.updateBatch("run-b0", fence: nil) { $0.batch.fencingToken += 1 }
      over.happens()
      let error = await #expect(throws: StorageError.self) { try await holder.value }
      #expect(error?.code == .unavailable)
      try await restore.value
    }
  }

  /// A test has seen enough of its COPY.
  private struct Enough: Error {}

  @Test("a server whose COPY is slow goes on with it")
  func slowCopying() async throws {
    try await withTwo { first, _ in
      await #expect(throws: Enough.self) {
        try await first.transaction { connection in
          _ = try await connection.copyIn(
            "COPY benchfront.request_sample (gaps) FROM STDIN (FORMAT binary)"
          ) { writer in
            // A row of one field of a gigabyte, of which a piece comes now and then for as long as
            // four timeouts.
            let header = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0]
            try await writer.write(header + [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x3f, 0, 0, 0])
            let begin = ContinuousClock.now
            while ContinuousClock.now - begin < .seconds(2) {
              try await writer.write([UInt8](repeating: 0, count: 1 << 17))
              try await Task.sleep(for: .milliseconds(50))
            }
            throw Enough()
          }
        }
      }
    }
  }

  @Test("who has every connection keeps no samples waiting, and the look tells of those who wait")
  func takenConnections() async throws {
    try await TestStore.with { store in
      let fence = try await store.startedRun()
      let over = Moment()
      let most = store.settings.database.maxConnections
      try await withThrowingTaskGroup(of: Void.self) { group in
        for pool in store.pools {
          for _ in 0..<most {
            group.addTask { try await pool.withConnection { _ in await over.wait() } }
          }
        }
        for pool in store.pools {
          while await pool.status.open < most { try await Task.sleep(for: .milliseconds(10)) }
        }
        group.addTask { _ = try await store.run("run") }
        try await store.commitSample(1, fence)
        var outage = await store.look()
        while outage == nil {
          try await Task.sleep(for: .milliseconds(100))
          outage = await store.look()
        }
        #expect(outage?.cause == .overloaded)
        #expect(outage?.isPartial == true)
        over.happens()
        try await group.waitForAll()
      }
      #expect(await store.look() == nil)
    }
  }
}

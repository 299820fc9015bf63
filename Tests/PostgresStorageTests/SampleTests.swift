import BenchmarkDomain
import PostgresClient
import Reactor
import Storage
import TestSupport
import Testing

@testable import PostgresStorage

@Suite("Samples in PostgreSQL")
struct SampleTests {
  @Test("a damaged bitmap fails the samples of its execution and none of the group's others")
  func damagedBitmap() async throws {
    try await TestStore.with { store in
      let fence = try await store.startedRun()
      let second = try await store.startedRun("other", configurations: 2)
      try await store.change(
        "UPDATE benchfront.execution SET committed = '\\xff' WHERE id = 'other-b0-e0'")
      let outcomes = try await store.commit([
        SampleCommit(fence: fence, executionID: "run-b0-e0", samples: [Example.sample(0)]),
        SampleCommit(fence: second, executionID: "other-b0-e0", samples: [Example.sample(0)]),
        SampleCommit(fence: second, executionID: "other-b0-e1", samples: [Example.sample(0)]),
        SampleCommit(fence: fence, executionID: "run-b0-e0", samples: [Example.sample(1)]),
      ])
      func committed(_ run: String, _ number: Int64) -> SampleCommitOutcome {
        .committed(runID: run, commitNumber: number, newCount: 1, isExecutionFull: false)
      }
      #expect(
        outcomes == [
          committed("run", 2), .failed(StorageError(.corrupt, "A stored bitmap cannot be read.")),
          committed("other", 2), committed("run", 3),
        ])
      #expect(try await store.samples(executionID: "other-b0-e0").isEmpty)
      #expect(try await store.run("other")?.committedSampleCount == 1)
    }
  }

  @Test(
    "a message that the database never takes fails alone, whatever it says of it",
    arguments: ["ZZ001", "XX000", "23514", "22000"])
  func poison(_ state: String) async throws {
    try await TestStore.with { store in
      let fence = try await store.startedRun(configurations: 3)
      try await store.change(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF NEW.request_index = 66 THEN RAISE SQLSTATE '\(state)' USING MESSAGE = 'never'; END IF;
          RETURN NEW;
        END $$
        """)
      try await store.change(
        """
        CREATE TRIGGER refuse BEFORE INSERT ON benchfront.request_sample
        FOR EACH ROW EXECUTE FUNCTION refuse()
        """)
      let outcomes = try await store.commit(
        [0, 66, 1].enumerated().map { place, index in
          SampleCommit(
            fence: fence, executionID: "run-b0-e\(place)", samples: [Example.sample(index)])
        })
      guard case .failed(let error) = outcomes[1] else {
        Issue.record("\(outcomes[1])")
        return
      }
      #expect([.failed, .invalid].contains(error.code) && error.cause == nil)
      for outcome in [outcomes[0], outcomes[2]] {
        guard case .committed(_, _, 1, _) = outcome else {
          Issue.record("\(outcome)")
          continue
        }
      }
      #expect(try await store.run("run")?.committedSampleCount == 2)
      #expect(await store.look() == nil)
    }
  }

  @Test("a commit waits for the disk though the database says otherwise, and for what it says more")
  func durability() async throws {
    let database = try await TestStore.newDatabase()
    for (said, meant) in [
      ("off", "on"), ("local", "local"), ("remote_apply", "remote_apply"), ("on", "on"),
    ] {
      var own = database
      own.connectionString += " options='-c synchronous_commit=\(said)'"
      let store = try await TestStore.open(own)
      let found = try await store.value("SELECT current_setting('synchronous_commit')") {
        try $0.text()
      }
      #expect(found == meant)
      await store.close()
    }
  }

  @Test("the largest values that a sample may hold are read back, larger ones are refused")
  func limits() async throws {
    try await TestStore.with { store in
      let fence = try await store.startedRun(requests: 10)
      let most = UInt32(Int32.max)
      var largest = RequestSample(
        requestIndex: 9, segment: most, outcome: .empty, httpStatus: UInt32(Int16.max),
        scheduled: UInt64(Int64.max), sent: UInt64(Int64.max), firstByte: UInt64(Int64.max),
        firstContent: UInt64(Int64.max), firstVisible: UInt64(Int64.max),
        lastContent: UInt64(Int64.max), end: UInt64(Int64.max), inputTokens: most,
        outputTokens: most, tokenSource: .chunks, contentChunks: most,
        gaps: ArraySlice(repeating: 0xff, count: RequestSample.maximumGapBytes))
      func commit() async throws -> SampleCommitOutcome? {
        try await store.commit([
          SampleCommit(fence: fence, executionID: "run-b0-e0", samples: [largest])
        ]).first
      }
      guard case .committed(_, _, 1, false) = try await commit() else {
        Issue.record("not committed")
        return
      }
      #expect(try await store.samples(executionID: "run-b0-e0") == [largest])
      largest.requestIndex = 8
      largest.httpStatus += 1
      #expect(
        try await commit() == .refused(reason: "A count of request 8 is out of range."))
    }
  }

  @Test("a run of 9,000 configurations is created and cancelled whole")
  func largeRun() async throws {
    try await TestStore.with { store in
      let (run, batches, executions) = Example.run(batches: 90, configurations: 100)
      _ = try await store.create(run, batches: batches, executions: executions)
      #expect(try await store.batches(runID: "run") == batches)
      #expect(try await store.execution("run-b89-e99") == executions.last)
      _ = try await store.cancelRun("run")
      #expect(try await store.run("run")?.commitNumber == 9001)
      let log = try await store.commits(runID: "run", after: 0, limit: 10_000)
      #expect(log.map(\.number) == Array(1...9001))
    }
  }

  @Test("text that PostgreSQL cannot hold is refused and changes nothing")
  func badText() async throws {
    try await TestStore.with { store in
      let error = await #expect(throws: StorageError.self) {
        try await store.register(Model(id: "m", displayName: "a\0b"))
      }
      #expect(error == StorageError(.invalid, "A value cannot be stored by the database."))
      let stored = try await store.model("m")
      #expect(stored == nil)
    }
  }

  @Test("further dimensions hold any text")
  func dimensions() async throws {
    try await TestStore.with { store in
      let configuration = Example.configuration(
        extra: ["", "NULL", "{\"}", "a\\b,c", "\n\t", "ö𝄞"].map {
          Dimension(name: $0, value: $0)
        })
      let result = Example.result("r", of: configuration)
      _ = try await store.store(Example.bundle([(configuration, result)]))
      #expect(try await store.configuration(configuration.id)?.0 == configuration)
    }
  }

  @Test("leases end by the database's clock when no other is given")
  func clock() async throws {
    try await TestStore.with { store in
      let fence = try await store.startedRun()
      #expect(try await store.expiredBatches().isEmpty)
      try await store.updateBatch("run-b0", fence: fence) {
        $0.batch.leaseExpiresAt = $0.now
      }
      #expect(try await store.expiredBatches().map(\.id) == ["run-b0"])
      #expect(try await store.renewLease(fence, for: .seconds(60), agentID: "a"))
      #expect(try await store.expiredBatches().isEmpty)
      let end = try #require(try await store.batches(runID: "run")[0].leaseExpiresAt)
      let left = try await store.value(
        "SELECT \(end.nanoseconds) - benchfront.nanoseconds(NULL)"
      ) { try $0.integer(Int64.self) }
      #expect((1...60_000_000_000).contains(left))
    }
  }

  @Test("a closed store refuses every call with a clear error")
  func closed() async throws {
    let store = try await TestStore.open(try await TestStore.newDatabase())
    await store.close()
    for call in [
      { _ = try await store.run("run") }, { _ = try await store.register(Model(id: "m")) },
      {
        _ = try await store.commit([
          SampleCommit(fence: Fence(batchID: "b", token: 1), executionID: "e", samples: [])
        ])
      },
    ] {
      await #expect(throws: StorageError(.unavailable, "The store was closed.")) {
        try await call()
      }
    }
  }

  @Test("a value that nobody wrote is told as damage")
  func damagedValue() async throws {
    try await TestStore.with { store in
      _ = try await store.register(Model(id: "m"))
      try await store.change("UPDATE benchfront.model SET kind = 'what'")
      let error = await #expect(throws: StorageError.self) { try await store.model("m") }
      #expect(error?.code == .corrupt)
    }
  }
}

extension PostgresStore {
  /// Changes what is stored behind the store's back.
  func change(_ sql: String) async throws {
    try await transaction { _ = try await $0.run(sql) }
  }
}

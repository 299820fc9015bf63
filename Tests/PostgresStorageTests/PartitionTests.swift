import BenchmarkDomain
import Storage
import TestSupport
import Testing

@testable import PostgresStorage

@Suite("Partitions and retention")
struct PartitionTests {
  static let week: Int64 = 7 * 86_400

  private func partitions(_ store: PostgresStore) async throws -> [String] {
    try await store.read { connection in
      try await connection.all(
        """
        SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'benchfront.request_sample'::regclass ORDER BY 1
        """
      ) { try $0.text() }
    }
  }

  /// Starts executions of a run at times, and commits a sample of each.
  private func fill(
    _ store: PostgresStore, _ times: [WallTime], named name: String = "run",
    startedAt: WallTime? = nil
  ) async throws -> Fence {
    let fence = try await store.startedRun(name, configurations: times.count)
    try await store.updateBatch("\(name)-b0", fence: fence) { aggregate in
      aggregate.run.startedAt = startedAt ?? times.min()
      for (index, time) in times.enumerated() { aggregate.executions[index].startedAt = time }
    }
    for index in times.indices {
      let outcomes = try await store.commit([
        SampleCommit(
          fence: fence, executionID: "\(name)-b0-e\(index)", samples: [Example.sample(3)])
      ])
      guard case .committed(_, _, 1, _) = outcomes[0] else {
        throw StorageError(.invalid, "\(outcomes)")
      }
    }
    return fence
  }

  @Test("partitions of weeks are made ahead, and those of other times when they are needed")
  func making() async throws {
    let clock = TestClock()
    try await TestStore.with(clock: clock) { store in
      // 2026-05-28 is a Thursday.
      let ahead = ["20260518", "20260525", "20260601", "20260608"]
      #expect(try await partitions(store) == ahead.map { "request_sample_\($0)" })
      let old = WallTime(seconds: clock.now.nanoseconds / 1_000_000_000 - 100 * Self.week)
      let late = WallTime(seconds: clock.now.nanoseconds / 1_000_000_000 + 100 * Self.week)
      _ = try await fill(store, [old, clock.now, late])
      #expect(try await partitions(store).count == 6)
      for index in 0..<3 {
        #expect(try await store.samples(executionID: "run-b0-e\(index)").count == 1)
      }
      try await store.maintain()
      #expect(try await partitions(store).count == 6)
    }
  }

  @Test("a week's table that is no partition any more is told, and used again once it is one")
  func detached() async throws {
    let clock = TestClock()
    try await TestStore.with(clock: clock) { store in
      func alter(_ change: String) async throws {
        try await store.transaction { connection in
          _ = try await connection.run(
            "ALTER TABLE benchfront.request_sample \(change) PARTITION "
              + "benchfront.request_sample_20260525"
              + (change == "ATTACH" ? " FOR VALUES FROM ('2026-05-25Z') TO ('2026-06-01Z')" : ""))
        }
      }
      let fence = try await store.startedRun()
      try await store.updateBatch("run-b0", fence: fence) { $0.executions[0].startedAt = clock.now }
      try await alter("DETACH")
      await store.maintainOrNote()
      #expect(store.upkeepFailure?.message.contains("or rename it") == true)
      let commit = SampleCommit(
        fence: fence, executionID: "run-b0-e0", samples: [Example.sample(3)])
      let outcome = try await store.commit([commit]).first
      guard case .failed(let error) = outcome else {
        Issue.record("\(String(describing: outcome))")
        return
      }
      #expect(error == store.upkeepFailure)
      try await alter("ATTACH")
      await store.maintainOrNote()
      #expect(store.upkeepFailure == nil)
      try await store.commitSample(3, fence)
    }
  }

  @Test("a partition that somebody renamed takes its week's samples, and stays")
  func renamed() async throws {
    let clock = TestClock()
    try await TestStore.with(clock: clock) { store in
      try await store.transaction { connection in
        _ = try await connection.run(
          "ALTER TABLE benchfront.request_sample_20260525 RENAME TO mine")
      }
      await store.maintainOrNote()
      #expect(store.upkeepFailure == nil)
      _ = try await fill(store, [clock.now])
      #expect(try await partitions(store).count == 4)
      try await store.dropSamples(
        ofRunsEndedBefore: clock.now.advanced(by: .seconds(10 * Self.week)))
      #expect(try await partitions(store).contains("mine"))
    }
  }

  @Test("samples of an execution stay together when its start is changed")
  func together() async throws {
    let clock = TestClock()
    try await TestStore.with(clock: clock) { store in
      let fence = try await fill(store, [clock.now])
      try await store.updateBatch("run-b0", fence: fence) { aggregate in
        aggregate.executions[0].startedAt = aggregate.now.advanced(by: .seconds(3 * Self.week))
      }
      try await store.commitSample(4, fence)
      let indices = try await store.samples(executionID: "run-b0-e0").map(\.requestIndex)
      #expect(indices == [3, 4])
    }
  }

  @Test(
    "the retention drops whole weeks of ended runs; what was made of them stays",
    arguments: Flavour.found)
  func retention(_ flavour: Flavour) async throws {
    let clock = TestClock()
    try await TestStore.with(flavour, clock: clock) {
      $0.retention.samples = .seconds(2 * Self.week)
    } _: { store in
      let begin = clock.now
      let fence = try await fill(store, [begin, begin.advanced(by: .seconds(Self.week))])
      let result = Example.result(
        "run-b0-e0", of: try #require(try await store.execution("run-b0-e0")).configuration,
        run: "run", kind: .measured)
      try await store.updateBatch("run-b0", fence: fence) { $0.newResults = [result] }
      // However old: the run is under way.
      clock.advance(by: .seconds(10 * Self.week))
      try await store.maintain()
      #expect(try await store.samples(executionID: "run-b0-e0").count == 1)
      _ = try await store.cancelRun("run")
      let number = try #require(try await store.run("run")).commitNumber
      // A younger run keeps the weeks since its own begin, and so the second execution's samples.
      clock.advance(by: .seconds(2 * Self.week))
      try await store.maintain()
      #expect(try await store.commits(runID: "run", after: 0, limit: 100).count == Int(number))
      _ = try await fill(
        store, [clock.now], named: "younger", startedAt: begin.advanced(by: .seconds(Self.week)))
      clock.advance(by: .seconds(1))
      try await store.maintain()
      #expect(try await store.samples(executionID: "run-b0-e0").isEmpty)
      #expect(try await store.samples(executionID: "run-b0-e1").count == 1)
      #expect(try await store.samples(executionID: "younger-b0-e0").count == 1)
      #expect(try await store.execution("run-b0-e0")?.committed.committedCount == 1)
      #expect(try await store.snapshot().results.map(\.result) == [result])
      let kept = try await store.commits(runID: "run", after: 0, limit: 100)
      #expect(kept.map(\.number) == [number])
      _ = try await store.cancelRun("younger")
      clock.advance(by: .seconds(3 * Self.week))
      try await store.maintain()
      #expect(try await store.samples(executionID: "run-b0-e1").isEmpty)
    }
  }

  @Test("partitions are made and dropped while samples are committed, by two servers at once")
  func busy() async throws {
    let clock = TestClock()
    let database = try await TestStore.newDatabase()
    let stores = try await [
      TestStore.open(database, clock: clock) { $0.retention.samples = .seconds(Self.week) },
      TestStore.open(database, clock: clock) { $0.retention.samples = .seconds(Self.week) },
    ]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, store) in stores.enumerated() {
        group.addTask {
          for week: Int64 in 0..<8 {
            let start = clock.now.advanced(by: .seconds((week + 4) * Self.week))
            _ = try await self.fill(store, [start], named: "run-\(number)-\(week)")
          }
        }
        group.addTask {
          for _ in 0..<8 {
            clock.advance(by: .seconds(Self.week / 8))
            try await store.maintain()
          }
        }
      }
      try await group.waitForAll()
    }
    for number in 0..<2 {
      for week in 0..<8 {
        let samples = try await stores[0].samples(executionID: "run-\(number)-\(week)-b0-e0")
        #expect(samples.count == 1)
      }
    }
    for store in stores { await store.close() }
  }

  @Test("samples are summed up by execution and hour", arguments: Flavour.found)
  func hours(_ flavour: Flavour) async throws {
    let clock = TestClock()
    try await TestStore.with(flavour, clock: clock) { store in
      let fence = try await fill(store, [clock.now, clock.now])
      try await store.commitSample(4, fence)
      let sums = try await store.read { connection in
        try await connection.all(
          """
          SELECT request_count, output_tokens::int8 FROM benchfront.sample_hour
          ORDER BY execution_key
          """
        ) { [try $0.integer(Int64.self), try $0.integer(Int64.self)] }
      }
      #expect(sums == [[2, 64], [1, 32]])
    }
  }

  @Test("samples are kept in what the server offers", arguments: Flavour.found)
  func layout(_ flavour: Flavour) async throws {
    try await TestStore.with(flavour) { store in
      let kind = try await store.value(
        "SELECT relkind::text FROM pg_class WHERE oid = 'benchfront.request_sample'::regclass"
      ) { try $0.text() }
      guard flavour == .timescale else { return #expect(kind == "p") }
      let parts = try await store.value(
        """
        SELECT concat_ws(' ',
          (SELECT compression_enabled FROM timescaledb_information.hypertables
            WHERE hypertable_name = 'request_sample'),
          (SELECT count(*) FROM timescaledb_information.continuous_aggregates
            WHERE view_name = 'sample_hour'),
          (SELECT count(*) FROM timescaledb_information.jobs
            WHERE proc_name IN ('policy_compression', 'policy_refresh_continuous_aggregate')))
        """
      ) { try $0.text() }
      #expect(parts == "t 1 2")
    }
  }
}

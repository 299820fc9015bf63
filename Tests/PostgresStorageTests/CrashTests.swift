import BenchmarkDomain
import Glibc
import PostgresClient
import Reactor
import Storage
import TestServers
import TestSupport
import Testing

@testable import PostgresStorage

@Suite("A server that is killed", .serialized)
struct CrashTests {
  private static let requests = 1200

  /// Sends every sample of an execution until it is acknowledged, as agents do.
  private static func send(
    _ store: PostgresStore, _ fence: Fence, _ execution: String, _ progress: Locked<Int>
  ) async throws {
    for start in stride(from: UInt32(0), to: UInt32(requests), by: 8) {
      let commit = SampleCommit(
        fence: fence, executionID: execution,
        samples: (start..<start + 8).map { Example.sample($0) })
      while true {
        do {
          guard case .committed = try await store.commit([commit])[0] else {
            throw StorageError(.invalid, "The samples were not committed.")
          }
          break
        } catch let error as StorageError where error.code == .unavailable {
          try await store.pools[0].loop.sleep(for: .milliseconds(20))
        }
      }
      progress.withLock { $0 += 8 }
    }
  }

  @Test(
    "kill -9 in the midst of commits: every acknowledged sample is there exactly once",
    arguments: Flavour.found)
  func kill(_ flavour: Flavour) async throws {
    let server = try PostgresServer(flavour.settings)
    let loops = try TestStore.loops.get()
    var database = PostgresConfiguration(server.connectionString)
    database.backoff = .milliseconds(10) ... .milliseconds(200)
    let stores = [
      try await PostgresStore.open(PostgresStoreSettings(database), loops: loops),
      try await PostgresStore.open(PostgresStoreSettings(database), loops: loops),
    ]
    let fence = try await stores[0].startedRun(configurations: 4, requests: Int32(Self.requests))
    let progress = Locked(0)
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for index in 0..<8 {
        group.addTask {
          // Each execution through both servers.
          try await Self.send(stores[index % 2], fence, "run-b0-e\(index / 2)", progress)
        }
      }
      for kill in 1...3 {
        let mark = (kill * 2 - 1) * Self.requests + Int.random(in: 0..<500, using: &random)
        while progress.withLock({ $0 }) < mark {
          try await loops[0].sleep(for: .milliseconds(Int64.random(in: 1...9, using: &random)))
        }
        server.kill9()
        try server.start()
      }
      try await group.waitForAll()
    }
    for index in 0..<4 {
      let samples = try await stores[0].samples(executionID: "run-b0-e\(index)")
      #expect(samples.map(\.requestIndex) == Array(0..<UInt32(Self.requests)), "seed \(seed)")
      #expect(try await stores[1].execution("run-b0-e\(index)")?.committed.isFull == true)
    }
    let run = try #require(try await stores[0].run("run"))
    #expect(run.committedSampleCount == Int64(4 * Self.requests), "seed \(seed)")
    let log = try await stores[1].commits(runID: "run", after: 0, limit: 100_000)
    #expect(log.map(\.number) == Array(1...run.commitNumber), "seed \(seed)")
    for store in stores { await store.close() }
  }

  @Test("while the server is away every call is told so, and the store comes back by itself")
  func away() async throws {
    let server = try PostgresServer()
    var database = PostgresConfiguration(server.connectionString)
    database.backoff = .milliseconds(10) ... .milliseconds(50)
    let store = try await PostgresStore.open(
      PostgresStoreSettings(database), loops: try TestStore.loops.get())
    let fence = try await store.startedRun()
    server.stop()
    for call in [
      { _ = try await store.run("run") }, { _ = try await store.commitSample(1, fence) },
      { _ = try await store.snapshot() },
    ] {
      let error = await #expect(throws: StorageError.self) { try await call() }
      #expect(error?.code == .unavailable)
    }
    try server.start()
    var isBack = false
    while !isBack {
      do {
        try await store.commitSample(1, fence)
        isBack = true
      } catch { try await store.pools[0].loop.sleep(for: .milliseconds(20)) }
    }
    #expect(try await store.run("run")?.committedSampleCount == 1)
    await store.close()
  }

  private static let onlyReads = StorageError(
    .unavailable, "The database is read-only.", cause: .readOnly)

  @Test("a database that only reads is read, writes are told why, and go on when they can again")
  func readOnly() async throws {
    let database = try await TestStore.newDatabase()
    let loops = try TestStore.loops.get()
    func setReadOnly(_ isReadOnly: Bool) async throws {
      var own = database
      own.connectionString += " options='-c default_transaction_read_only=off'"
      let connection = try await PostgresConnection.connect(own, loop: loops[0])
      let name = try await connection.first("SELECT current_database()::text") { try $0.text() }
      _ = try await connection.run(
        """
        ALTER DATABASE \(PostgresConnection.quoted(name ?? ""))
        SET default_transaction_read_only = \(isReadOnly ? "on" : "off")
        """)
      await connection.close()
    }
    try await TestStore.open(database).close()
    try await setReadOnly(true)
    // The week of this clock has no partition, and gets none.
    let clock = TestClock()
    clock.advance(by: .seconds(1_000_000_000))
    let store = try await TestStore.open(database, clock: clock)
    #expect(await store.look()?.cause == .readOnly)
    #expect(store.upkeepFailure == Self.onlyReads)
    #expect(try await store.dataVersion() == 0)
    await #expect(throws: Self.onlyReads) {
      try await store.register(Example.price())
    }
    try await setReadOnly(false)
    var isBack = false
    while !isBack {
      do {
        _ = try await store.register(Example.price())
        isBack = true
      } catch let error as StorageError where error.code == .unavailable {}
    }
    #expect(try await store.dataVersion() == 1)
    let fence = try await store.startedRun()
    try await store.commitSample(0, fence)
    // Upkeep is caught up on as soon as all is well.
    while await store.look() != nil || store.upkeepFailure != nil {
      try await loops[0].sleep(for: .milliseconds(50))
    }
    await store.close()
  }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}

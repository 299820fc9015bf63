import BenchmarkDomain
import Storage
import TestSupport
import Testing

@testable import SQLiteStorage

@Suite("Retention")
struct RetentionTests {
  /// Makes a run of two executions with samples, and ends it.
  private func endedRun(_ name: String, _ store: SQLiteStore) async throws {
    let (run, batches, executions) = Example.run(name, configurations: 2, requests: 2000)
    _ = try await store.create(run, batches: batches, executions: executions)
    let fence = Fence(batchID: "\(name)-b0", token: 1)
    try await store.updateBatch(fence.batchID, fence: nil) { aggregate in
      aggregate.batch.state = .leased
      aggregate.batch.agentID = "a"
      aggregate.batch.fencingToken = 1
    }
    for execution in 0..<2 {
      for start: UInt32 in stride(from: 0, to: 1500, by: 250) {
        let samples = (start..<start + 250).map { Example.sample($0) }
        let id = "\(name)-b0-e\(execution)"
        _ = try await store.commit([
          SampleCommit(fence: fence, executionID: id, samples: samples)
        ])
      }
    }
    _ = try await store.cancelRun(name)
  }

  private func sampleCounts(_ name: String, _ store: SQLiteStore) async throws -> [Int] {
    var counts: [Int] = []
    for execution in 0..<2 {
      counts.append(try await store.samples(executionID: "\(name)-b0-e\(execution)").count)
    }
    return counts
  }

  @Test("samples of runs that ended before a time go in steps, and others write between them")
  func steps() async throws {
    let folder = try TemporaryFolder()
    let clock = TestClock()
    let store = try SQLiteStore(folder: folder.path, clock: { clock.now })
    try await endedRun("old", store)
    clock.advance(by: .seconds(10))
    try await endedRun("new", store)
    let cut = clock.now
    let drop = Task { try await store.dropSamples(ofRunsEndedBefore: cut) }
    // Each of them is on the disk before all is dropped.
    for number in 0..<5 { _ = try await store.register(Model(id: "model \(number)")) }
    try await drop.value
    #expect(try await sampleCounts("old", store) == [0, 0])
    #expect(try await sampleCounts("new", store) == [1500, 1500])
    #expect(try await store.execution("old-b0-e0")?.committed.committedCount == 1500)
    // The next time goes on behind what was gone through.
    clock.advance(by: .seconds(10))
    try await store.dropSamples(ofRunsEndedBefore: clock.now)
    #expect(try await sampleCounts("new", store) == [0, 0])
  }

  @Test("a store that keeps samples for a time drops them by itself", .timeLimit(.minutes(1)))
  func regularly() async throws {
    let folder = try TemporaryFolder()
    let clock = TestClock()
    let store = try SQLiteStore(folder: folder.path, clock: { clock.now })
    try await endedRun("run", store)
    store.keep(by: Retention(samples: .seconds(60)), lookingEvery: .milliseconds(5))
    clock.advance(by: .seconds(30))
    for _ in 0..<20 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(try await sampleCounts("run", store) == [1500, 1500])
    clock.advance(by: .seconds(31))
    while try await sampleCounts("run", store) != [0, 0] { await Task.yield() }
    #expect(store.upkeepFailure == nil)
    try store.close()
  }
}

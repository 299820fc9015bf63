import BenchmarkControlService
import Storage
import Testing

@Suite("The sweeper")
struct LeaseSweeperTests {
  /// What a sweeper logs whose look for unwritten results goes on until `body` ends it.
  private func logged(
    _ look: @escaping @Sendable () async throws -> Void
  ) async throws -> [String] {
    let rig = try await Rig()
    let (looks, begun) = AsyncStream.makeStream(of: Void.self)
    rig.faults.beforeSeekingResults {
      begun.yield()
      try await look()
    }
    let log = LogMemory()
    let sweeper = LeaseSweeper(plane: rig.plane) { log.add($0) }
    await sweeper.start()
    for await _ in looks { break }
    await sweeper.stop()
    return log.lines
  }

  @Test("a server that stops at once says nothing of results that it did not finish")
  func stopped() async throws {
    #expect(try await logged { try await Task.sleep(for: .seconds(3_600)) } == [])
  }

  @Test("a batch that another writer has is left to the next sweep, and keeps none of the others")
  func locked() async throws {
    let rig = try await Rig()
    var batchIDs: [String] = []
    for name in ["a", "b"] {
      _ = try await rig.makeRun()
      batchIDs.append(try await HandAgent(name, rig).lease(rig).fence.batchID)
    }
    rig.clock.advance(rig.plane.settings.leaseDuration * 2)
    rig.faults.lock(batchIDs[0])
    #expect(try await rig.plane.desk.sweep() == 1)
    #expect(try await rig.store.expiredBatches().map(\.id) == [batchIDs[0]])
    #expect(rig.logged.lines.isEmpty)
  }

  @Test("while the store fails as a whole, though it answers, no lease expires")
  func failingToWrite() async throws {
    let rig = try await Rig(settings: ControlSettings(leaseDuration: .milliseconds(40)))
    _ = try await rig.makeRun()
    let lease = try await HandAgent("a", rig).lease(rig)
    rig.clock.advance(.seconds(60))
    let log = LogMemory()
    let sweeper = LeaseSweeper(plane: rig.plane) { log.add($0) }
    sweeper.noteStore(fails: true)
    await sweeper.start()
    try await Task.sleep(for: .milliseconds(300))
    #expect(try await rig.store.expiredBatches().map(\.id) == [lease.fence.batchID])
    sweeper.noteStore(fails: false)
    while try await !rig.store.expiredBatches().isEmpty {
      try await Task.sleep(for: .milliseconds(5))
    }
    await sweeper.stop()
    #expect(log.lines == ["took back 1 expired leases"])
  }

  @Test("a store that fails is told")
  func failing() async throws {
    let words = try await logged { throw StorageError(.corrupt, "A page is damaged.") }
    #expect(words.first?.hasPrefix("cannot finish results: ") == true)
  }
}

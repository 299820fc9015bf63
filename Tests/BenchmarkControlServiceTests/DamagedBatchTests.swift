import BenchmarkControlService
import BenchmarkDomain
import Storage
import Testing

@Suite("Leases of damaged batches")
struct DamagedBatchTests {
  @Test("a batch that cannot be taken back keeps no other, and is reported")
  func sweepGoesOn() async throws {
    let rig = try await Rig()
    for _ in 0..<3 { _ = try await rig.makeRun(concurrency: [1]) }
    var batchIDs: [String] = []
    for name in ["a", "b", "c"] {
      batchIDs.append(try await HandAgent(name, rig).lease(rig).fence.batchID)
    }
    rig.clock.advance(.seconds(31))
    let first = try #require(try await rig.store.expiredBatches().first)
    rig.faults.damage(first.id)
    #expect(try await rig.plane.desk.sweep() == 2)
    #expect(try await rig.store.expiredBatches().map(\.id) == [first.id])
    #expect(
      rig.logged.lines == [
        "cannot take 1 expired leases back, the first because of: A stored bitmap cannot be read."
      ])
  }

  @Test("an agent is leased the next batch when the first is damaged")
  func grantGoesOn() async throws {
    let rig = try await Rig()
    for _ in 0..<2 { _ = try await rig.makeRun(concurrency: [1]) }
    let first = try #require(
      try await rig.store.pendingBatches(for: Rig.inventory, limit: 1).first)
    rig.faults.damage(first.id)
    let lease = try await HandAgent("a", rig).lease(rig)
    #expect(lease.fence.batchID != first.id)
    #expect(rig.logged.lines.contains { $0.contains(first.id) })
  }
}

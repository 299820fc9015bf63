import BenchmarkControlService
import BenchmarkDomain
import Storage
import Testing

@Suite("Leases of others")
struct ForeignLeaseTests {
  /// One agent has a batch; another has said hello and knows the lease's name.
  private static func stand() async throws -> (Rig, HandAgent, GrantedLease, HandAgent) {
    let rig = try await Rig()
    _ = try await rig.makeRun(concurrency: [1])
    let owner = HandAgent("a", rig)
    let lease = try await owner.lease(rig)
    try await owner.begin(lease.items[0], lease.fence)
    let stranger = HandAgent("b", rig)
    try await stranger.hello(rig)
    return (rig, owner, lease, stranger)
  }

  @Test("no message of a stranger begins, ends or fails what another agent has leased")
  func writing() async throws {
    let (rig, owner, lease, stranger) = try await Self.stand()
    let (fence, id) = (lease.fence, lease.items[0].executionID)
    let start = SegmentStart(
      executionID: id, segment: 1, wallClockAnchor: WallTime(seconds: 9), engineVersion: "other",
      modelRevision: "other")
    let messages: [AgentMessage] = [
      .segmentStarted(fence, start), .executionFailed(fence, executionID: id, reason: "broken"),
      .executionFinished(fence, executionID: id),
      .samples(fence, executionID: id, sequence: 1, [HandAgent.sample(0)]),
    ]
    let before = try #require(try await rig.store.execution(id))
    for message in messages {
      try await stranger.session.receive(message)
      #expect(await stranger.nextRevocation() == .superseded, "\(message)")
      #expect(try await rig.store.execution(id) == before, "\(message)")
    }
    try await owner.measure(lease.items[0], fence, [0, 1, 2, 3], sequence: 1)
    #expect(await owner.nextAcknowledgement() == 1)
  }

  @Test("what a stranger gives back stays with its agent")
  func release() async throws {
    let (rig, _, lease, stranger) = try await Self.stand()
    try await stranger.session.receive(.leaseRelease(lease.fence, reason: "mine"))
    let batch = try #require(try await rig.store.batches(runID: lease.runID).first)
    #expect(batch.state == .leased)
    #expect(batch.agentID == "a")
  }

  @Test("nobody is listed with a batch that is another's, whatever its hello or heartbeat says")
  func listing() async throws {
    let (rig, _, lease, stranger) = try await Self.stand()
    try await stranger.session.receive(.heartbeat(lease.fence))
    try await HandAgent("c", rig).hello(rig, held: [lease.fence])
    let agents = try await rig.store.agents(page: PageRequest()).items
    #expect(agents.filter { $0.batchID != nil }.map(\.id) == ["a"])
    // The owner's next session has it still.
    try await HandAgent("a", rig).hello(rig, held: [lease.fence])
    let again = try await rig.store.agents(page: PageRequest()).items
    #expect(again.filter { $0.batchID != nil }.map(\.id) == ["a"])
  }
}

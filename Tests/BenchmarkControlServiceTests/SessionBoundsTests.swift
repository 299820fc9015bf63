import BenchmarkDomain
import Storage
import Testing

@testable import BenchmarkControlService

@Suite("Bounds of a session")
struct SessionBoundsTests {
  @Test("an agent that never reads ends its session, and nothing piles up")
  func unreadMessages() async throws {
    var settings = ControlSettings()
    settings.outboxLimit = 10
    let rig = try await Rig(settings: settings)
    let agent = HandAgent("a", rig)
    try await agent.hello(rig)
    for _ in 0..<100 { try await agent.session.receive(.heartbeat(nil)) }
    #expect(
      await agent.failure() as? SessionOverload
        == SessionOverload(message: "the agent has left 10 messages unread"))
    // What it holds are the oldest, in order; what follows is not kept.
    let isWelcomed = await agent.next { if case .welcome = $0 { true } else { false } }
    #expect(isWelcomed == true)
  }

  @Test("announced segments are bounded, and those of a lease go with it")
  func announcements() async throws {
    var settings = ControlSettings()
    settings.announcedSegmentLimit = 3
    let rig = try await Rig(settings: settings)
    _ = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    var lease = try await agent.lease(rig)
    // The same announcement again, as after a cut, is the same announcement.
    for segment: UInt32 in [0, 1, 1] { try await agent.begin(lease.items[0], lease.fence, segment) }
    try await agent.session.receive(.leaseRelease(lease.fence, reason: "for now"))
    try await agent.session.receive(.leaseRequest)
    lease = try #require(await agent.nextLease())
    for segment: UInt32 in 2..<5 { try await agent.begin(lease.items[0], lease.fence, segment) }
    let (item, fence) = (lease.items[0], lease.fence)
    await #expect(throws: SessionOverload.self) { try await agent.begin(item, fence, 5) }
  }

  @Test("a segment that is announced under a lost lease lets no samples through")
  func lostLease() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    rig.clock.advance(.seconds(31))
    #expect(try await rig.plane.desk.sweep() == 1)
    try await agent.measure(lease.items[0], lease.fence, [0], sequence: 1)
    #expect(await agent.nextRevocation() == .superseded, "of the segment")
    #expect(await agent.nextRevocation() == .superseded, "of the samples")
    #expect(try await rig.store.run(run.id)?.committedSampleCount == 0)
  }

  @Test("a session that ends while it waits for credit waits no longer, whatever the store does")
  func cancelledWait() async throws {
    var settings = ControlSettings()
    settings.sampleCredit = 1
    let rig = try await Rig(settings: settings)
    _ = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    let (gate, opening) = AsyncStream.makeStream(of: Void.self)
    rig.faults.beforeCommittingSamples { for await _ in gate {} }
    try await agent.measure(lease.items[0], lease.fence, [0], sequence: 1)
    let waiting = Task {
      try await agent.session.receive(
        .samples(
          lease.fence, executionID: lease.items[0].executionID, sequence: 2,
          [HandAgent.sample(1)]))
    }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    let failing = Task {
      try await agent.session.receive(
        .executionFailed(
          lease.fence, executionID: lease.items[0].executionID, reason: "stopped"))
    }
    // It waits by now: a message behind it in the actor has been handled.
    while await agent.session.isWaitingForCommit == false { await Task.yield() }
    failing.cancel()
    await #expect(throws: CancellationError.self) { try await failing.value }
    opening.finish()
    #expect(await agent.nextAcknowledgement() == 1)
  }
}

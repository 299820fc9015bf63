import BenchmarkControlService
import BenchmarkDomain
import Storage
import Testing

@Suite("Segments")
struct SegmentTests {
  private static func start(
    _ lease: GrantedLease, _ segment: UInt32, at second: Int64 = 1, version: String = "1"
  ) -> AgentMessage {
    .segmentStarted(
      lease.fence,
      SegmentStart(
        executionID: lease.items[0].executionID, segment: segment,
        wallClockAnchor: WallTime(seconds: second), engineVersion: version, modelRevision: "r"))
  }

  /// A batch that agent "a" began and lost, and agent "b" has.
  private static func takenOver() async throws -> (Rig, HandAgent, GrantedLease) {
    let rig = try await Rig()
    _ = try await rig.makeRun(concurrency: [1])
    let first = HandAgent("a", rig)
    let old = try await first.lease(rig)
    try await first.measure(old.items[0], old.fence, [0], sequence: 1)
    #expect(await first.nextAcknowledgement() == 1)
    rig.clock.advance(.seconds(31))
    #expect(try await rig.plane.desk.sweep() == 1)
    let second = HandAgent("b", rig)
    return (rig, second, try await second.lease(rig))
  }

  @Test("a segment of another agent is no repetition: its clock is another")
  func foreignSegment() async throws {
    let (rig, agent, lease) = try await Self.takenOver()
    await #expect(throws: SessionViolation.self) {
      try await agent.session.receive(Self.start(lease, 0))
    }
    await #expect(throws: SessionViolation.self) {
      try await agent.session.receive(
        .samples(
          lease.fence, executionID: lease.items[0].executionID, sequence: 1,
          [HandAgent.sample(1)]))
    }
    #expect(try await rig.store.run(lease.runID)?.committedSampleCount == 1)
  }

  @Test("a segment's number names one beginning: another time is another clock")
  func secondBeginning() async throws {
    let (_, agent, lease) = try await Self.takenOver()
    try await agent.session.receive(Self.start(lease, 1))
    await #expect(throws: SessionViolation.self) {
      try await agent.session.receive(Self.start(lease, 1, at: 2))
    }
  }

  @Test("an agent that comes back after a cut says once more what began, and goes on")
  func repetition() async throws {
    let (rig, agent, lease) = try await Self.takenOver()
    try await agent.session.receive(Self.start(lease, 1))
    try await agent.session.receive(Self.start(lease, 2, at: 2))
    let again = HandAgent("b", rig)
    try await again.hello(rig, held: [lease.fence])
    for (segment, second) in [(UInt32(1), Int64(1)), (2, 2)] {
      try await again.session.receive(Self.start(lease, segment, at: second))
      try await again.session.receive(
        .samples(
          lease.fence, executionID: lease.items[0].executionID, sequence: UInt64(segment),
          [HandAgent.sample(segment, segment: segment)]))
      #expect(await again.nextAcknowledgement() == UInt64(segment))
    }
    #expect(try await rig.store.run(lease.runID)?.committedSampleCount == 3)
  }

  @Test("a takeover on another engine fails the execution, and its agent goes on with the rest")
  func otherEngine() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(requests: 2, concurrency: [1, 2])
    let first = HandAgent("a", rig)
    let old = try await first.lease(rig)
    try await first.measure(old.items[0], old.fence, [0], sequence: 1)
    #expect(await first.nextAcknowledgement() == 1)
    rig.clock.advance(.seconds(31))
    #expect(try await rig.plane.desk.sweep() == 1)
    let second = HandAgent("b", rig)
    let lease = try await second.lease(rig)
    let (broken, whole) = (lease.items[0], lease.items[1])
    try await second.session.receive(Self.start(lease, 1, version: "2"))
    let failed = try #require(try await rig.store.execution(broken.executionID))
    #expect(failed.state == .failed)
    #expect(failed.failure.contains("agent b has engine version \"2\""))
    #expect(failed.engineVersion == "1")
    // It measures what it was given all the same: acknowledged, since nobody else needs it.
    try await second.session.receive(
      .samples(
        lease.fence, executionID: broken.executionID, sequence: 1,
        [HandAgent.sample(1, segment: 1)]))
    #expect(await second.nextAcknowledgement() == 1)
    try await second.session.receive(
      .executionFinished(lease.fence, executionID: broken.executionID))
    try await second.measure(whole, lease.fence, [0, 1], sequence: 2)
    #expect(await second.nextAcknowledgement() == 2)
    try await rig.plane.results.finishAll()
    let ended = try #require(try await rig.store.run(run.id))
    #expect(ended.state == .completed)
    #expect(ended.completedCount == 1)
    #expect(ended.failedCount == 1)
    #expect(ended.committedSampleCount == 3)
  }
}

import BenchmarkControlService
import BenchmarkDomain
import Storage
import Testing

@Suite("Agent sessions")
struct SessionTests {
  @Test("an agent measures a run to its end, and the results say what was measured")
  func wholeRun() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun()
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    #expect(lease.runID == run.id)
    #expect(lease.items.map(\.configuration.workload.concurrency) == [1, 2])
    for (index, item) in lease.items.enumerated() {
      try await agent.measure(item, lease.fence, [0, 1, 2, 3], sequence: UInt64(index))
      #expect(await agent.nextAcknowledgement() == UInt64(index))
      try await agent.session.receive(
        .executionFinished(lease.fence, executionID: item.executionID))
    }
    // The results are written beside the session; the sweeper's pass finds none left.
    try await rig.plane.results.finishAll()
    let ended = try #require(try await rig.store.run(run.id))
    #expect(ended.state == .completed)
    #expect(ended.committedSampleCount == 8)
    var query = ResultQuery()
    query.runID = run.id
    let results = try await rig.store.results(query, page: PageRequest())
    #expect(results.items.count == 2)
    let ttft = try #require(results.items.first?.result.measurement(.ttft, .mean))
    #expect(abs(ttft.value - 0.1) < 1e-9)
    let tpot = try #require(results.items.first?.result.measurement(.tpot, .mean))
    #expect(abs(tpot.value - 0.01) < 1e-9)
    #expect(results.items.first?.result.provenance.kind == .measured)
  }

  @Test("the first message must be a hello")
  func helloFirst() async throws {
    let rig = try await Rig()
    let agent = HandAgent("a", rig)
    await #expect(throws: SessionViolation.self) {
      try await agent.session.receive(.leaseRequest)
    }
  }

  @Test("an agent that nothing fits is told to ask again, and is offered what comes later")
  func offers() async throws {
    let rig = try await Rig()
    let agent = HandAgent("a", rig)
    try await agent.hello(rig)
    try await agent.session.receive(.leaseRequest)
    #expect(await agent.next { if case .noWork = $0 { true } else { nil } } == true)
    _ = try await rig.makeRun()
    try await agent.session.offerWork()
    #expect(await agent.nextLease() != nil)
  }

  @Test("an agent that asks while the server looks for work to offer it is answered")
  func askingDuringAnOffer() async throws {
    let rig = try await Rig()
    let agent = HandAgent("a", rig)
    try await agent.hello(rig)
    try await agent.session.receive(.leaseRequest)
    #expect(await agent.next { if case .noWork = $0 { true } else { nil } } == true)
    // The store answers the offer's look only behind the agent's question.
    rig.faults.beforeSeekingBatches {
      rig.faults.beforeSeekingBatches {}
      try? await agent.session.receive(.leaseRequest)
    }
    try await agent.session.offerWork()
    try await agent.session.receive(.heartbeat(nil))
    let answer = await agent.next { message -> String? in
      switch message {
      case .noWork: "no work"
      case .heartbeat: "a heartbeat"
      default: nil
      }
    }
    #expect(answer == "no work")
  }

  @Test("an agent that asks before it can know of an offer gets one batch, and another later")
  func crossing() async throws {
    let rig = try await Rig()
    let agent = HandAgent("a", rig)
    try await agent.hello(rig)
    try await agent.session.receive(.leaseRequest)
    #expect(await agent.next { if case .noWork = $0 { true } else { nil } } == true)
    for concurrency: Int32 in 1...2 { _ = try await rig.makeRun(concurrency: [concurrency]) }
    try await agent.session.offerWork()
    try await agent.session.receive(.leaseRequest)
    let offered = try #require(await agent.nextLease())
    let answer = await agent.next { message -> String? in
      switch message {
      case .lease: "a lease"
      case .noWork: "no work"
      default: nil
      }
    }
    #expect(answer == "no work")
    // It knows of the offer now: what it asks for it gets.
    try await agent.session.receive(.heartbeat(offered.fence))
    try await agent.session.receive(.leaseRequest)
    #expect(await agent.nextLease() != nil)
  }

  @Test("a batch whose lease expired goes to another agent, which measures the rest alone")
  func takeover() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let first = HandAgent("a", rig)
    let old = try await first.lease(rig)
    try await first.measure(old.items[0], old.fence, [0, 2], sequence: 1)
    #expect(await first.nextAcknowledgement() == 1)
    rig.clock.advance(.seconds(31))
    #expect(try await rig.plane.desk.sweep() == 1)
    let second = HandAgent("b", rig)
    let new = try await second.lease(rig)
    #expect(new.fence.token == old.fence.token + 1)
    #expect(new.items[0].executionID == old.items[0].executionID)
    #expect(new.items[0].committed.missing == [1, 3])
    #expect(new.items[0].nextSegment == 1)
    // The first agent comes back with what it measured meanwhile: refused, not counted twice.
    try await first.session.receive(
      .samples(
        old.fence, executionID: old.items[0].executionID, sequence: 2,
        [HandAgent.sample(1), HandAgent.sample(3)]))
    #expect(await first.nextRevocation() == .superseded)
    try await second.measure(new.items[0], new.fence, [1, 3], sequence: 1)
    #expect(await second.nextAcknowledgement() == 1)
    try await rig.plane.results.finishAll()
    let samples = try await rig.store.samples(executionID: new.items[0].executionID)
    #expect(samples.map(\.requestIndex) == [0, 1, 2, 3])
    #expect(samples.map(\.segment) == [0, 1, 0, 1])
    #expect(try await rig.store.run(run.id)?.state == .completed)
  }

  @Test("samples that wait while their lease is lost are refused as those that come later")
  func lostMeanwhile() async throws {
    let rig = try await Rig()
    _ = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    rig.faults.beforeReadingExecution {
      rig.faults.beforeReadingExecution {}
      rig.clock.advance(.seconds(31))
      _ = try await rig.plane.desk.sweep()
      try await agent.session.checkLeases()
    }
    try await agent.measure(lease.items[0], lease.fence, [0, 1], sequence: 1)
    #expect(await agent.nextRevocation() == .superseded)
    #expect(try await rig.store.samples(executionID: lease.items[0].executionID).isEmpty)
    try await agent.session.receive(.leaseRequest)
    #expect(await agent.nextLease()?.fence.token == lease.fence.token + 1)
  }

  @Test("a cut connection costs no lease: the agent comes back with it and goes on")
  func reconnect() async throws {
    let rig = try await Rig()
    _ = try await rig.makeRun(concurrency: [1])
    let lease = try await HandAgent("a", rig).lease(rig)
    // Late, but nobody has taken the batch: it is still the agent's.
    rig.clock.advance(.seconds(40))
    let again = HandAgent("a", rig)
    try await again.hello(rig, held: [lease.fence])
    let resumed = try #require(await again.nextLease())
    #expect(resumed.fence == lease.fence)
    #expect(try await rig.plane.desk.sweep() == 0)
  }

  @Test("another agent cannot come back with a lease that is not its own")
  func foreignLease() async throws {
    let rig = try await Rig()
    _ = try await rig.makeRun(concurrency: [1])
    let lease = try await HandAgent("a", rig).lease(rig)
    let thief = HandAgent("b", rig)
    try await thief.hello(rig, held: [lease.fence])
    #expect(await thief.nextRevocation() == .superseded)
  }

  @Test("samples that are sent twice are acknowledged twice and counted once")
  func duplicates() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    try await agent.begin(lease.items[0], lease.fence)
    for sequence: UInt64 in [1, 2] {
      try await agent.session.receive(
        .samples(
          lease.fence, executionID: lease.items[0].executionID, sequence: sequence,
          [HandAgent.sample(0)]))
      #expect(await agent.nextAcknowledgement() == sequence)
    }
    #expect(try await rig.store.run(run.id)?.committedSampleCount == 1)
  }

  @Test("messages without samples or with too many end the session and change nothing")
  func badMessages() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    try await agent.begin(lease.items[0], lease.fence)
    for samples in [[], Array(repeating: HandAgent.sample(0), count: 257)] {
      await #expect(throws: SessionViolation.self) {
        try await agent.session.receive(
          .samples(
            lease.fence, executionID: lease.items[0].executionID, sequence: 1, samples))
      }
    }
    #expect(try await rig.store.run(run.id)?.committedSampleCount == 0)
  }

  @Test("samples of a segment that nobody announced are refused: what they measured is unknown")
  func unannouncedSegment() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    await #expect(throws: SessionViolation.self) {
      try await agent.session.receive(
        .samples(
          lease.fence, executionID: lease.items[0].executionID, sequence: 1,
          [HandAgent.sample(0)]))
    }
    #expect(try await rig.store.run(run.id)?.committedSampleCount == 0)
  }

  @Test("an execution that is finished with requests missing loses its lease, and is gone on with")
  func finishedTooEarly() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    let item = lease.items[0]
    try await agent.measure(item, lease.fence, [0, 2], sequence: 1)
    try await agent.session.receive(.executionFinished(lease.fence, executionID: item.executionID))
    let reason = await agent.next {
      if case .revoked(lease.fence, .superseded, let reason) = $0 { reason } else { nil }
    }
    #expect(reason?.contains("2 of its requests are not committed") == true)
    #expect(reason?.contains(item.executionID) == true)
    try await agent.session.receive(.leaseRequest)
    let next = try #require(await agent.nextLease())
    #expect(next.fence.token == lease.fence.token + 1)
    #expect(next.items[0].committed.missing == [1, 3])
    try await agent.measure(next.items[0], next.fence, [1, 3], sequence: 2)
    try await agent.session.receive(.executionFinished(next.fence, executionID: item.executionID))
    #expect(try await rig.store.run(run.id)?.state == .completed)
  }

  @Test("the end of the last execution takes no lease away: the agent finished its batch")
  func finishedWhole() async throws {
    let rig = try await Rig()
    _ = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    let id = lease.items[0].executionID
    try await agent.measure(lease.items[0], lease.fence, [0, 1, 2, 3], sequence: 1)
    try await agent.session.receive(.executionFinished(lease.fence, executionID: id))
    try await agent.session.receive(.heartbeat(nil))
    let isRevoked = await agent.next { message -> Bool? in
      switch message {
      case .revoked: true
      case .heartbeat: false
      default: nil
      }
    }
    #expect(isRevoked == false)
  }

  @Test("a cancelled run revokes its leases")
  func cancellation() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    try await agent.begin(lease.items[0], lease.fence)
    _ = try await rig.store.cancelRun(run.id)
    try await agent.session.checkLeases()
    #expect(await agent.nextRevocation() != nil)
    try await agent.session.receive(
      .samples(
        lease.fence, executionID: lease.items[0].executionID, sequence: 1, [HandAgent.sample(0)]))
    #expect(await agent.nextRevocation() == .superseded)
    #expect(try await rig.store.run(run.id)?.committedSampleCount == 0)
  }

  @Test("an execution whose requests all failed has failed, with the classes of its errors")
  func allFailed() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(requests: 2, concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    try await agent.begin(lease.items[0], lease.fence)
    let samples = [UInt32(0), 1].map { index in
      var sample = HandAgent.sample(index)
      sample.outcome = index == 0 ? .timedOut : .connectionFailed
      return sample
    }
    try await agent.session.receive(
      .samples(lease.fence, executionID: lease.items[0].executionID, sequence: 1, samples))
    _ = await agent.nextAcknowledgement()
    try await rig.plane.results.finishAll()
    let execution = try #require(try await rig.store.execution(lease.items[0].executionID))
    #expect(execution.state == .failed)
    #expect(execution.failure.contains("1 timed_out"))
    #expect(try await rig.store.run(run.id)?.state == .failed)
  }
}

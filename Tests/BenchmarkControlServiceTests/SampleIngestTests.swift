import BenchmarkDomain
import Storage
import Synchronization
import Testing

@testable import BenchmarkControlService

@Suite("Samples on their way into the store")
struct SampleIngestTests {
  /// Holds commits back, and counts them, until it is opened.
  private final class Gate: Sendable {
    private let opening: AsyncStream<Void>
    private let opener: AsyncStream<Void>.Continuation
    private let seen = Atomic64()

    init() { (opening, opener) = AsyncStream.makeStream() }

    func pass() async {
      _ = seen.next()
      for await _ in opening {}
    }

    func open() { opener.finish() }

    /// How many commits have come, this call counted.
    var count: Int { seen.next() - 1 }
  }

  @Test("samples of all agents that come during a commit share the next one")
  func sharing() async throws {
    let rig = try await Rig()
    _ = try await rig.makeRun(requests: 40, concurrency: [1])
    _ = try await rig.makeRun(requests: 40, concurrency: [2])
    let gate = Gate()
    rig.faults.beforeCommittingSamples { await gate.pass() }
    let agents = [HandAgent("a", rig), HandAgent("b", rig)]
    for agent in agents {
      let lease = try await agent.lease(rig)
      for index: UInt32 in 0..<10 {
        try await agent.measure(
          lease.items[0], lease.fence, [index], sequence: UInt64(index) + 1, segment: 0)
      }
    }
    gate.open()
    for agent in agents {
      var last: UInt64 = 0
      while last < 10 { last = try #require(await agent.nextAcknowledgement()) }
    }
    // Of 20 messages: the first, all that came meanwhile, and what the scheduler let come between.
    #expect(gate.count <= 10)
  }

  @Test("a run whose row somebody holds keeps no other run waiting")
  func held() async throws {
    let rig = try await Rig()
    _ = try await rig.makeRun(requests: 40, concurrency: [1])
    _ = try await rig.makeRun(requests: 40, concurrency: [2])
    let gate = Gate()
    rig.faults.beforeCommittingSamples { await gate.pass() }
    var leases: [GrantedLease] = []
    let agents = [HandAgent("a", rig), HandAgent("b", rig)]
    for agent in agents {
      let lease = try await agent.lease(rig)
      leases.append(lease)
      for index: UInt32 in 0..<4 {
        try await agent.measure(
          lease.items[0], lease.fence, [index], sequence: UInt64(index) + 1, segment: 0)
      }
    }
    rig.faults.hold(leases[0].items[0].executionID)
    gate.open()
    var last: UInt64 = 0
    while last < 4 { last = try #require(await agents[1].nextAcknowledgement()) }
    rig.faults.hold(leases[0].items[0].executionID, false)
    last = 0
    while last < 4 { last = try #require(await agents[0].nextAcknowledgement()) }
  }

  @Test("what the store does not take in time is committed in smaller parts, in its order")
  func parts() async throws {
    var settings = ControlSettings()
    settings.commitGroupBytes = 65_536
    settings.commitRetry = .milliseconds(1)...(.milliseconds(5))
    let rig = try await Rig(settings: settings)
    let run = try await rig.makeRun(requests: 64, concurrency: [1])
    let gate = Gate()
    rig.faults.beforeCommittingSamples { await gate.pass() }
    rig.faults.takeAtMost(5)
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    for index: UInt32 in 0..<40 {
      try await agent.measure(
        lease.items[0], lease.fence, [index], sequence: UInt64(index) + 1, segment: 0)
    }
    gate.open()
    #expect(await agent.acknowledged(40) == Array(1...40))
    #expect(try await rig.store.run(run.id)?.committedSampleCount == 40)
  }

  @Test("a group's size follows what the store takes in time")
  func groupSize() {
    var size = GroupSize(most: 1_280)
    #expect(size.count(of: [500, 500, 500]) == 2)
    size.failed(with: 1_000)
    #expect(size.bytes == 500)
    #expect(size.count(of: [600, 1]) == 1)
    size.wentWell(in: .seconds(10))
    #expect(size.bytes == 500)
    for _ in 0..<9 { size.failed(with: size.bytes) }
    #expect(size.bytes == 10)
    for _ in 0..<9 { size.wentWell(in: .milliseconds(5)) }
    #expect(size.bytes == 1_280)
  }

  @Test("groups of different runs are committed side by side, those of one run one by one")
  func sideBySide() async throws {
    var settings = ControlSettings()
    settings.commitBesideBytes = 1
    let rig = try await Rig(settings: settings)
    _ = try await rig.makeRun(requests: 40, concurrency: [1])
    _ = try await rig.makeRun(requests: 40, concurrency: [2])
    let (opening, opener) = AsyncStream<Void>.makeStream()
    let (entered, enter) = AsyncStream<Void>.makeStream()
    let under = Mutex(0)
    rig.faults.beforeCommittingSamples {
      let count = under.withLock { count in
        count += 1
        return count
      }
      #expect(count <= 2)
      enter.yield()
      for await _ in opening {}
      under.withLock { $0 -= 1 }
    }
    let agents = [HandAgent("a", rig), HandAgent("b", rig)]
    for agent in agents {
      let lease = try await agent.lease(rig)
      for index: UInt32 in 0..<5 {
        try await agent.measure(
          lease.items[0], lease.fence, [index], sequence: UInt64(index) + 1, segment: 0)
      }
    }
    // Nothing is let through until both are under way.
    var commits = entered.makeAsyncIterator()
    for _ in 0..<2 { await commits.next() }
    #expect(under.withLock { $0 } == 2)
    opener.finish()
    for agent in agents { #expect(await agent.acknowledged(5) == Array(1...5)) }
  }

  @Test("samples without room stay with their agent, whose lease lives on meanwhile")
  func room() async throws {
    var settings = ControlSettings(leaseDuration: .milliseconds(600))
    settings.sampleRoomBytes = 1
    let rig = try await Rig(settings: settings)
    _ = try await rig.makeRun(requests: 40, concurrency: [1])
    let gate = Gate()
    rig.faults.beforeCommittingSamples { await gate.pass() }
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    try await agent.measure(lease.items[0], lease.fence, [0], sequence: 1)
    let second = Task {
      try await agent.session.receive(
        .samples(
          lease.fence, executionID: lease.items[0].executionID, sequence: 2,
          [HandAgent.sample(1)]))
    }
    while rig.plane.room.waitingCount == 0 { await Task.yield() }
    // The store's time goes on; only a renewal moves the end of the lease.
    let end = try #require(
      try await rig.store.batches(runID: try await rig.onlyRunID()).first?.leaseExpiresAt)
    rig.clock.advance(.milliseconds(300))
    var later = end
    while later == end {
      later = try #require(
        try await rig.store.batches(runID: try await rig.onlyRunID()).first?.leaseExpiresAt)
    }
    #expect(later > end)
    #expect(rig.plane.room.waitingCount == 1)
    gate.open()
    try await second.value
    var last: UInt64 = 0
    while last < 2 { last = try #require(await agent.nextAcknowledgement()) }
    while rig.plane.room.used > 0 { await Task.yield() }
  }

  @Test("a session that ends while its samples wait for room takes none")
  func leaving() async throws {
    var settings = ControlSettings()
    settings.sampleRoomBytes = 1
    let rig = try await Rig(settings: settings)
    _ = try await rig.makeRun(requests: 40, concurrency: [1])
    let gate = Gate()
    rig.faults.beforeCommittingSamples { await gate.pass() }
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    try await agent.measure(lease.items[0], lease.fence, [0], sequence: 1)
    let second = Task {
      try await agent.session.receive(
        .samples(
          lease.fence, executionID: lease.items[0].executionID, sequence: 2,
          [HandAgent.sample(1)]))
    }
    while rig.plane.room.waitingCount == 0 { await Task.yield() }
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    #expect(rig.plane.room.waitingCount == 0)
    gate.open()
    _ = await agent.nextAcknowledgement()
    while rig.plane.room.used > 0 { await Task.yield() }
    #expect(try await rig.store.samples(executionID: lease.items[0].executionID).count == 1)
  }
}

extension Rig {
  /// The id of the one run that there is.
  fileprivate func onlyRunID() async throws -> String {
    try #require(
      try await store.runs(state: nil, page: PageRequest(size: 2)).items.first
    ).id
  }
}

package import BenchmarkDomain
import Scheduling
import Statistics
import Storage

/// One agent's session: reads what the agent says and answers through an outbox.
///
/// Messages are handled in order; only the commits of samples run beside them, as many as the
/// agent's credit lets through. The session holds no lease: a connection that ends costs nothing.
package actor AgentSession {
  let services: ControlPlane
  private let granted: @Sendable (_ agentID: String, _ fence: Fence) -> Void
  /// The agent as it said hello; nil before.
  private(set) var agent: AgentRecord?
  var leases = SessionLeases()
  private var wantsWork = false
  private var isGranting = false
  /// The agent has asked and awaits an answer: a lease or no work.
  private var awaitsAnswer = false
  /// A lease that was offered, of which the agent has said nothing yet.
  private var offered: Fence?
  var unacknowledged = 0
  /// The execution whose samples came last.
  var measured: MeasuredExecution?
  var creditWaiter: CheckedContinuation<Void, Never>?
  private let outbox: AsyncStream<ServerMessage>.Continuation
  private nonisolated let unread: GaugeShare
  private nonisolated let presence: GaugeShare
  /// What the session says, to be sent in order. It holds `outboxLimit` messages; an agent that
  /// leaves more unread ends its session.
  package nonisolated let outgoing: AsyncStream<ServerMessage>
  let failure: AsyncStream<any Error>.Continuation
  /// What ends the session besides a message: samples that were refused, a store that is damaged,
  /// an outbox that is full. The first is all that counts.
  package nonisolated let failures: AsyncStream<any Error>

  /// Makes a session; `granted` hears of each batch that its agent gets.
  package init(
    services: ControlPlane,
    granted: @escaping @Sendable (_ agentID: String, _ fence: Fence) -> Void = { _, _ in }
  ) {
    self.services = services
    self.granted = granted
    unread = GaugeShare(of: services.metrics.outbox)
    presence = GaugeShare(of: services.metrics.agents)
    (outgoing, outbox) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingOldest(services.settings.outboxLimit))
    (failures, failure) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
  }

  /// Handles one message, for which `room` was made if it is large; throws `SessionViolation`,
  /// `SessionOverload` or `StorageError` when the session must end, and `CancellationError` when it
  /// ends while a message waits for credit or room.
  package func receive(_ message: AgentMessage, room: RoomShare? = nil) async throws {
    if case .hello(let id, let inventory, let held) = message {
      return try await greet(id, inventory, held)
    }
    guard let agent else { throw SessionViolation(message: "the first message is not a hello") }
    // It was lost while the message was under way, or it never was this agent's: everybody can read
    // the names of leases, which prove nothing.
    if let fence = message.claim, !leases.contains(fence) {
      if case .samples = message { return refuseSuperseded(fence) }
      return revoke(fence, .superseded, "the lease has ended")
    }
    if let fence = message.fence, fence == offered { offered = nil }
    switch message {
    case .hello: break
    case .leaseRequest: try await requestLease(agent)
    case .segmentStarted(let fence, let start): try await begin(start, fence, agent)
    case .executionFailed(let fence, let id, let reason): try await fail(id, fence, reason)
    case .executionFinished(let fence, let id): try await finished(id, fence, agent)
    case .samples(let fence, let id, let sequence, let samples):
      do {
        try await accept(samples, of: id, fence, sequence, room)
      } catch let refused as RefusedSamples {
        try await refuse(refused)
      }
    case .heartbeat(let fence): try await heartbeat(fence, agent)
    case .leaseRelease(let fence, let reason): try await release(fence, reason)
    }
  }

  /// A message of `outgoing` was taken.
  package nonisolated func taken() { unread.add(-1) }

  /// Offers work to an agent that asked and got none.
  package func offerWork() async throws {
    guard wantsWork, let agent else { return }
    try await requestLease(agent, isOffer: true)
  }

  /// Tells the agent which of its leases are lost, after a cancellation.
  package func checkLeases() async throws {
    guard let agent else { return }
    for fence in leases.fences { _ = try await renew(fence, agent) }
  }

  private func greet(_ id: String, _ inventory: AgentInventory, _ held: [Fence]) async throws {
    guard agent == nil else { throw SessionViolation(message: "a second hello") }
    try await services.catalog.check(inventory)
    let record = AgentRecord(id: id, inventory: inventory, lastSeenAt: services.clock())
    try await services.runs.upsert(record)
    agent = record
    presence.add(1)
    let settings = services.settings
    send(
      .welcome(
        sessionID: services.makeID(), sampleCredit: settings.sampleCredit,
        leaseDuration: settings.leaseDuration, heartbeatInterval: settings.heartbeatInterval))
    try await services.desk.releaseUnknown(agentID: id, held: held)
    for fence in held {
      if let lease = try await services.desk.resume(fence, agentID: id) {
        leases.insert(fence)
        send(.lease(lease))
      } else {
        send(.revoked(fence, .superseded, reason: "the lease has ended"))
      }
    }
    if let fence = held.first(where: leases.contains) {
      try await heard(from: record, holding: fence.batchID)
    }
  }

  private func requestLease(_ agent: AgentRecord, isOffer: Bool = false) async throws {
    if !isOffer {
      // It had asked before it could know of the offer: another batch would wait behind that one.
      if let fence = offered, leases.contains(fence) {
        offered = nil
        return send(.noWork(retryAfter: services.settings.retryWorkAfter))
      }
      awaitsAnswer = true
    }
    // What is being granted answers both.
    guard !isGranting else { return }
    isGranting = true
    wantsWork = false
    defer { isGranting = false }
    let lease = try await services.desk.grant(agentID: agent.id, inventory: agent.inventory)
    let isAnswer = awaitsAnswer
    awaitsAnswer = false
    guard let lease else {
      wantsWork = true
      if isAnswer { send(.noWork(retryAfter: services.settings.retryWorkAfter)) }
      return
    }
    leases.insert(lease.fence)
    offered = isAnswer ? nil : lease.fence
    granted(agent.id, lease.fence)
    try await heard(from: agent, holding: lease.fence.batchID)
    send(.lease(lease))
  }

  private func begin(_ start: SegmentStart, _ fence: Fence, _ agent: AgentRecord) async throws {
    let limit = services.settings.announcedSegmentLimit
    guard leases.announcedCount < limit else {
      throw SessionOverload(message: "more than \(limit) segments announced in one session")
    }
    let segment = Segment(
      executionID: start.executionID, number: start.segment, agentID: agent.id,
      wallClockAnchor: start.wallClockAnchor)
    let isHeld: Bool
    do {
      isHeld = try await underLease(fence, agent) { state in
        try ExecutionRules.begin(
          &state, segment, engineVersion: start.engineVersion, modelRevision: start.modelRevision,
          isSimulated: agent.inventory.isSimulated)
      }
    } catch SchedulingRefusal.segmentUsed {
      try await checkRepetition(segment)
      isHeld = try await renew(fence, agent)
    }
    if isHeld { leases.announce(start.segment, of: start.executionID, under: fence) }
  }

  /// After a cut an agent says once more what began. Another segment of the same number would have
  /// its stamps measured against the first one's clock.
  private func checkRepetition(_ segment: Segment) async throws {
    let stored = try await services.runs.segment(segment.number, of: segment.executionID)
    guard stored == segment else {
      throw SessionViolation(
        message: "segment \(segment.number) of execution \(segment.executionID) began before, on "
          + "another agent or at another time")
    }
  }

  /// An execution fails behind the samples that came before the message.
  private func fail(_ executionID: String, _ fence: Fence, _ reason: String) async throws {
    guard let agent else { return }
    while unacknowledged > 0 { try await waitForCommit() }
    _ = try await underLease(fence, agent) { state in
      try ExecutionRules.fail(&state, executionID, because: reason)
    }
  }

  /// An execution is finished behind the samples that came before the message. When some are
  /// missing even so, the lease is taken back and the next one measures them: the agent is told
  /// with ABORTED, and may ask for the batch again.
  private func finished(_ executionID: String, _ fence: Fence, _ agent: AgentRecord) async throws {
    while unacknowledged > 0 { try await waitForCommit() }
    try await services.results.finish(executionID)
    if try await services.runs.execution(executionID)?.state.isTerminal == true {
      // With its last execution the batch has ended, and with it the lease, which nobody lost.
      _ = try await services.desk.renew(fence, agentID: agent.id)
      return
    }
    do {
      _ = try await underLease(fence, agent) { try ExecutionRules.finish($0, executionID) }
    } catch SchedulingRefusal.requestsMissing(let count) {
      try await services.desk.release(fence)
      revoke(
        fence, .superseded,
        "execution \(executionID) is said to be finished, but \(count) of its requests are not "
          + "committed; they are to be measured under another lease")
    }
  }

  private func heartbeat(_ fence: Fence?, _ agent: AgentRecord) async throws {
    var batchID: String?
    if let fence, try await renew(fence, agent) { batchID = fence.batchID }
    try await heard(from: agent, holding: batchID)
    send(.heartbeat(services.clock()))
  }

  private func release(_ fence: Fence, _ reason: String) async throws {
    guard leases.contains(fence) else { return }
    leases.remove(fence)
    try await services.desk.release(fence)
  }

  private func heard(from agent: AgentRecord, holding batchID: String?) async throws {
    var record = agent
    record.lastSeenAt = services.clock()
    record.batchID = batchID
    self.agent = record
    try await services.runs.upsert(record)
  }
}

extension AgentSession {
  /// Changes a batch under the agent's lease; a superseded lease is revoked, a broken rule is a
  /// violation, missing requests and used segments are the caller's. True when the batch is as the
  /// agent says, false when the lease is lost.
  func underLease(
    _ fence: Fence, _ agent: AgentRecord,
    _ rule: @escaping @Sendable (inout BatchAggregate) throws -> Void
  ) async throws -> Bool {
    let duration = services.settings.leaseDuration
    do {
      let runID = try await services.runs.updateBatch(fence.batchID, fence: fence) { state in
        try rule(&state)
        if state.batch.state == .leased {
          state.batch.leaseExpiresAt = state.now.advanced(by: duration)
        }
        return state.run.id
      }
      await services.signals.publish(.run(runID))
      return true
    } catch let error as StorageError where error.code == .superseded {
      revoke(fence, .superseded, "the lease has ended")
      return false
    } catch SchedulingRefusal.runEnded {
      revoke(fence, .cancelled, "the run has ended")
      return false
    } catch SchedulingRefusal.executionEnded {
      // A repetition after a cut connection: it is as the agent says already.
      return true
    } catch let refusal as SchedulingRefusal where refusal.isForCaller {
      throw refusal
    } catch let refusal as SchedulingRefusal {
      throw SessionViolation(message: "not allowed: \(refusal)")
    }
  }

  /// Puts a message into the outbox; never waits.
  func send(_ message: ServerMessage) {
    guard case .dropped = outbox.yield(message) else { return unread.add(1) }
    failure.yield(
      SessionOverload(
        message: "the agent has left \(services.settings.outboxLimit) messages unread"))
  }

  /// Renews a lease, or tells the agent that it is lost.
  private func renew(_ fence: Fence, _ agent: AgentRecord) async throws -> Bool {
    if try await services.desk.renew(fence, agentID: agent.id) { return true }
    revoke(fence, .superseded, "the lease has ended")
    return false
  }

  /// Refuses samples under a lease that the agent has not got.
  func refuseSuperseded(_ fence: Fence) {
    services.metrics.refused(.superseded)
    revoke(fence, .superseded, "the lease has ended")
  }

  func revoke(_ fence: Fence, _ code: RevocationCode, _ reason: String) {
    leases.remove(fence)
    send(.revoked(fence, code, reason: reason))
  }
}

extension AgentMessage {
  /// The lease that the agent must have for the message to count. A heartbeat's is looked for in
  /// the store, and giving back what one has not got changes nothing.
  fileprivate var claim: Fence? {
    switch self {
    case .heartbeat, .leaseRelease: nil
    default: fence
    }
  }

  /// The lease that it is about; nil where it is about none.
  fileprivate var fence: Fence? {
    switch self {
    case .segmentStarted(let fence, _), .executionFailed(let fence, _, _),
      .executionFinished(let fence, _), .samples(let fence, _, _, _), .leaseRelease(let fence, _):
      fence
    case .heartbeat(let fence): fence
    case .hello, .leaseRequest: nil
    }
  }
}

extension SchedulingRefusal {
  /// True for what a message has an answer for.
  fileprivate var isForCaller: Bool {
    switch self {
    case .requestsMissing, .segmentUsed: true
    default: false
    }
  }
}

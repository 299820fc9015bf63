package import BenchmarkDomain
package import SampleSpool

/// The agent's side of the protocol: what it has leased, measured, sent and seen acknowledged.
///
/// Samples go to the spool before they go to the server and leave it when acknowledged. A cut
/// connection changes nothing here but the link: work goes on, and the next link begins with what
/// nobody has acknowledged.
package actor AgentController {
  let runner: any ExecutionRunner
  let spool: Spool
  let inventory: AgentInventory
  let log: @Sendable (String) -> Void

  /// Where messages go; nil until the server has welcomed the agent.
  var link: (@Sendable (AgentMessage) -> Void)?
  /// A session that was greeted and has not answered yet.
  var greeted: (@Sendable (AgentMessage) -> Void)?
  var outbox = Outbox()
  var leases: [GrantedLease] = []
  var work: Task<Void, Never>?
  var currentFence: Fence?
  var workDone: Set<Fence> = []
  var unansweredLeases: Set<Fence> = []
  /// True while the server owes an answer to a request for a batch.
  private var hasAsked = false
  private var askingAgain: Task<Void, Never>?
  var isStopping = false
  private var echoCount = 0
  /// What the server said in its welcome; nil until there is one.
  package private(set) var terms: SessionTerms?
  /// How often to say something, as the last server wished; soon until one has, lest the first word
  /// comes behind the end of a short lease.
  package private(set) var heartbeatInterval = Duration.milliseconds(500)
  /// True while the server has nothing to do for this agent, and the log says so.
  private var hasToldOfIdleness = false

  /// Makes a controller; `log` hears what an operator should know.
  package init(
    runner: any ExecutionRunner, spool: Spool, inventory: AgentInventory,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.runner = runner
    self.spool = spool
    self.inventory = inventory
    self.log = log
  }

  /// A session is open: says hello with every lease that has work or samples left.
  package func connected(_ send: @escaping @Sendable (AgentMessage) -> Void) async throws {
    // A session that took this one's place before its end was heard of is over, too.
    disconnected()
    greeted = send
    outbox = outbox.withoutSamples()
    let spooled = try await spool.heldLeases()
    let held = Set(spooled).union(leases.map(\.fence))
    // Each of them is answered, by the lease or by its loss, before the agent asks for more.
    unansweredLeases = held
    send(
      .hello(
        agentID: spool.agentID, inventory: inventory,
        heldLeases: held.sorted { $0.batchID < $1.batchID }))
  }

  /// The session ended; work goes on into the spool. Returns whether it had been welcomed.
  @discardableResult
  package func disconnected() -> Bool {
    link = nil
    greeted = nil
    hasAsked = false
    askingAgain?.cancel()
    askingAgain = nil
    defer { terms = nil }
    return terms != nil
  }

  /// Handles one message of the server.
  package func receive(_ message: ServerMessage) async throws {
    switch message {
    case .welcome(_, let credit, let lease, let interval):
      heartbeatInterval = interval
      terms = SessionTerms(leaseDuration: lease, heartbeatInterval: interval)
      try await resume(credit: Int(credit))
    case .lease(let lease): try await take(lease)
    case .noWork(let delay):
      // With a batch, it was offered that before the server heard of its asking.
      if leases.isEmpty { tellOfIdleness() }
      askAgain(after: delay)
    case .acknowledged(_, let sequence, _):
      try await spool.acknowledge(sequence)
      outbox.acknowledge(sequence)
      pump()
      finishLeases()
    case .revoked(let fence, _, let reason): try await lose(fence, reason)
    case .heartbeat: echoCount += 1
    }
  }

  /// Says that the agent lives; renews its lease.
  package func heartbeat() {
    guard !leases.isEmpty else { return link?(.heartbeat(nil)) ?? () }
    for lease in leases { link?(.heartbeat(lease.fence)) }
  }

  /// Stops measuring, hands in what is measured, gives the leases back, and returns true when work
  /// was left. The session should still run; without one, or with a slow one, the spool keeps what
  /// is not handed in and the leases end by themselves.
  package func stop() async -> Bool {
    isStopping = true
    let hadWork = !leases.isEmpty
    work?.cancel()
    await work?.value
    await settle { outbox.isIdle }
    for lease in leases where !workDone.contains(lease.fence) {
      link?(.leaseRelease(lease.fence, reason: "the agent stops"))
    }
    // Its echo says that the server has read what went before.
    let echoes = echoCount
    link?(.heartbeat(nil))
    await settle { echoCount > echoes }
    await runner.shutDown()
    return hadWork
  }

  /// Waits two seconds at most, while there is a link.
  private func settle(_ isSettled: () -> Bool) async {
    let deadline = ContinuousClock.now + .seconds(2)
    while link != nil, !isSettled(), ContinuousClock.now < deadline {
      // A cancelled wait looks again at once; the deadline bounds it.
      try? await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Stops without a word to anybody, as a killed process does; for tests.
  func abandon() async {
    link = nil
    isStopping = true
    work?.cancel()
    await work?.value
  }

  /// Sends everything that the spool holds once more: nobody has acknowledged it.
  private func resume(credit: Int) async throws {
    // In this order, every sample's segment is among the starts. Work goes on meanwhile: what it
    // has queued since the link stands goes behind.
    let pending = try await spool.allPending()
    let starts = try await spool.segments()
    outbox = Outbox(credit: credit, starts: starts, spooled: pending, behind: outbox)
    link = greeted
    pump()
    finishLeases()
    askForWork()
  }

  /// Asks for a batch when there is none, none that the server has yet to speak of, and no
  /// earlier request without its answer: each is answered with a batch of its own.
  func askForWork() {
    guard leases.isEmpty, unansweredLeases.isEmpty, !hasAsked, !isStopping, let link else { return }
    hasAsked = true
    link(.leaseRequest)
  }

  /// Says once, until there is work, what an agent that gets none is good for: nothing else tells a
  /// misspelt model from a quiet day.
  private func tellOfIdleness() {
    guard !hasToldOfIdleness else { return }
    hasToldOfIdleness = true
    log("no batch waits for this agent: \(inventory.offer)")
  }

  private func take(_ lease: GrantedLease) async throws {
    hasAsked = false
    hasToldOfIdleness = false
    unansweredLeases.remove(lease.fence)
    try await spool.hold(lease.fence)
    guard !leases.contains(where: { $0.fence == lease.fence }) else { return }
    log("leased batch \(lease.fence.batchID): \(lease.items.count) configurations")
    leases.append(lease)
    startWork()
  }

  private func askAgain(after delay: Duration) {
    hasAsked = false
    askingAgain?.cancel()
    askingAgain = Task {
      // A cancelled wait belongs to a session that is over, or another has taken its place.
      do { try await Task.sleep(for: delay) } catch { return }
      askForWork()
    }
  }

  private func lose(_ fence: Fence, _ reason: String) async throws {
    let wasAwaited = unansweredLeases.remove(fence) != nil
    let wasHeld = leases.contains { $0.fence == fence }
    // First of all: when its work ends, the next lease's begins.
    leases.removeAll { $0.fence == fence }
    if currentFence == fence {
      work?.cancel()
      await work?.value
    }
    workDone.remove(fence)
    let count = try await spool.drop(fence)
    outbox.drop(fence)
    // Every message that was under way gets the same answer; one word about it is enough.
    if wasAwaited || wasHeld || count > 0 { log(Self.loss(of: fence, reason, dropping: count)) }
    askForWork()
    startWork()
  }

  private static func loss(of fence: Fence, _ reason: String, dropping count: Int) -> String {
    let samples =
      count == 0
      ? "no sample of it was waiting"
      : "unacknowledged samples of it that are dropped, for its next agent to measure: \(count)"
    return "batch \(fence.batchID) is no longer this agent's (the server: \(reason)): its lease "
      + "ran out, its run or the batch itself has ended, or another agent has it; \(samples)"
  }

  /// Sends as much as the credit allows.
  func pump() {
    guard let link else { return }
    while let message = outbox.next() { link(message) }
  }

  /// Gives leases back whose samples are all acknowledged, and asks for the next.
  func finishLeases() {
    guard let link else { return }
    for fence in workDone where !outbox.holds(fence) {
      workDone.remove(fence)
      leases.removeAll { $0.fence == fence }
      link(.leaseRelease(fence, reason: ""))
      forget(fence)
      askForWork()
    }
    startWork()
  }

  private func forget(_ fence: Fence) {
    Task {
      do {
        try await spool.release(fence)
      } catch {
        // The next hello names a lease that is over; the server's answer forgets it.
        log("cannot forget batch \(fence.batchID): \(error)")
      }
    }
  }
}

extension AgentInventory {
  /// "hardware l4-x1, engine vllm, model any, quantization fp8".
  fileprivate var offer: String {
    func list(_ name: String, _ ids: [String]) -> String {
      "\(name) \(ids.isEmpty ? "any" : ids.joined(separator: " or "))"
    }
    return [
      list("hardware", hardwareIDs), list("engine", engineIDs), list("model", modelIDs),
      list("quantization", quantizationIDs),
    ].joined(separator: ", ")
  }
}

import BenchmarkDomain
import SampleSpool

/// What waits to be sent, in order, and what was sent and is not acknowledged. Pure.
struct Outbox {
  private enum Entry {
    case batch(SpooledBatch)
    case event(Fence, AgentMessage)
  }

  private var waiting: [Entry] = []
  private var sent: [UInt64: (fence: Fence, count: Int)] = [:]
  private var used = 0
  private let credit: Int
  /// The spool's newest message when a session last took all that the spool held.
  private var resumedSequence: UInt64 = 0

  /// An outbox that may have `credit` samples unacknowledged; none before the welcome.
  init(credit: Int = 0) { self.credit = credit }

  /// The outbox of a session that was welcomed: it begins with all that the spool holds, behind
  /// the starts of its segments, and goes on with what was queued meanwhile.
  init(
    credit: Int, starts: [(Fence, SegmentStart)], spooled: [SpooledBatch], behind older: Outbox
  ) {
    self.credit = credit
    resumedSequence = max(older.resumedSequence, spooled.last?.sequence ?? 0)
    for (fence, start) in starts { waiting.append(.event(fence, .segmentStarted(fence, start))) }
    for batch in spooled { waiting.append(.batch(batch)) }
    for entry in older.waiting {
      if case .batch(let batch) = entry, batch.sequence <= resumedSequence { continue }
      waiting.append(entry)
    }
  }

  /// What is left of an outbox when its session is over: events that nobody was there to hear.
  /// Samples come back from the spool.
  func withoutSamples() -> Outbox {
    var rest = Outbox()
    rest.resumedSequence = resumedSequence
    rest.waiting = waiting.filter { if case .event = $0 { true } else { false } }
    return rest
  }

  /// Queues measured samples, unless the session has found them in the spool already: one that
  /// begins between a write and its return does.
  mutating func append(_ batch: SpooledBatch) {
    if batch.sequence > resumedSequence { waiting.append(.batch(batch)) }
  }

  /// Queues an event behind the samples that came before it.
  mutating func append(_ message: AgentMessage) {
    guard let fence = message.fence else { return }
    waiting.append(.event(fence, message))
  }

  /// The next message that the credit lets through.
  mutating func next() -> AgentMessage? {
    guard credit > 0, let first = waiting.first else { return nil }
    switch first {
    case .event(_, let message):
      waiting.removeFirst()
      return message
    case .batch(let batch):
      guard used == 0 || used + batch.samples.count <= credit else { return nil }
      waiting.removeFirst()
      used += batch.samples.count
      sent[batch.sequence] = (batch.fence, batch.samples.count)
      return .samples(
        batch.fence, executionID: batch.executionID, sequence: batch.sequence, batch.samples)
    }
  }

  /// Takes the credit of an acknowledged message back.
  mutating func acknowledge(_ sequence: UInt64) {
    if let (_, count) = sent.removeValue(forKey: sequence) { used -= count }
  }

  /// Forgets everything of a lost lease.
  mutating func drop(_ fence: Fence) {
    waiting.removeAll { entry in
      switch entry {
      case .batch(let batch): batch.fence == fence
      case .event(let of, _): of == fence
      }
    }
    for (sequence, entry) in sent where entry.fence == fence { acknowledge(sequence) }
  }

  /// True when nothing waits and everything sent is acknowledged.
  var isIdle: Bool { waiting.isEmpty && sent.isEmpty }

  /// True while something of the lease waits or is not acknowledged.
  func holds(_ fence: Fence) -> Bool {
    sent.values.contains { $0.fence == fence }
      || waiting.contains { entry in
        switch entry {
        case .batch(let batch): batch.fence == fence
        case .event(let of, _): of == fence
        }
      }
  }
}

extension AgentMessage {
  /// The lease that the message speaks of.
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

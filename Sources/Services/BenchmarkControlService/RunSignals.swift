/// Wakes who waits for something to happen in this process, and tells other processes of runs. What
/// happened is in the store.
package actor RunSignals {
  /// What a waiter is woken for.
  package enum Topic: Hashable, Sendable {
    /// A commit of this run.
    case run(String)
    /// Batches that wait for an agent.
    case work
    /// A run was cancelled: leases are to be looked at.
    case cancellation
  }

  private var waiters: [Topic: [Int: AsyncStream<Void>.Continuation]] = [:]
  private var nextID = 0
  private var isFinished = false

  private let relay: @Sendable (String) -> Void

  /// Makes signals that nobody waits for. `relay` is told of each run that something was done to
  /// here.
  package init(relay: @escaping @Sendable (String) -> Void = { _ in }) { self.relay = relay }

  /// Wake-ups of a topic; one that nobody has taken yet stands for all that follow it.
  package func subscribe(_ topic: Topic) -> WakeUps {
    let id = nextID
    nextID += 1
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let wakeUps = WakeUps(stream: stream, continuation: continuation)
    guard !isFinished else {
      continuation.finish()
      return wakeUps
    }
    waiters[topic, default: [:]][id] = continuation
    continuation.onTermination = { [weak self] _ in
      Task { await self?.remove(id, of: topic) }
    }
    return wakeUps
  }

  /// Wakes the waiters of a topic, those of other processes too when it is a run.
  package func publish(_ topic: Topic) {
    wake(topic)
    if case .run(let id) = topic { relay(id) }
  }

  /// Wakes the waiters of a topic in this process.
  package func wake(_ topic: Topic) {
    for continuation in waiters[topic, default: [:]].values { continuation.yield() }
  }

  /// Wakes every waiter in this process.
  package func wakeAll() {
    for continuation in waiters.values.flatMap(\.values) { continuation.yield() }
  }

  /// Ends every subscription, now and from now on: the process stops.
  package func finish() {
    isFinished = true
    for continuation in waiters.values.flatMap(\.values) { continuation.finish() }
    waiters = [:]
  }

  private func remove(_ id: Int, of topic: Topic) {
    waiters[topic]?[id] = nil
    if waiters[topic]?.isEmpty == true { waiters[topic] = nil }
  }
}

/// The wake-ups of one subscription; ends when the signals do.
package struct WakeUps: AsyncSequence, Sendable {
  fileprivate let stream: AsyncStream<Void>
  fileprivate let continuation: AsyncStream<Void>.Continuation

  /// Waits for the next wake-up.
  package func makeAsyncIterator() -> AsyncStream<Void>.Iterator { stream.makeAsyncIterator() }

  /// Wakes this subscription and no other.
  func wake() { continuation.yield() }
}

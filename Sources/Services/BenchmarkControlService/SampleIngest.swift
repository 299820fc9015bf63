import BenchmarkDomain
package import Storage

/// Gathers the samples of all agents and commits them, many messages in one transaction.
///
/// What arrives while groups are being committed forms the next: their size follows the load, and
/// an idle store commits at once. Under load a second group is committed beside the first, of other
/// runs, so that one is copied while the other's is brought to the disk, and also where the first
/// takes long, since somebody may hold the row of one of its runs; a run's messages are
/// committed in their order, never in two groups at a time. A store that fails is tried again with
/// growing pauses and smaller groups, and nothing is acknowledged meanwhile. `SampleRoom` bounds
/// what waits here.
package actor SampleIngest {
  private let store: any RunStore
  private let settings: ControlSettings
  private let metrics: ControlMetrics
  private let log: @Sendable (String) -> Void
  private var queue: IngestQueue
  private var size: GroupSize
  /// Groups that are being committed, by number, and those of them that take long.
  private var running: Set<Int> = []
  private var late: Set<Int> = []
  private var nextNumber = 0
  /// What a group may take before others no longer wait for it.
  private static let patience = Duration.seconds(1)

  /// Makes an ingest on a store; `log` hears of failures of the store.
  package init(
    store: any RunStore, settings: ControlSettings, metrics: ControlMetrics,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.metrics = metrics
    self.store = store
    self.settings = settings
    self.log = log
    queue = IngestQueue(
      messageLimit: settings.commitGroupLimit, byteLimit: settings.commitGroupBytes)
    size = GroupSize(most: settings.commitGroupBytes)
  }

  /// Returns once the samples, which are of this run, are committed for good, or refused.
  package func commit(_ commit: SampleCommit, runID: String) async throws -> SampleCommitOutcome {
    metrics.waiting.add(1)
    defer { metrics.waiting.add(-1) }
    return try await withCheckedThrowingContinuation { continuation in
      let bytes = commit.samples.residentBytes
      queue.append(
        IngestQueue.Message(commit: commit, bytes: bytes, continuation: continuation), to: runID)
      startGroups()
    }
  }

  private func startGroups() {
    while let group = nextGroup() {
      let number = nextNumber
      nextNumber += 1
      running.insert(number)
      Task { await flush(group, number) }
    }
  }

  /// All that may be committed now, or half of it where that is worth two transactions.
  private func nextGroup() -> IngestQueue.Group? {
    let worth = settings.commitBesideBytes
    switch running.count {
    case 0: return queue.next(leavingHalf: queue.readyBytes >= 2 * worth)
    case 1 where queue.readyBytes >= worth || !late.isEmpty:
      return queue.next(leavingHalf: false)
    default: return nil
    }
  }

  private func flush(_ group: IngestQueue.Group, _ number: Int) async {
    let lateness = Task {
      // It throws when the group is done in time.
      try await Task.sleep(for: Self.patience)
      self.isLate(number)
    }
    await commitGroup(group.byRun)
    lateness.cancel()
    queue.end(group)
    running.remove(number)
    late.remove(number)
    startGroups()
  }

  /// Somebody holds a row that the group needs, or the store is slow: others go beside it.
  private func isLate(_ number: Int) {
    guard running.contains(number) else { return }
    late.insert(number)
    startGroups()
  }

  /// Commits a group, however long that takes: all together, and each run by itself, a part after
  /// the other, where that does not go well, since somebody may hold one of them for long, or all
  /// may be more than the store takes in time.
  private func commitGroup(_ runs: [[IngestQueue.Message]]) async {
    if await commitOnce(runs.flatMap { $0 }) { return }
    var pause = settings.commitRetry.lowerBound
    var left = runs
    while !left.isEmpty {
      // Sleeping is cut short by nothing: the samples must stay until the store is back.
      try? await Task.sleep(for: pause)
      pause = min(pause * 2, settings.commitRetry.upperBound)
      var failed: [[IngestQueue.Message]] = []
      for messages in left {
        let rest = await commitInParts(messages)
        if !rest.isEmpty { failed.append(rest) }
      }
      left = failed
    }
  }

  /// Commits messages of a run in their order; returns those from the first part that failed on.
  private func commitInParts(_ messages: [IngestQueue.Message]) async -> [IngestQueue.Message] {
    var left = messages[...]
    while !left.isEmpty {
      let part = left.prefix(size.count(of: left.map(\.bytes)))
      guard await commitOnce(Array(part)) else { break }
      left = left.dropFirst(part.count)
    }
    return Array(left)
  }

  /// Commits messages, or refuses them; false when they have to be tried again.
  private func commitOnce(_ messages: [IngestQueue.Message]) async -> Bool {
    defer { queue.byteLimit = size.bytes }
    do {
      let commits = messages.map(\.commit)
      let begin = ContinuousClock.now
      let outcomes = try await store.commit(commits)
      let duration = ContinuousClock.now - begin
      metrics.committed(commits, outcomes, in: duration)
      size.wentWell(in: duration)
      for (message, outcome) in zip(messages, outcomes) {
        message.continuation.resume(returning: outcome)
      }
    } catch let error as StorageError where error.isTransient {
      log("samples wait for the store: \(error.message)")
      size.failed(with: messages.reduce(0) { $0 + $1.bytes })
      return false
    } catch {
      for message in messages { message.continuation.resume(throwing: error) }
    }
    return true
  }
}

extension StorageError {
  /// True when the same call may succeed later.
  var isTransient: Bool { code == .full || code == .unavailable || code == .conflict }
}

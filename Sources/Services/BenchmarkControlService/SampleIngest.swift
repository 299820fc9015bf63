import BenchmarkDomain
package import Storage

/// Gathers the samples of all agents and commits them, many messages in one transaction.
///
/// What arrives while groups are being committed forms the next: their size follows the load, and
/// an idle store commits at once. Under load a second group is committed beside the first, of other
/// runs, so that one is copied while the other's is brought to the disk; a run's messages are
/// committed in their order, never in two groups at a time. A store that fails is tried again with
/// growing pauses, and nothing is acknowledged meanwhile. `SampleRoom` bounds what waits here.
package actor SampleIngest {
  private let store: any RunStore
  private let settings: ControlSettings
  private let metrics: ControlMetrics
  private let log: @Sendable (String) -> Void
  private var queue: IngestQueue
  private var committing = 0

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
      committing += 1
      Task { await flush(group) }
    }
  }

  /// All that may be committed now, or half of it where that is worth two transactions.
  private func nextGroup() -> IngestQueue.Group? {
    let worth = settings.commitBesideBytes
    switch committing {
    case 0: return queue.next(leavingHalf: queue.readyBytes >= 2 * worth)
    case 1 where queue.readyBytes >= worth: return queue.next(leavingHalf: false)
    default: return nil
    }
  }

  private func flush(_ group: IngestQueue.Group) async {
    await commitGroup(group.messages)
    queue.end(group)
    committing -= 1
    startGroups()
  }

  /// Commits a group, however long that takes.
  private func commitGroup(_ group: [IngestQueue.Message]) async {
    var pause = settings.commitRetry.lowerBound
    while true {
      do {
        let commits = group.map(\.commit)
        let begin = ContinuousClock.now
        let outcomes = try await store.commit(commits)
        metrics.committed(commits, outcomes, in: ContinuousClock.now - begin)
        for (message, outcome) in zip(group, outcomes) {
          message.continuation.resume(returning: outcome)
        }
        return
      } catch let error as StorageError where error.isTransient {
        log("samples wait for the store: \(error.message)")
        // Sleeping is cut short by nothing: the samples must stay until the store is back.
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, settings.commitRetry.upperBound)
      } catch {
        for message in group { message.continuation.resume(throwing: error) }
        return
      }
    }
  }
}

extension StorageError {
  /// True when the same call may succeed later.
  var isTransient: Bool { code == .full || code == .unavailable || code == .conflict }
}

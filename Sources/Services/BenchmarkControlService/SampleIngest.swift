import BenchmarkDomain
package import Storage

/// Gathers the samples of all agents and commits them in one transaction a group.
///
/// What arrives while one group is being committed forms the next: the group's size follows the
/// load, and an idle store commits at once. A store that fails is tried again with growing pauses,
/// and nothing is acknowledged meanwhile. `SampleRoom` bounds what waits here.
package actor SampleIngest {
  private struct Waiting {
    let commit: SampleCommit
    let bytes: Int
    let continuation: CheckedContinuation<SampleCommitOutcome, any Error>
  }

  private let store: any RunStore
  private let settings: ControlSettings
  private let metrics: ControlMetrics
  private let log: @Sendable (String) -> Void
  private var waiting: [Waiting] = []
  private var isFlushing = false

  /// Makes an ingest on a store; `log` hears of failures of the store.
  package init(
    store: any RunStore, settings: ControlSettings, metrics: ControlMetrics,
    log: @escaping @Sendable (String) -> Void
  ) {
    self.metrics = metrics
    self.store = store
    self.settings = settings
    self.log = log
  }

  /// Returns once the samples are committed for good, or refused.
  package func commit(_ commit: SampleCommit) async throws -> SampleCommitOutcome {
    metrics.waiting.add(1)
    defer { metrics.waiting.add(-1) }
    return try await withCheckedThrowingContinuation { continuation in
      let bytes = commit.samples.reduce(0) { $0 + $1.residentBytes }
      waiting.append(Waiting(commit: commit, bytes: bytes, continuation: continuation))
      if !isFlushing {
        isFlushing = true
        Task { await flush() }
      }
    }
  }

  private func flush() async {
    while !waiting.isEmpty {
      await commitGroup(nextGroup())
    }
    isFlushing = false
  }

  /// Those that have waited longest, as many as fit; at least one.
  private func nextGroup() -> [Waiting] {
    var (count, bytes) = (0, 0)
    for entry in waiting.prefix(settings.commitGroupLimit) {
      guard count == 0 || bytes + entry.bytes <= settings.commitGroupBytes else { break }
      count += 1
      bytes += entry.bytes
    }
    let group = Array(waiting.prefix(count))
    waiting.removeFirst(count)
    return group
  }

  /// Commits a group, however long that takes.
  private func commitGroup(_ group: [Waiting]) async {
    var pause = settings.commitRetry.lowerBound
    while true {
      do {
        let commits = group.map(\.commit)
        let begin = ContinuousClock.now
        let outcomes = try await store.commit(commits)
        metrics.committed(commits, outcomes, in: ContinuousClock.now - begin)
        for (waiting, outcome) in zip(group, outcomes) {
          waiting.continuation.resume(returning: outcome)
        }
        return
      } catch let error as StorageError where error.isTransient {
        log("samples wait for the store: \(error.message)")
        // Sleeping is cut short by nothing: the samples must stay until the store is back.
        try? await Task.sleep(for: pause)
        pause = min(pause * 2, settings.commitRetry.upperBound)
      } catch {
        for waiting in group { waiting.continuation.resume(throwing: error) }
        return
      }
    }
  }
}

extension StorageError {
  /// True when the same call may succeed later.
  var isTransient: Bool { code == .full || code == .unavailable || code == .conflict }
}

package import Storage
import Synchronization

/// The newest columnar snapshot, rebuilt when the data version moved, at most once an interval and
/// one at a time, since reading a large catalog is the most that this process does.
package final class SnapshotSource: Sendable {
  private struct State {
    var snapshot: RankingSnapshot?
    var checkedAt: ContinuousClock.Instant?
    /// When the last reading of all data began.
    var readAt: ContinuousClock.Instant?
    /// Moves with every invalidation, so that a check that began before one does not count.
    var generation = 0
    /// The refresh that looks at the store now, and the generation that it began in.
    var running: (task: Task<RankingSnapshot, any Error>, generation: Int)?
    /// The refresh that comes next, for all who ask until it begins.
    var pending: Task<RankingSnapshot, any Error>?
  }

  private let state = Mutex(State())
  private let store: any CatalogStore
  private let interval: Duration
  private let now: @Sendable () -> ContinuousClock.Instant
  private let sleep: @Sendable (Duration) async throws -> Void

  /// Makes a source; nothing is read before the first question. `interval` is how old the check
  /// of the data version may be, and the least time between two readings of all data.
  package init(
    store: any CatalogStore, interval: Duration = .seconds(1),
    now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.store = store
    self.interval = interval
    self.now = now
    self.sleep = sleep
  }

  /// The snapshot, if it was checked within the interval; never waits.
  package var current: RankingSnapshot? {
    let now = now()
    return state.withLock { state in
      guard let checked = state.checkedAt, now - checked < interval else { return nil }
      return state.snapshot
    }
  }

  /// Makes the next question look at the data version: the caller has just changed the data and
  /// wants to read what it wrote. It may wait for the rest of the interval.
  package func invalidate() {
    state.withLock { state in
      state.checkedAt = nil
      state.generation += 1
    }
  }

  /// The snapshot, checked now if the last check is too old; concurrent callers share one check.
  /// Throws `StorageError`.
  package func fresh() async throws -> RankingSnapshot {
    if let current { return current }
    let task = state.withLock { state in
      if let pending = state.pending { return pending }
      if let running = state.running, running.generation == state.generation {
        return running.task
      }
      let previous = state.running?.task
      let task = Task {
        // Why that one failed is told to those who waited for it.
        _ = await previous?.result
        return try await self.refresh()
      }
      state.pending = task
      return task
    }
    return try await task.value
  }

  private func refresh() async throws -> RankingSnapshot {
    do {
      try await waitForInterval()
    } catch {
      state.withLock { $0.pending = nil }
      throw error
    }
    let (held, generation) = begin()
    let started = now()
    do {
      if let held, try await store.dataVersion() == held.version {
        end(generation, held, checkedAt: started)
        return held
      }
      state.withLock { $0.readAt = started }
      let newest = RankingSnapshot(try await store.snapshot())
      end(generation, newest, checkedAt: started)
      return newest
    } catch {
      state.withLock { $0.running = nil }
      throw error
    }
  }

  /// Waits until all data may be read again, if it has to be read.
  private func waitForInterval() async throws {
    let (held, readAt) = state.withLock { ($0.snapshot, $0.readAt) }
    guard let held, let readAt else { return }
    let passed = now() - readAt
    if passed < interval, try await store.dataVersion() != held.version {
      try await sleep(interval - passed)
    }
  }

  private func begin() -> (RankingSnapshot?, Int) {
    state.withLock { state in
      if let pending = state.pending { state.running = (pending, state.generation) }
      state.pending = nil
      return (state.snapshot, state.generation)
    }
  }

  private func end(
    _ generation: Int, _ snapshot: RankingSnapshot, checkedAt: ContinuousClock.Instant
  ) {
    state.withLock { state in
      state.snapshot = snapshot
      state.running = nil
      if state.generation == generation { state.checkedAt = checkedAt }
    }
  }
}

package import Storage
import Synchronization

/// The newest columnar snapshot, rebuilt when the data version moved, at most once an interval.
package final class SnapshotSource: Sendable {
  private struct State {
    var snapshot: RankingSnapshot?
    var checkedAt: ContinuousClock.Instant?
    var refresh: Task<RankingSnapshot, any Error>?
    /// Moves with every invalidation, so that a check that began before one does not count.
    var generation = 0
  }

  private let state = Mutex(State())
  private let store: any CatalogStore
  private let interval: Duration
  private let now: @Sendable () -> ContinuousClock.Instant

  /// Makes a source; nothing is read before the first question. `interval` is how old the check
  /// of the data version may be.
  package init(
    store: any CatalogStore, interval: Duration = .seconds(1),
    now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
  ) {
    self.store = store
    self.interval = interval
    self.now = now
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
  /// wants to read what it wrote.
  package func invalidate() {
    state.withLock { state in
      state.checkedAt = nil
      state.refresh = nil
      state.generation += 1
    }
  }

  /// The snapshot, checked now if the last check is too old; concurrent callers share one check.
  /// Throws `StorageError`.
  package func fresh() async throws -> RankingSnapshot {
    if let current { return current }
    let task = state.withLock { state in
      if let running = state.refresh { return running }
      let (held, generation) = (state.snapshot, state.generation)
      let task = Task { try await self.refresh(held, generation) }
      state.refresh = task
      return task
    }
    return try await task.value
  }

  private func refresh(_ held: RankingSnapshot?, _ generation: Int) async throws -> RankingSnapshot
  {
    let started = now()
    do {
      let newest: RankingSnapshot
      if let held, try await store.dataVersion() == held.version {
        newest = held
      } else {
        newest = RankingSnapshot(try await store.snapshot())
      }
      finish(generation) { state in
        state.snapshot = newest
        state.checkedAt = started
      }
      return newest
    } catch {
      finish(generation) { _ in }
      throw error
    }
  }

  private func finish(_ generation: Int, _ change: (inout State) -> Void) {
    state.withLock { state in
      guard state.generation == generation else { return }
      state.refresh = nil
      change(&state)
    }
  }
}

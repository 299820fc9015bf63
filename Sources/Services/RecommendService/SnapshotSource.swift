package import Storage
import Synchronization

/// The newest columnar snapshot, rebuilt when the data version moved, one reading at a time, since
/// reading a large catalog is the most that this process does.
///
/// What it gives knows every write that this process was told of with `invalidate` before, of the
/// models that are asked for, and every other one that is older than the interval. Nobody waits but
/// who asks for what has just moved: a held snapshot is looked after while it is given away.
package final class SnapshotSource: Sendable {
  private struct State {
    var snapshot: RankingSnapshot?
    var checkedAt: ContinuousClock.Instant?
    /// When the last reading of all data began, and what it took.
    var readAt: ContinuousClock.Instant?
    var readTook = Duration.zero
    /// Moves with every invalidation, so that a refresh that began before one does not count.
    var generation = 0
    /// What was written since the newest refresh began, and what that refresh is to find.
    var written = MovedModels()
    var sought = MovedModels()
    /// Whether others have moved the data since then.
    var isBehind = false
    /// The refresh that looks at the store now, and the generation that it began in.
    var running: (task: Task<RankingSnapshot, any Error>, generation: Int)?
    /// The refresh that comes next, for all who ask until it begins.
    var pending: Task<RankingSnapshot, any Error>?
  }

  /// Readings are so many times what one takes apart, up to the interval.
  private static let share = 10

  private let state = Mutex(State())
  private let store: any RankingStore
  private let interval: Duration
  private let now: @Sendable () -> ContinuousClock.Instant
  private let sleep: @Sendable (Duration) async throws -> Void

  /// Makes a source; nothing is read before the first question. `interval` is how old the check
  /// of the data version may be. All data is read again after ten times what reading it took, or
  /// the interval if that is less.
  package init(
    store: any RankingStore, interval: Duration = .seconds(1),
    now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.store = store
    self.interval = interval
    self.now = now
    self.sleep = sleep
  }

  /// The snapshot for a question about these models, or about all when none is named, if it was
  /// checked within the interval and they have not moved; never waits.
  package func current(for modelIDs: [String]) -> RankingSnapshot? {
    let now = now()
    return state.withLock { state in
      guard let snapshot = state.snapshot, let checked = state.checkedAt,
        now - checked < interval, !state.written.concern(modelIDs),
        !state.sought.concern(modelIDs)
      else { return nil }
      let isDue = state.isBehind || !state.written.isEmpty || now - checked >= interval / 2
      if isDue, state.running == nil, state.pending == nil { _ = next(&state) }
      return snapshot
    }
  }

  /// Makes the next question about these models wait for what was written of them, nil standing
  /// for all of them: the caller has just done so, and wants to read it.
  package func invalidate(_ modelIDs: Set<String>? = nil) {
    state.withLock { state in
      state.written.add(modelIDs)
      state.generation += 1
    }
  }

  /// Makes the next question have the data looked at, without waiting for it: somebody else moved
  /// them.
  package func noteChange() { state.withLock { $0.isBehind = true } }

  /// The snapshot for a question about these models, looked at now if it has to be; concurrent
  /// callers share one look. Throws `StorageError`.
  package func fresh(for modelIDs: [String]) async throws -> RankingSnapshot {
    if let current = current(for: modelIDs) { return current }
    let task = state.withLock { state in
      if let pending = state.pending { return pending }
      if let running = state.running, running.generation == state.generation {
        return running.task
      }
      return next(&state)
    }
    return try await task.value
  }

  /// Begins the next refresh, behind the one that runs.
  private func next(_ state: inout State) -> Task<RankingSnapshot, any Error> {
    let previous = state.running?.task
    let task = Task {
      // Why that one failed is told to those who waited for it.
      _ = await previous?.result
      return try await self.refresh()
    }
    state.pending = task
    return task
  }

  private func refresh() async throws -> RankingSnapshot {
    do {
      try await waitForTurn()
    } catch {
      state.withLock { $0.pending = nil }
      throw error
    }
    let held = begin()
    let started = now()
    do {
      if let held, try await store.dataVersion() == held.version {
        end(held, checkedAt: started)
        return held
      }
      let newest = RankingSnapshot(try await store.snapshot())
      end(newest, checkedAt: started, took: now() - started)
      return newest
    } catch {
      state.withLock { state in
        state.running = nil
        state.written.add(state.sought)
        state.sought = MovedModels()
      }
      throw error
    }
  }

  /// Waits until all data may be read again, if it has to be read.
  private func waitForTurn() async throws {
    let (held, readAt, took) = state.withLock { ($0.snapshot, $0.readAt, $0.readTook) }
    guard let held, let readAt else { return }
    let turn = readAt + min(interval, took * Self.share)
    if now() < turn, try await store.dataVersion() != held.version {
      try await sleep(turn - now())
    }
  }

  private func begin() -> RankingSnapshot? {
    state.withLock { state in
      if let pending = state.pending { state.running = (pending, state.generation) }
      state.pending = nil
      state.sought = state.written
      state.written = MovedModels()
      state.isBehind = false
      return state.snapshot
    }
  }

  private func end(
    _ snapshot: RankingSnapshot, checkedAt: ContinuousClock.Instant, took: Duration? = nil
  ) {
    state.withLock { state in
      state.snapshot = snapshot
      state.running = nil
      state.checkedAt = checkedAt
      state.sought = MovedModels()
      if let took { (state.readAt, state.readTook) = (checkedAt, took) }
    }
  }
}

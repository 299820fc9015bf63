package import Storage
import Synchronization

/// The newest columnar snapshot, rebuilt when the data version moved, one reading at a time, since
/// reading a large catalog is the most that this process does.
///
/// What it gives knows every write that this process was told of before, of the models that are
/// asked for, and every other one that is older than the interval and two readings of all data.
/// Nobody waits but who asks for what has just moved: a held snapshot is looked after while it is
/// given away, and holds while the store does not answer.
package final class SnapshotSource: Sendable {
  private struct State {
    var snapshot: RankingSnapshot?
    var checkedAt: ContinuousClock.Instant?
    /// When the last reading of all data began, and what the last that ended well took.
    var readAt: ContinuousClock.Instant?
    var readTook = Duration.zero
    /// Moves with every invalidation, so that a refresh that began before one does not count.
    var generation = 0
    /// What was written since the newest refresh began, and what that refresh is to find.
    var written = MovedModels()
    var sought = MovedModels()
    /// Writes of models that are under way, whose results others may see already.
    var writes: [String: Int] = [:]
    /// Whether others have moved the data since then.
    var isBehind = false
    /// When the look that runs began, and when one failed last.
    var lookBegan: ContinuousClock.Instant?
    var failedAt: ContinuousClock.Instant?
    /// The refresh that looks at the store now, and the generation that it began in.
    var running: (task: Task<RankingSnapshot, any Error>, generation: Int)?
    /// The refresh that comes next, for all who ask until it begins.
    var pending: Task<RankingSnapshot, any Error>?

    /// Whether what is held lacks, or may lack, something of these models.
    func lacks(_ modelIDs: [String]) -> Bool {
      written.concern(modelIDs) || sought.concern(modelIDs) || isWriting(modelIDs)
    }

    func isWriting(_ modelIDs: [String]) -> Bool {
      modelIDs.isEmpty ? !writes.isEmpty : modelIDs.contains { writes[$0] != nil }
    }
  }

  /// Readings are so many times what one takes apart, up to the interval.
  private static let share = 10
  /// A check holds for as long as so many readings take beyond the interval: what it found is there
  /// one reading behind it, and what is read next, two. Everybody would wait for that otherwise.
  private static let grace = 2

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

  /// The snapshot for a question about these models, or about all when none is named, if its check
  /// holds, or the store does not answer, and they have not moved; never waits.
  package func current(for modelIDs: [String]) -> RankingSnapshot? {
    let now = now()
    return state.withLock { state in
      guard let snapshot = state.snapshot, let checked = state.checkedAt, !state.lacks(modelIDs),
        now - checked < interval + state.readTook * Self.grace || isCutOff(state, now)
      else { return nil }
      let isDue = state.isBehind || !state.written.isEmpty || now - checked >= interval / 2
      let hasFailed = state.failedAt.map { now - $0 < interval / 10 } ?? false
      if isDue, !hasFailed, state.running == nil, state.pending == nil { _ = next(&state) }
      return snapshot
    }
  }

  /// Whether the store did not answer lately, or takes its time.
  private func isCutOff(_ state: State, _ now: ContinuousClock.Instant) -> Bool {
    [state.failedAt.map { now - $0 < interval * 2 }, state.lookBegan.map { now - $0 >= interval }]
      .contains(true)
  }

  /// Makes the next question about these models wait for what was written of them, nil standing
  /// for all of them: the caller has just done so, and wants to read it.
  package func invalidate(_ modelIDs: Set<String>? = nil) {
    state.withLock { state in
      state.written.add(modelIDs)
      state.generation += 1
    }
  }

  /// A result of a model is about to be written: until it is, questions about the model wait for a
  /// look that begins behind them.
  package func beginWrite(of modelID: String) {
    state.withLock { $0.writes[modelID, default: 0] += 1 }
  }

  /// It is written, or has failed.
  package func endWrite(of modelID: String) {
    state.withLock { state in
      let count = state.writes[modelID, default: 0] - 1
      state.writes[modelID] = count > 0 ? count : nil
      state.written.add([modelID])
      state.generation += 1
    }
  }

  /// Makes the next question have the data looked at, without waiting for it: somebody else moved
  /// them.
  package func noteChange() { state.withLock { $0.isBehind = true } }

  /// The snapshot for a question about these models, looked at now if it has to be; concurrent
  /// callers share one look. What is held answers where the store does not, unless it lacks
  /// something of the models. Throws `StorageError`.
  package func fresh(for modelIDs: [String]) async throws -> RankingSnapshot {
    if let current = current(for: modelIDs) { return current }
    let task = state.withLock { state in
      if let pending = state.pending { return pending }
      if let running = state.running, running.generation == state.generation,
        !state.isWriting(modelIDs)
      {
        return running.task
      }
      return next(&state)
    }
    do { return try await task.value } catch {
      guard let current = current(for: modelIDs) else { throw error }
      return current
    }
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
    let started = now()
    let held = begin(at: started)
    do {
      if let held, try await store.dataVersion() == held.version {
        end(held, checkedAt: started)
        return held
      }
      // One that fails counts as well: what breaks it is not mended by haste.
      state.withLock { $0.readAt = started }
      let newest = RankingSnapshot(try await store.snapshot())
      end(newest, checkedAt: started, took: now() - started)
      return newest
    } catch {
      state.withLock { state in
        state.running = nil
        (state.lookBegan, state.failedAt) = (nil, now())
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

  private func begin(at now: ContinuousClock.Instant) -> RankingSnapshot? {
    state.withLock { state in
      if let pending = state.pending { state.running = (pending, state.generation) }
      state.pending = nil
      state.sought = state.written
      state.written = MovedModels()
      state.isBehind = false
      state.lookBegan = now
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
      (state.lookBegan, state.failedAt) = (nil, nil)
      state.sought = MovedModels()
      if let took { state.readTook = took }
    }
  }
}

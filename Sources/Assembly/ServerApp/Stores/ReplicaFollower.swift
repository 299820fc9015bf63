import BenchmarkControlService
import PostgresStorage
import Storage

/// Follows what other servers do to the same database, and wakes who waits for it in this one.
///
/// What is told only wakes: it may come twice, late or never, and whoever is woken reads the store.
/// Watchers of a run are woken at once; all else at most once an interval, however much is told.
actor ReplicaFollower {
  /// Least time between two wake-ups of what every change concerns.
  static let interval = Duration.seconds(1)

  /// What waits for its time.
  private struct Due: OptionSet {
    let rawValue: UInt8
    /// Results, prices: the next question looks at the version of the data.
    static let data = Due(rawValue: 1)
    /// Batches that agents may take, and cancelled runs.
    static let runs = Due(rawValue: 2)
  }

  private let controller: BenchmarkController
  private let dataMoved: @Sendable () -> Void
  private let pause: @Sendable () async throws -> Void
  private var due: Due = []
  private var settling: Task<Void, Never>?
  private var tasks: [Task<Void, Never>] = []

  /// - Parameters:
  ///   - dataMoved: called when the version of the data has moved.
  ///   - pause: waits for the interval; throws when it is cancelled.
  init(
    _ controller: BenchmarkController, dataMoved: @escaping @Sendable () -> Void,
    pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) }
  ) {
    (self.controller, self.dataMoved, self.pause) = (controller, dataMoved, pause)
  }

  /// Follows a database until `stop`.
  func follow(_ changes: StoreChanges) {
    tasks.append(
      Task { for await change in changes { await self.heard(change) } })
  }

  /// Follows what comes through Redis until `stop`.
  func follow(_ signals: any Storage.RunSignals) async {
    // Who is behind by so much misses nothing but time: watchers look by themselves too.
    let (events, continuation) = AsyncStream.makeStream(
      of: RunSignalEvent.self, bufferingPolicy: .bufferingNewest(1024))
    tasks.append(Task { for await event in events { await self.heard(event) } })
    await signals.start { continuation.yield($0) }
  }

  /// Ends it.
  func stop() {
    for task in tasks { task.cancel() }
    settling?.cancel()
    tasks = []
  }

  func heard(_ change: StoreChange) async {
    switch change {
    case .catalog: settle(.data)
    case .run(let id, _):
      await controller.wake(run: id)
      settle(.runs)
    case .missed:
      await controller.wakeAll()
      settle([.data, .runs])
    }
  }

  func heard(_ event: RunSignalEvent) async {
    switch event {
    case .signal(let signal):
      await controller.wake(run: signal.runID)
      settle(.runs)
    case .resumed: await controller.wakeAll()
    case .interrupted: break
    }
  }

  private func settle(_ news: Due) {
    due.formUnion(news)
    guard settling == nil else { return }
    settling = Task { await self.settleAll() }
  }

  private func settleAll() async {
    while !due.isEmpty {
      let now = due
      due = []
      if now.contains(.data) { dataMoved() }
      if now.contains(.runs) { await controller.wakeAgents() }
      // It throws when it is cancelled.
      do { try await pause() } catch { break }
    }
    settling = nil
  }
}

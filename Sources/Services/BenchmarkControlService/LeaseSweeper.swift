import BenchmarkDomain
import Synchronization

/// Takes expired leases back, and finishes executions whose result a crash left unwritten.
///
/// It begins one lease duration after the start, so that agents that lost this server find their
/// leases when they come back; while the store fails, nothing expires.
package actor LeaseSweeper {
  private let plane: ControlPlane
  private let log: @Sendable (String) -> Void
  private var task: Task<Void, Never>?
  private let isStoreFailing = Mutex(false)

  /// Makes a sweeper; `log` hears what it took back and what failed.
  package init(plane: ControlPlane, log: @escaping @Sendable (String) -> Void) {
    self.plane = plane
    self.log = log
  }

  /// Starts sweeping; a second call does nothing.
  package func start() {
    guard task == nil else { return }
    task = Task {
      await finishResults()
      await pause(plane.settings.leaseDuration)
      var watch = OutageWatch(leaseDuration: plane.settings.leaseDuration)
      while !Task.isCancelled {
        switch await look(&watch) {
        case .sweep:
          await sweep()
          await pause(plane.settings.sweepInterval)
        case .waitForAgents: await pause(plane.settings.leaseDuration)
        case .lookAgain: await pause(plane.settings.sweepInterval)
        }
      }
    }
  }

  /// Says whether the store fails as a whole, though it may answer: agents cannot renew a lease in
  /// one that only reads.
  package nonisolated func noteStore(fails: Bool) { isStoreFailing.withLock { $0 = fails } }

  private func look(_ watch: inout OutageWatch) async -> OutageWatch.Next {
    let begin = ContinuousClock.now
    var hasAnswered = !isStoreFailing.withLock { $0 }
    do { _ = try await plane.runs.expiredBatches() } catch is CancellationError {
      // The server stops.
      hasAnswered = false
    } catch {
      hasAnswered = false
      log("cannot look for expired leases: \(error)")
    }
    return watch.looked(hasAnswered: hasAnswered, took: ContinuousClock.now - begin)
  }

  /// Stops sweeping and waits for the last sweep.
  package func stop() async {
    task?.cancel()
    await task?.value
    task = nil
  }

  private func sweep() async {
    do {
      let count = try await plane.desk.sweep()
      if count > 0 { log("took back \(count) expired leases") }
    } catch is CancellationError {
      // The server stops.
    } catch {
      log("cannot look for expired leases: \(error)")
    }
    await finishResults()
  }

  private func finishResults() async {
    do {
      try await plane.results.finishAll(waits: false)
    } catch is CancellationError {
      // The server stops before it has begun: the next one finishes them.
    } catch {
      log("cannot finish results: \(error)")
    }
  }

  /// A cancelled pause ends at once; the loop looks at the cancellation itself.
  private func pause(_ duration: Duration) async {
    try? await Task.sleep(for: duration)
  }
}

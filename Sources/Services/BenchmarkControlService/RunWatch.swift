package import BenchmarkDomain
import Storage

/// Follows the commits of a run, from a number on, until the run has ended.
package struct RunWatch: Sendable {
  let plane: ControlPlane

  /// Makes a watch on a control plane.
  package init(plane: ControlPlane) { self.plane = plane }

  /// Hands every commit behind `number` to `send`, in order and without gaps. Signals only wake
  /// it: what it hands out it reads from the store, so that a slow watcher costs nobody memory.
  ///
  /// Returns when the run has ended and everything was handed out. Throws `notFound`, `invalid`
  /// for a number that the run has not reached, `failedPrecondition` when what follows the number
  /// is no longer kept, and `unavailable` when the signals end.
  package func follow(
    _ runID: String, after number: Int64, _ send: (RunCommit) async throws -> Void
  ) async throws {
    let wakeUps = await plane.signals.subscribe(.run(runID))
    guard let run = try await plane.runs.run(runID) else {
      throw StorageError.noRun(runID)
    }
    guard number >= 0, number <= run.commitNumber else {
      throw StorageError(
        .invalid, "commit \(number) is not one of the run's \(run.commitNumber) commits")
    }
    let poll = Task { [interval = plane.settings.watchPollInterval] in
      while !Task.isCancelled {
        try await Task.sleep(for: interval)
        wakeUps.wake()
      }
    }
    defer { poll.cancel() }
    var cursor = number
    if try await drain(runID, &cursor, send) { return }
    for await _ in wakeUps {
      if try await drain(runID, &cursor, send) { return }
    }
    try Task.checkCancellation()
    throw StorageError(.unavailable, "the server stops")
  }

  /// Hands out what there is; true when nothing can follow.
  private func drain(
    _ runID: String, _ cursor: inout Int64, _ send: (RunCommit) async throws -> Void
  ) async throws -> Bool {
    while true {
      try Task.checkCancellation()
      let page = try await plane.runs.commits(
        runID: runID, after: cursor, limit: plane.settings.watchPageLimit)
      if let first = page.first?.number, first > cursor + 1 {
        throw StorageError.dropped(cursor + 1...first - 1, of: runID)
      }
      for commit in page {
        try await send(commit)
        cursor = commit.number
      }
      guard page.isEmpty else { continue }
      guard let run = try await plane.runs.run(runID) else { return true }
      if cursor >= run.commitNumber { return run.state.isTerminal }
    }
  }
}

extension StorageError {
  /// Commits that the retention has dropped: an ended run keeps its last one.
  fileprivate static func dropped(_ numbers: ClosedRange<Int64>, of runID: String) -> StorageError {
    StorageError(
      .failedPrecondition,
      "commits \(numbers.lowerBound) to \(numbers.upperBound) of run '\(runID)' are no longer "
        + "kept: the oldest is \(numbers.upperBound + 1), behind \(numbers.upperBound)")
  }
}

internal import Reactor
internal import Storage

/// Gathers commits that come at once into one transaction.
///
/// While one transaction is under way, what comes forms the next: the group's size follows the
/// load, and an idle store commits at once. Callers are suspended until theirs is committed.
actor CommitGatherer {
  private struct Waiting {
    let commits: [SampleCommit]
    let sampleCount: Int
    let continuation: CheckedContinuation<[SampleCommitOutcome], any Error>
  }

  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private let groupLimit: Int
  private let waitingLimit: Int
  private let write: @Sendable ([SampleCommit]) async throws -> [SampleCommitOutcome]
  private var waiting: [Waiting] = []
  private var waitingCount = 0
  private var isWriting = false

  /// A gatherer that hands groups to `write`, one after the other.
  init(
    _ settings: PostgresStoreSettings, loop: EventLoop,
    _ write: @escaping @Sendable ([SampleCommit]) async throws -> [SampleCommitOutcome]
  ) {
    groupLimit = settings.groupSampleLimit
    waitingLimit = settings.waitingSampleLimit
    self.loop = loop
    self.write = write
  }

  /// Returns once the commits are written, or refused. A cancelled caller's are still written.
  func commit(_ commits: [SampleCommit]) async throws -> [SampleCommitOutcome] {
    let count = commits.reduce(0) { $0 + $1.samples.count }
    guard waiting.isEmpty || waitingCount + count <= waitingLimit else {
      throw StorageError(.unavailable, "Too many samples wait for the database.")
    }
    return try await withCheckedThrowingContinuation { continuation in
      waiting.append(Waiting(commits: commits, sampleCount: count, continuation: continuation))
      waitingCount += count
      guard !isWriting else { return }
      isWriting = true
      Task(executorPreference: loop) { await self.writeAll() }
    }
  }

  private func writeAll() async {
    while !waiting.isEmpty {
      let group = nextGroup()
      do {
        let outcomes = try await write(group.flatMap(\.commits))
        var rest = outcomes[...]
        for entry in group {
          entry.continuation.resume(returning: Array(rest.prefix(entry.commits.count)))
          rest = rest.dropFirst(entry.commits.count)
        }
      } catch {
        for entry in group { entry.continuation.resume(throwing: error) }
      }
    }
    isWriting = false
  }

  /// The callers that have waited longest, as many as fit; at least one.
  private func nextGroup() -> [Waiting] {
    var (size, count) = (0, 0)
    for entry in waiting {
      guard size == 0 || count + entry.sampleCount <= groupLimit else { break }
      size += 1
      count += entry.sampleCount
    }
    let group = Array(waiting.prefix(size))
    waiting.removeFirst(size)
    waitingCount -= count
    return group
  }
}

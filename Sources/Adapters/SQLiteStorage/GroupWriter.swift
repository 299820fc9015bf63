internal import GRDB
internal import Storage
internal import Synchronization

/// Writes in the order in which they come; those that come while others are written share the
/// next transaction, and so its wait for the disk.
///
/// Each write stands in a savepoint of its own: what one throws undoes that one alone, and so does
/// damage that it meets. When the transaction itself fails (a full disk, a lost file), every write
/// in it fails.
final class GroupWriter: Sendable {
  /// Most writes that share a transaction.
  private static let groupLimit = 128

  private struct Queue {
    var jobs: [any WriteJob] = []
    var isDraining = false
  }

  private let pool: DatabasePool
  private let failed: @Sendable (StorageError) -> Void
  private let queue = Mutex(Queue())

  /// A writer that tells `failed` why a transaction could not be written.
  init(pool: DatabasePool, failed: @escaping @Sendable (StorageError) -> Void) {
    (self.pool, self.failed) = (pool, failed)
  }

  /// Runs `body` on the writer and returns when it is on the disk. A cancelled caller's write
  /// is still done.
  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws
    -> Value
  {
    try await withCheckedThrowingContinuation { continuation in
      enqueue(Job(body: body, continuation: continuation))
    }
  }

  /// True for what is wrong with what a write read or wrote, and not with the whole file or disk.
  static func isOfOneWrite(_ error: any Error) -> Bool {
    switch error {
    case let error as DatabaseError:
      [
        .SQLITE_CONSTRAINT, .SQLITE_CORRUPT, .SQLITE_TOOBIG, .SQLITE_RANGE, .SQLITE_MISMATCH,
        .SQLITE_ERROR,
      ].contains(error.resultCode)
    case let error as StorageError: error.code == .corrupt || error.code == .failed
    default: false
    }
  }

  /// Writes that have not begun.
  var waitingCount: Int { queue.withLock { $0.jobs.count } }

  private func enqueue(_ job: any WriteJob) {
    let mustStart = queue.withLock { queue in
      queue.jobs.append(job)
      defer { queue.isDraining = true }
      return !queue.isDraining
    }
    guard mustStart else { return }
    pool.asyncWriteWithoutTransaction { [self] database in
      while let group = nextGroup() { commit(group, database) }
    }
  }

  /// Takes the next group; nil, and the next write starts anew, when there is none.
  private func nextGroup() -> [any WriteJob]? {
    queue.withLock { queue in
      guard !queue.jobs.isEmpty else {
        queue.isDraining = false
        return nil
      }
      let group = Array(queue.jobs.prefix(Self.groupLimit))
      queue.jobs.removeFirst(group.count)
      return group
    }
  }

  private func commit(_ group: [any WriteJob], _ database: Database) {
    do {
      try database.inTransaction(.immediate) {
        for job in group { try job.run(database) }
        return .commit
      }
      for job in group { job.finish(nil) }
    } catch let error as DatabaseError {
      let error = StorageError(error)
      failed(error)
      for job in group { job.finish(error) }
    } catch {
      for job in group { job.finish(error) }
    }
  }
}

/// A write that waits or runs.
private protocol WriteJob: Sendable {
  /// Runs in the shared transaction; throws only what dooms all of it.
  func run(_ database: Database) throws
  /// Tells the caller: the transaction's error, else what the write came to.
  func finish(_ error: (any Error)?)
}

private final class Job<Value: Sendable>: WriteJob {
  private let body: @Sendable (Database) throws -> Value
  private let continuation: CheckedContinuation<Value, any Error>
  private let outcome = Mutex<Result<Value, any Error>?>(nil)

  init(
    body: @escaping @Sendable (Database) throws -> Value,
    continuation: CheckedContinuation<Value, any Error>
  ) {
    self.body = body
    self.continuation = continuation
  }

  func run(_ database: Database) throws {
    do {
      var value: Value?
      try database.inSavepoint {
        value = try body(database)
        return .commit
      }
      if let value { outcome.withLock { $0 = .success(value) } }
    } catch let error as DatabaseError {
      guard GroupWriter.isOfOneWrite(error), database.isInsideTransaction else { throw error }
      outcome.withLock { $0 = .failure(StorageError(error)) }
    } catch {
      outcome.withLock { $0 = .failure(error) }
    }
  }

  func finish(_ error: (any Error)?) {
    if let error { return continuation.resume(throwing: error) }
    let result = outcome.withLock { $0 }
    continuation.resume(
      with: result ?? .failure(StorageError(.unavailable, "The write did not run.")))
  }
}

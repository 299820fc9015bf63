internal import GRDB
internal import Synchronization

/// Writes in the order in which they come, on a thread that is not the caller's; those that
/// come while others are written share the next transaction, each in a savepoint of its own.
final class SpoolWriter: Sendable {
  private struct Job {
    var run: @Sendable (Database) throws -> Void
    var finish: @Sendable ((any Error)?) -> Void
  }

  private struct Queue {
    var jobs: [Job] = []
    var isDraining = false
  }

  private let database: DatabaseQueue
  private let queue = Mutex(Queue())

  init(_ database: DatabaseQueue) { self.database = database }

  /// Writes that no transaction has begun with.
  var waitingCount: Int { queue.withLock { $0.jobs.count } }

  /// Runs `body` and returns when its transaction is written; throws `SpoolError`. A `body` that
  /// throws changes nothing; one whose transaction was rolled back by another's runs again.
  func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws
    -> Value
  {
    return try await withCheckedThrowingContinuation { continuation in
      let box = Box<Value>()
      enqueue(
        Job(
          run: { database in box.set(try body(database)) },
          finish: { error in continuation.resume(with: box.result(error)) }))
    }
  }

  private func enqueue(_ job: Job) {
    let mustStart = queue.withLock { queue in
      queue.jobs.append(job)
      defer { queue.isDraining = true }
      return !queue.isDraining
    }
    guard mustStart else { return }
    database.asyncWriteWithoutTransaction { [self] database in
      while let group = nextGroup() { commit(group, database) }
    }
  }

  private func nextGroup() -> [Job]? {
    queue.withLock { queue in
      guard !queue.jobs.isEmpty else {
        queue.isDraining = false
        return nil
      }
      defer { queue.jobs.removeAll() }
      return queue.jobs
    }
  }

  private func commit(_ group: [Job], _ database: Database) {
    do {
      let failures = try write(group, database)
      for (job, failure) in zip(group, failures) { job.finish(failure) }
    } catch {
      guard group.count > 1 else { return group[0].finish(spoolError(error)) }
      // The whole transaction is gone, whosever fault it was: each gets its own now.
      for job in group { commit([job], database) }
    }
  }

  /// Runs a group in one transaction and returns how each failed; throws when none is written.
  private func write(_ group: [Job], _ database: Database) throws -> [(any Error)?] {
    var failures: [(any Error)?] = []
    try database.inTransaction(.immediate) {
      for job in group {
        do {
          try database.inSavepoint {
            try job.run(database)
            return .commit
          }
          failures.append(nil)
        } catch {
          // SQLite answers some errors, a full disk among them, by rolling everything back.
          guard database.isInsideTransaction else { throw error }
          failures.append(spoolError(error))
        }
      }
      return .commit
    }
    return failures
  }

  private func spoolError(_ error: any Error) -> any Error {
    (error as? DatabaseError).map { SpoolError($0, path: database.path) } ?? error
  }
}

/// What a write came to, on its way from the writer to the caller.
private final class Box<Value: Sendable>: Sendable {
  private let value = Mutex<Value?>(nil)

  func set(_ value: Value) { self.value.withLock { $0 = value } }

  func result(_ error: (any Error)?) -> Result<Value, any Error> {
    if let error { return .failure(error) }
    guard let value = value.withLock({ $0 }) else {
      return .failure(SpoolError(.unavailable, "The write did not run."))
    }
    return .success(value)
  }
}

internal import GRDB
internal import Synchronization

/// Writes in the order in which they come, on a thread that is not the caller's; those that
/// come while others are written share the next transaction.
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

  /// Runs `body` and returns when its transaction is written; throws `SpoolError`.
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
    var failure: (any Error)?
    do {
      try database.inTransaction(.immediate) {
        for job in group { try job.run(database) }
        return .commit
      }
    } catch let error as DatabaseError { failure = SpoolError(error) } catch { failure = error }
    for job in group { job.finish(failure) }
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

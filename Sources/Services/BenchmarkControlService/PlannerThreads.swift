import Glibc
import Storage
import Synchronization

/// More matrices wait to be walked over than may; RESOURCE_EXHAUSTED, and the caller may come back.
package struct PlanningOverload: Error, Sendable, Equatable {
  /// Which bound, in a sentence.
  package var message: String
  /// How many may wait, where that was passed.
  package var limit: Int?
}

/// Threads for work that computes for seconds: neither a loop nor the pool of the actors waits
/// behind it.
///
/// A few pieces of work run at a time and some wait in order; further ones are refused. A thread
/// ends when nothing is left to do.
package final class PlannerThreads: Sendable {
  private struct State {
    var running: [PlanningWork] = []
    var waiting: [PlanningWork] = []
    var isStopped = false
  }

  private let limit: Int
  private let queueLimit: Int
  private let state = Mutex(State())

  /// Makes threads for `limit` pieces of work at a time; `queueLimit` more may wait.
  package init(limit: Int, queueLimit: Int) {
    self.limit = limit
    self.queueLimit = queueLimit
  }

  /// Computes on a thread of its own. The body calls its checkpoint often, and throws what that
  /// throws: the caller is gone, or the threads are stopped.
  ///
  /// Throws `PlanningOverload` when too much waits, `unavailable` once the threads are stopped,
  /// and `CancellationError` when the caller is cancelled: while it waits at once, while it
  /// computes at the next checkpoint.
  package func run<Outcome: Sendable>(
    _ body: @escaping @Sendable (_ checkpoint: () throws -> Void) throws -> Outcome
  ) async throws -> Outcome {
    let ending = EarlyEnding()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        begin(
          PlanningWork(ending: ending) {
            continuation.resume(
              with: Result {
                try ending.check()
                return try body { try ending.check() }
              })
          })
      }
    } onCancel: {
      ending.demand(CancellationError())
      withdraw(ending)
    }
  }

  /// Ends what runs and what waits with `unavailable`, and refuses what comes.
  package func stop() {
    let waiting = state.withLock { state in
      state.isStopped = true
      for work in state.running { work.ending.demand(Self.stopped) }
      defer { state.waiting = [] }
      return state.waiting
    }
    for work in waiting { work.refuse(Self.stopped) }
  }

  /// Pieces of work that run and that wait.
  var load: (running: Int, waiting: Int) {
    state.withLock { ($0.running.count, $0.waiting.count) }
  }

  private static let stopped = StorageError(.unavailable, "the server stops")

  private func begin(_ work: PlanningWork) {
    enum Step {
      case start, wait
      case refuse(any Error)
    }
    let step: Step = state.withLock { state in
      if state.isStopped { return .refuse(Self.stopped) }
      if work.ending.isDemanded { return .refuse(CancellationError()) }
      if state.running.count < limit {
        state.running.append(work)
        return .start
      }
      guard state.waiting.count < queueLimit else {
        return .refuse(
          PlanningOverload(
            message: "\(queueLimit) other matrices wait to be walked over", limit: queueLimit))
      }
      state.waiting.append(work)
      return .wait
    }
    switch step {
    case .start: PlanningThread(threads: self, first: work).start()
    case .wait: break
    case .refuse(let error): work.refuse(error)
    }
  }

  /// Takes work back whose caller is gone while it waits.
  private func withdraw(_ ending: EarlyEnding) {
    let work = state.withLock { state -> PlanningWork? in
      guard let index = state.waiting.firstIndex(where: { $0.ending === ending }) else {
        return nil
      }
      return state.waiting.remove(at: index)
    }
    work?.refuse(CancellationError())
  }

  /// The work that takes the place of one that is done; nil when nothing waits.
  fileprivate func next(after done: PlanningWork) -> PlanningWork? {
    state.withLock { state in
      state.running.removeAll { $0 === done }
      guard !state.waiting.isEmpty else { return nil }
      let next = state.waiting.removeFirst()
      state.running.append(next)
      return next
    }
  }
}

/// One piece of work. Performed once: by a thread, or, when it is refused, by who refuses it.
private final class PlanningWork: Sendable {
  let ending: EarlyEnding
  /// Computes, and resumes who waits for it.
  let perform: @Sendable () -> Void

  init(ending: EarlyEnding, perform: @escaping @Sendable () -> Void) {
    self.ending = ending
    self.perform = perform
  }

  func refuse(_ error: any Error) {
    ending.demand(error)
    perform()
  }
}

/// Whether work is to end before it is done, and why.
private final class EarlyEnding: Sendable {
  private let reason = Mutex<(any Error)?>(nil)

  var isDemanded: Bool { reason.withLock { $0 != nil } }

  /// The first reason counts.
  func demand(_ error: any Error) { reason.withLock { $0 = $0 ?? error } }

  func check() throws {
    if let error = reason.withLock({ $0 }) { throw error }
  }
}

/// One thread: performs work until nothing waits.
private final class PlanningThread: Sendable {
  private let threads: PlannerThreads
  private let first: PlanningWork

  init(threads: PlannerThreads, first: PlanningWork) {
    self.threads = threads
    self.first = first
  }

  func start() {
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<PlanningThread>.fromOpaque(argument).takeRetainedValue().run { $0.perform() }
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    if code == 0 {
      pthread_detach(thread)
    } else {
      Unmanaged.passUnretained(self).release()
      run { $0.refuse(PlanningOverload(message: "the system gives no thread to plan on")) }
    }
  }

  private func run(_ body: (PlanningWork) -> Void) {
    var next: PlanningWork? = first
    while let work = next {
      body(work)
      next = threads.next(after: work)
    }
  }
}

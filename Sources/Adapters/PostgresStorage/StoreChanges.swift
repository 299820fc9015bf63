internal import PostgresClient
internal import Reactor
internal import Synchronization

extension PostgresStore {
  /// Follows what changes, on a connection of its own; for one reader. It begins with `missed`:
  /// what was changed before is read then.
  package func changes() -> StoreChanges {
    StoreChanges(settings.database, loop: pools[0].loop) { [weak self] error in
      self?.deafness.withLock { known in
        known = error.map { PastOutage($0, at: known?.begin ?? .now) }
      }
    }
  }
}

/// Changes as they are told. Who falls behind by more than `limit` of them, or whose connection
/// breaks, gets `missed` in their place.
package struct StoreChanges: AsyncSequence, Sendable {
  /// Most changes that wait to be read.
  package static let limit = 1024
  private let mailbox: ChangeMailbox

  /// - Parameter hears: told why nothing is heard, nil once it is again.
  init(
    _ database: PostgresConfiguration, loop: EventLoop,
    hears: @escaping @Sendable (PostgresError?) -> Void
  ) {
    mailbox = ChangeMailbox(database, loop: loop, hears: hears)
  }

  /// Reads the changes, until the task is cancelled.
  package struct Iterator: AsyncIteratorProtocol {
    fileprivate let mailbox: ChangeMailbox

    /// The next change; nil once the task is cancelled.
    package mutating func next() async -> StoreChange? { await mailbox.next() }
  }

  /// Begins to listen.
  package func makeAsyncIterator() -> Iterator {
    mailbox.start()
    return Iterator(mailbox: mailbox)
  }
}

/// Holds what was said until it is read; the listener ends with it.
private final class ChangeMailbox: Sendable {
  private struct State {
    var backlog = ChangeBacklog(limit: StoreChanges.limit)
    var reader: CheckedContinuation<StoreChange?, Never>?
    var isEnded = false
  }

  private let state = Mutex(State())
  private let listener = Mutex<PostgresListener?>(nil)
  private let database: PostgresConfiguration
  private let loop: EventLoop
  private let hears: @Sendable (PostgresError?) -> Void

  init(
    _ database: PostgresConfiguration, loop: EventLoop,
    hears: @escaping @Sendable (PostgresError?) -> Void
  ) {
    self.database = database
    self.loop = loop
    self.hears = hears
  }

  deinit {
    guard let listener = listener.withLock({ $0 }) else { return }
    Task(executorPreference: loop) { [hears] in
      await listener.stop()
      hears(nil)
    }
  }

  func start() {
    let channels = [StoreChange.catalogChannel, StoreChange.runChannel]
    let new = PostgresListener(channels, database, loop: loop) { [weak self, hears] event in
      switch event {
      case .began:
        hears(nil)
        self?.put(.missed)
      case .said(let notification):
        let change = StoreChange(channel: notification.channel, payload: notification.payload)
        if let change { self?.put(change) }
      // What is said meanwhile is missed, which is told when it is over.
      case .lost(let error): hears(error)
      }
    }
    let isFirst = listener.withLock { listener in
      guard listener == nil else { return false }
      listener = new
      return true
    }
    guard isFirst else { return }
    Task(executorPreference: loop) { await new.start() }
  }

  private func put(_ change: StoreChange) {
    let reader = state.withLock { state in
      if let reader = state.reader {
        state.reader = nil
        return reader as CheckedContinuation<StoreChange?, Never>?
      }
      state.backlog.append(change)
      return nil
    }
    reader?.resume(returning: change)
  }

  func next() async -> StoreChange? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready: StoreChange?? = state.withLock { state in
          if state.isEnded { return .some(nil) }
          if let change = state.backlog.next() { return change }
          state.reader = continuation
          return nil
        }
        if let ready { continuation.resume(returning: ready) }
      }
    } onCancel: {
      let reader = state.withLock { state in
        state.isEnded = true
        defer { state.reader = nil }
        return state.reader
      }
      reader?.resume(returning: nil)
    }
  }
}

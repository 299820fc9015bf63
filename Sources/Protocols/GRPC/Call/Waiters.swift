import Reactor

/// A task that waits for a message; at most one at a time.
///
/// It is used on its loop only, and whoever takes the continuation resumes it once. Between asking
/// for a ticket and waiting the task may be cancelled or what it waits for may come.
struct ReaderSlot {
  typealias Continuation = UnsafeContinuation<[UInt8]?, any Error>

  private var continuation: Continuation?
  private var ticket: UInt64 = 0
  private var cancelledTicket: UInt64 = 0

  var isWaiting: Bool { continuation != nil }

  mutating func nextTicket() -> UInt64 {
    ticket += 1
    return ticket
  }

  mutating func wait(_ ticket: UInt64, _ continuation: Continuation) {
    precondition(self.continuation == nil, "two tasks read one stream at once")
    guard cancelledTicket != ticket else {
      return continuation.resume(throwing: CancellationError())
    }
    self.continuation = continuation
  }

  mutating func resume(returning message: [UInt8]?) {
    let waiting = continuation
    continuation = nil
    waiting?.resume(returning: message)
  }

  mutating func resume(throwing error: any Error) {
    let waiting = continuation
    continuation = nil
    waiting?.resume(throwing: error)
  }

  mutating func resume(with result: Result<[UInt8]?, any Error>) {
    let waiting = continuation
    continuation = nil
    waiting?.resume(with: result)
  }

  mutating func cancel(_ ticket: UInt64) {
    guard ticket == self.ticket else { return }
    cancelledTicket = ticket
    resume(throwing: CancellationError())
  }
}

/// Tasks that wait until a stream can be written to; used on its loop only, as `ReaderSlot`.
struct WriterQueue {
  typealias Continuation = UnsafeContinuation<Void, any Error>

  private var waiting: [(ticket: UInt64, continuation: Continuation)] = []
  private var asked: Set<UInt64> = []
  private var cancelled: Set<UInt64> = []
  private var ticket: UInt64 = 0

  var isEmpty: Bool { waiting.isEmpty }

  mutating func nextTicket() -> UInt64 {
    ticket += 1
    asked.insert(ticket)
    return ticket
  }

  mutating func wait(_ ticket: UInt64, _ continuation: Continuation) {
    asked.remove(ticket)
    if cancelled.remove(ticket) != nil {
      continuation.resume(throwing: CancellationError())
    } else {
      waiting.append((ticket, continuation))
    }
  }

  mutating func resumeAll() {
    let resumed = waiting
    waiting.removeAll()
    for (_, continuation) in resumed { continuation.resume() }
  }

  mutating func cancel(_ ticket: UInt64) {
    if let index = waiting.firstIndex(where: { $0.ticket == ticket }) {
      waiting.remove(at: index).continuation.resume(throwing: CancellationError())
    } else if asked.contains(ticket) {
      cancelled.insert(ticket)
    }
  }
}

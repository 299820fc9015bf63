import Reactor

/// A COPY under way, which has the connection for itself.
final class CopyState {
  enum Phase {
    /// The server has not said yet that it is ready.
    case starting(CheckedContinuation<Void, any Error>)
    /// Nobody waits.
    case open
    /// What was written waits for the socket.
    case flushing(CheckedContinuation<Void, any Error>)
    /// Somebody waits for the next bytes of COPY TO.
    case reading(CheckedContinuation<[UInt8], any Error>)
    /// The last bytes were sent, or came.
    case ending(CheckedContinuation<Int, any Error>)
  }

  var phase = Phase.open
  /// Whether the last row of COPY TO has come.
  var isAtEnd = false
  var copiedCount = 0
  var error: PostgresError?
  /// Ends it when its deadline passes.
  var timer: Timer?
  /// Why it is to end, while nobody waits who could be told.
  var endReason: PostgresError?

  /// Whether nobody waits.
  var isOpen: Bool { if case .open = phase { true } else { false } }

  func fail(_ error: PostgresError) {
    let last = phase
    phase = .open
    timer?.cancel()
    switch last {
    case .open: break
    case .starting(let waiting), .flushing(let waiting): waiting.resume(throwing: error)
    case .reading(let waiting): waiting.resume(throwing: error)
    case .ending(let waiting): waiting.resume(throwing: error)
    }
  }
}

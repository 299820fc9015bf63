import Logging
import Reactor
import Synchronization

/// Keeps what is said again and again out of the log: while a store is away, whoever waits for it
/// tells so every few seconds.
final class RepeatGate: Sendable {
  /// A line that was said so long ago is said again.
  static let quietTime = Duration.seconds(60)
  /// Most lines that are remembered.
  private static let most = 64

  private struct State {
    var lastSaid: [String: MonotonicTime] = [:]
    var isClosed = false
  }

  private let logger: Logger
  private let now: @Sendable () -> MonotonicTime
  private let state = Mutex(State())

  init(_ logger: Logger, now: @escaping @Sendable () -> MonotonicTime = { .now() }) {
    (self.logger, self.now) = (logger, now)
  }

  /// Logs a line; one that gives a reason behind a colon only if it was not said lately.
  func note(_ line: String) {
    logger.log(level: passes(line) ? .info : .debug, "\(line)")
  }

  /// Nothing more is worth a line: what was waited for is being given up.
  func close() { state.withLock { $0.isClosed = true } }

  private func passes(_ line: String) -> Bool {
    let time = now()
    return state.withLock { state in
      if state.isClosed { return false }
      guard line.contains(": ") else { return true }
      let last = state.lastSaid[line]
      if state.lastSaid.count >= Self.most, last == nil { state.lastSaid = [:] }
      state.lastSaid[line] = time
      return last.map { time.duration(since: $0) >= Self.quietTime } ?? true
    }
  }
}

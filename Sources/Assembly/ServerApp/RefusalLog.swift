import Logging
import Reactor
import Synchronization
import Telemetry

/// Says why peers are not let in; a few lines a second, since anybody can cause as many as he
/// likes.
final class RefusalLog: Sendable {
  private static let linesPerSecond = 5

  private struct State {
    var second = MonotonicTime(nanoseconds: 0)
    var lines = 0
    var untold = 0
  }

  private let logger: Logger
  private let message: Logger.Message
  private let now: @Sendable () -> MonotonicTime
  private let state = Mutex(State())

  /// - Parameter message: what every line says.
  init(
    _ logger: Logger, _ message: Logger.Message,
    now: @escaping @Sendable () -> MonotonicTime = { .now() }
  ) {
    self.logger = logger
    self.message = message
    self.now = now
  }

  /// A peer was refused, or went away, for a reason in words.
  func note(_ peer: SocketAddress?, _ reason: String) {
    let time = now()
    let untold: Int? = state.withLock { state in
      if time.duration(since: state.second) >= .seconds(1) {
        state.second = time
        state.lines = 0
      }
      guard state.lines < Self.linesPerSecond else {
        state.untold += 1
        return nil
      }
      state.lines += 1
      defer { state.untold = 0 }
      return state.untold
    }
    guard let untold else { return }
    var metadata: Logger.Metadata = [
      "peer": "\(peer?.description ?? "?")", "reason": "\(LogText.quoted(reason))",
    ]
    if untold > 0 { metadata["untold"] = "\(untold)" }
    logger.info(message, metadata: metadata)
  }
}

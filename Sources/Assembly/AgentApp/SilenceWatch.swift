import Synchronization

/// How long a session may be without a word of the server's before the agent leaves it for the next
/// server: a process that stands still, or a network that swallows everything, tells nobody.
package struct SilenceLimit: Sendable {
  /// Until the server has said how long leases are.
  package var beforeWelcome = Duration.seconds(10)
  /// Bounds of the third of a lease that it is afterwards, which leaves the other two for the way
  /// to another server. It is never less than two heartbeats, whose echoes are what is waited for.
  package var range: ClosedRange<Duration> = .seconds(3)...(.seconds(30))

  /// The limits of an agent.
  package init() {}

  /// The limit of a session: `terms` are those of its welcome.
  func limit(_ terms: SessionTerms?) -> Duration {
    guard let terms else { return beforeWelcome }
    let third = min(max(terms.leaseDuration / 3, range.lowerBound), range.upperBound)
    return max(third, terms.heartbeatInterval * 2)
  }
}

/// What a server says of time in its welcome.
package struct SessionTerms: Sendable, Equatable {
  /// Time after the agent's last message at which a lease ends.
  var leaseDuration: Duration
  /// How often the agent says something.
  var heartbeatInterval: Duration
}

/// Tells how long the reader of a session waits for the server.
final class SilenceWatch: Sendable {
  private struct State: Equatable {
    var isListening = false
    var turns = 0
  }

  /// Looks within a limit. They are counted instead of the time, which also passes while this
  /// process stands still itself.
  private static let looks = 4

  private let state = Mutex(State())

  /// Waits for the server's next message; what the reader does with it is no silence.
  func listening<Value: Sendable>(_ next: () async throws -> Value) async rethrows -> Value {
    turn(isListening: true)
    defer { turn(isListening: false) }
    return try await next()
  }

  private func turn(isListening: Bool) {
    state.withLock { $0 = State(isListening: isListening, turns: $0.turns &+ 1) }
  }

  /// Returns the limit once the reader has waited for so long in vain, or a quarter longer; throws
  /// when the task is cancelled.
  func exceeded(_ limit: () async -> Duration) async throws -> Duration {
    var (quiet, seen) = (0, State())
    while true {
      let length = await limit()
      try await Task.sleep(for: length / Self.looks)
      let now = state.withLock { $0 }
      quiet = now.isListening && now == seen ? quiet + 1 : 0
      seen = now
      if quiet == Self.looks { return length }
    }
  }
}

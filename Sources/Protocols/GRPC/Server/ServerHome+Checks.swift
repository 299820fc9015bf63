import HTTP2
import Reactor

// Open calls are asked from time to time whether they may go on: who calls may not be known any
// more.
extension ServerHome {
  /// Calls that are asked before others have a turn.
  private static let callsPerTurn = 256

  /// Begins to ask, again and again; called on the loop.
  func scheduleCheck() {
    guard let interval = shared.configuration.callCheckInterval, !isDrained else { return }
    checkTimer = loop.schedule(after: interval) { [weak self] in
      guard let self else { return }
      check(Array(connections.values)[...])
    }
  }

  private func check(_ rest: ArraySlice<HTTP2Connection>) {
    guard !isDrained else { return }
    var rest = rest
    var count = 0
    while count < Self.callsPerTurn, let connection = rest.popFirst() {
      connection.forEachHandler { handler in
        count += 1
        Self.call(of: handler)?.check()
      }
    }
    if rest.isEmpty { return scheduleCheck() }
    checkTimer = loop.schedule(after: .zero) { [weak self, rest] in self?.check(rest) }
  }
}

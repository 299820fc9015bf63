import HTTP2

/// Connections of one loop whose peers have not introduced themselves, the oldest first.
///
/// Each costs tens of kilobytes while TLS shakes hands, and anybody can begin one. When there are
/// too many the oldest is left: a peer that means it is done within milliseconds, one that does not
/// only waits for its place to be taken.
struct Newcomers {
  private let limit: Int
  private var waiting: [HTTP2Connection] = []

  init(limit: Int) {
    self.limit = max(1, limit)
  }

  /// Takes note of a new connection; returns the one that has to go for it.
  mutating func enter(_ connection: HTTP2Connection) -> HTTP2Connection? {
    waiting.append(connection)
    return waiting.count > limit ? waiting.removeFirst() : nil
  }

  /// A connection is ready, or over.
  mutating func leave(_ connection: HTTP2Connection) {
    // Those that are ready soon stand near the end.
    guard let place = waiting.lastIndex(where: { $0 === connection }) else { return }
    waiting.remove(at: place)
  }
}

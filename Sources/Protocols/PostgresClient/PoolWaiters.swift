import Reactor

/// Who waits for a connection, first come, first served.
struct PoolWaiters {
  private struct Waiter {
    let id: UInt64
    let since: MonotonicTime
    let continuation: CheckedContinuation<PostgresConnection, any Error>
    let timer: Timer
  }

  private var waiters: [Waiter] = []
  private var lastID: UInt64 = 0

  var count: Int { waiters.count }

  /// Since when somebody has waited; nil when nobody does.
  var since: MonotonicTime? { waiters.first?.since }

  mutating func newID() -> UInt64 {
    lastID += 1
    return lastID
  }

  mutating func append(
    _ id: UInt64, since now: MonotonicTime,
    _ continuation: CheckedContinuation<PostgresConnection, any Error>, _ timer: Timer
  ) {
    waiters.append(Waiter(id: id, since: now, continuation: continuation, timer: timer))
  }

  /// Answers who has waited longest; false when nobody waits.
  mutating func give(_ connection: PostgresConnection) -> Bool {
    guard !waiters.isEmpty else { return false }
    let first = waiters.removeFirst()
    first.timer.cancel()
    first.continuation.resume(returning: connection)
    return true
  }

  mutating func refuse(_ id: UInt64, _ error: any Error) {
    guard let place = waiters.firstIndex(where: { $0.id == id }) else { return }
    let waiter = waiters.remove(at: place)
    waiter.timer.cancel()
    waiter.continuation.resume(throwing: error)
  }

  mutating func refuseAll(_ error: any Error) {
    let all = waiters
    waiters = []
    for waiter in all {
      waiter.timer.cancel()
      waiter.continuation.resume(throwing: error)
    }
  }
}

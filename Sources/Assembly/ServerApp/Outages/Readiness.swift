import GRPCServices
import Storage
import Synchronization

/// Whether a server wants new calls, and how its store does; usable from any thread.
final class Readiness: Sendable {
  /// What gRPC's health checking calls the store: it is told apart from the services, since all
  /// servers of a database lose it together, and none would be better to go to.
  static let storeName = "benchfront.store"

  private enum Phase {
    case starting
    case serving
    case leaving
  }

  private struct State {
    var phase = Phase.starting
    var health: HealthService?
    var outage: StoreOutage?
  }

  private let state = Mutex(State())

  /// The server serves from now on, and `health` says so.
  func begin(_ health: HealthService) {
    state.withLock { state in
      state.phase = .serving
      state.health = health
      state.outage = nil
    }
    health.set(.serving, for: Self.storeName)
  }

  /// What a look at the store found.
  func show(_ outage: StoreOutage?) {
    let health = state.withLock { state in
      state.outage = outage
      return state.health
    }
    health?.set(outage.map(\.isPartial) ?? true ? .serving : .notServing, for: Self.storeName)
  }

  /// The answer to a probe: whether new calls are wanted, and a text for people.
  var answer: (isReady: Bool, text: String) {
    let (phase, outage) = state.withLock { ($0.phase, $0.outage) }
    let store = outage.map { "the store: \($0.cause.rawValue)\n" } ?? ""
    return switch phase {
    case .starting: (false, "starting\n" + store)
    case .serving: (true, "ready\n" + store)
    case .leaving: (false, "draining\n")
    }
  }

  /// The server is on its way out: who asks is told, and watches of its health go on.
  func leave() { _ = left() }

  /// As `leave`, and watches of its health end.
  func drain() { left()?.drain() }

  private func left() -> HealthService? {
    let health = state.withLock { state in
      state.phase = .leaving
      return state.health
    }
    health?.leave()
    return health
  }
}

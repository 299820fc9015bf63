/// How a channel with several servers uses them.
package enum LoadBalancing: String, Sendable, CaseIterable {
  /// The first in order that can be reached takes all calls.
  case pickFirst = "pick_first"
  /// Calls go to all that can be reached, in turns.
  case roundRobin = "round_robin"

  /// Their names in a sentence.
  package static let names = allCases.map(\.rawValue).joined(separator: " or ")

  func makeBalancer() -> any Balancer {
    switch self {
    case .pickFirst: PickFirst()
    case .roundRobin: RoundRobin(start: .random(in: 0...Int(UInt16.max)))
    }
  }
}

/// Decides which servers a channel is connected to, and which takes the next call; without I/O.
///
/// Servers are known by numbers. Each event returns what is to be done.
protocol Balancer {
  /// The state of the whole.
  var connectivity: Connectivity { get }
  /// These are the servers now, at least one; those that were there before keep their state.
  mutating func update(_ servers: [Int]) -> [BalancerCommand]
  /// Somebody calls although nothing is connected.
  mutating func leaveIdle() -> [BalancerCommand]
  mutating func server(_ id: Int, became state: Connectivity) -> [BalancerCommand]
  /// The time of the last `wakeAfter` has passed.
  mutating func wake() -> [BalancerCommand]
  /// The server of the next call; nil unless the whole is ready.
  mutating func pick() -> Int?
}

/// What a balancer wants done.
enum BalancerCommand: Equatable {
  /// Connect to a server that is idle.
  case connect(Int)
  /// Give up connecting to a server, or its connection.
  case rest(Int)
  /// Ask whether the servers are still the same.
  case resolve
  /// Call `wake` after this time, instead of after the time that was said before.
  case wakeAfter(Duration)
}

extension RPCError {
  private static let maxListed = 8

  /// One error for servers that all fail.
  static func allFail(_ errors: [RPCError]) -> RPCError {
    guard errors.count > 1 else {
      return errors.first ?? RPCError(.unavailable, "there is no server")
    }
    let listed = errors.prefix(maxListed).map(\.message).joined(separator: "; ")
    let rest = errors.count - maxListed
    return RPCError(
      .unavailable, "no server can be reached: \(listed)\(rest > 0 ? "; and \(rest) more" : "")")
  }
}

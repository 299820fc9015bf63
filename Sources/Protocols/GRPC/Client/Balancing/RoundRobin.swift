/// Connects to all servers and gives the calls to those that are reached, in turns; a connection
/// that is lost is made again at once.
///
/// A server that has failed counts as failing until it is reached, so that calls fail without delay
/// while all are away.
struct RoundRobin: Balancer {
  private var order: [Int] = []
  private var servers: [Int: Connectivity] = [:]
  private var ready: [Int] = []
  private var turn: Int
  private(set) var connectivity = Connectivity.idle

  /// `start` is the first turn; it should be chance, lest all clients begin with one server.
  init(start: Int) { turn = start }

  mutating func update(_ servers: [Int]) -> [BalancerCommand] {
    let old = self.servers
    order = servers
    self.servers = [:]
    for id in order { self.servers[id] = old[id] ?? .idle }
    // One that had failed before is connected again when its backoff is over.
    let new = order.filter { self.servers[$0] == .idle }
    for id in new { self.servers[id] = .connecting }
    aggregate()
    return new.map { .connect($0) }
  }

  /// It never rests.
  mutating func leaveIdle() -> [BalancerCommand] { [] }

  /// It never asks for it.
  mutating func wake() -> [BalancerCommand] { [] }

  mutating func server(_ id: Int, became new: Connectivity) -> [BalancerCommand] {
    guard let old = servers[id] else { return [] }
    var commands: [BalancerCommand] = []
    switch (old, new) {
    case (.failing, .idle): commands = [.connect(id)]
    case (.failing, .connecting): break
    case (_, .idle):
      servers[id] = .connecting
      commands = [.connect(id)]
      if old == .ready { commands.append(.resolve) }
    case (_, .failing):
      servers[id] = new
      commands = [.resolve]
    case (_, .connecting), (_, .ready): servers[id] = new
    }
    aggregate()
    return commands
  }

  private mutating func aggregate() {
    ready = order.filter { servers[$0] == .ready }
    if !ready.isEmpty {
      connectivity = .ready
    } else if order.contains(where: { servers[$0] == .connecting }) {
      connectivity = .connecting
    } else {
      let errors = order.compactMap { id -> RPCError? in
        if case .failing(let error) = servers[id] { error } else { nil }
      }
      connectivity = .failing(.allFail(errors))
    }
  }

  mutating func pick() -> Int? {
    guard !ready.isEmpty else { return nil }
    turn = turn &+ 1
    return ready[Int(UInt(bitPattern: turn) % UInt(ready.count))]
  }
}

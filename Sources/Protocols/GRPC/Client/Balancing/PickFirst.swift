/// Tries the servers in order and sticks to the first that is reached; when that is lost, it waits
/// for the next call before it begins again.
///
/// When all have failed it goes on to try each as soon as its backoff is over, and calls fail until
/// one is reached (https://github.com/grpc/proposal/blob/master/A62-pick-first.md).
struct PickFirst: Balancer {
  private enum State: Equatable {
    case idle
    case connecting(Int)
    case ready(Int)
    case failing
  }

  private var state = State.idle
  private var order: [Int] = []
  private var servers: [Int: Connectivity] = [:]

  var connectivity: Connectivity {
    switch state {
    case .idle: .idle
    case .connecting: .connecting
    case .ready: .ready
    case .failing: .failing(.allFail(errors))
    }
  }

  private var errors: [RPCError] = []

  mutating func update(_ servers: [Int]) -> [BalancerCommand] {
    order = servers
    self.servers = self.servers.filter { order.contains($0.key) }
    for id in order where self.servers[id] == nil { self.servers[id] = .idle }
    switch state {
    case .idle: return []
    case .ready(let id):
      if !order.contains(id) { state = .idle }
      return []
    case .connecting: return beginPass()
    case .failing: return connectRested()
    }
  }

  mutating func leaveIdle() -> [BalancerCommand] {
    state == .idle ? beginPass() : []
  }

  private mutating func beginPass() -> [BalancerCommand] {
    if let id = order.first(where: { servers[$0] == .ready }) { return use(id) }
    if let id = order.first(where: { servers[$0] == .connecting }) {
      state = .connecting(id)
      return []
    }
    return tryNext(order[...])
  }

  /// Tries the first of `candidates` whose backoff is over.
  private mutating func tryNext(_ candidates: ArraySlice<Int>) -> [BalancerCommand] {
    if let id = candidates.first(where: { servers[$0] == .idle }) {
      state = .connecting(id)
      return [.connect(id)]
    }
    state = .failing
    collectErrors()
    return [.resolve] + connectRested()
  }

  private func connectRested() -> [BalancerCommand] {
    order.filter { servers[$0] == .idle }.map { .connect($0) }
  }

  private mutating func collectErrors() {
    let now = order.compactMap { id -> RPCError? in
      if case .failing(let error) = servers[id] { error } else { nil }
    }
    // While servers are tried again their last errors stand.
    if now.count >= errors.count || now.count == order.count { errors = now }
  }

  private mutating func use(_ id: Int) -> [BalancerCommand] {
    state = .ready(id)
    errors = []
    return order.filter { $0 != id && servers[$0] != .idle }.map { .rest($0) }
  }

  mutating func server(_ id: Int, became new: Connectivity) -> [BalancerCommand] {
    guard servers[id] != nil else { return [] }
    servers[id] = new
    switch state {
    case .idle: return []
    case .ready(id):
      guard new != .ready else { return [] }
      state = .idle
      return [.resolve]
    case .ready: return []
    case .connecting(let current): return connecting(current, id, new)
    case .failing:
      switch new {
      case .ready: return use(id)
      case .idle: return [.connect(id)]
      case .connecting: return []
      case .failing:
        collectErrors()
        return [.resolve]
      }
    }
  }

  private mutating func connecting(
    _ current: Int, _ id: Int, _ new: Connectivity
  ) -> [BalancerCommand] {
    if new == .ready { return use(id) }
    guard id == current, new != .connecting, let index = order.firstIndex(of: id) else { return [] }
    return tryNext(order[(index + 1)...])
  }

  mutating func pick() -> Int? {
    if case .ready(let id) = state { id } else { nil }
  }
}

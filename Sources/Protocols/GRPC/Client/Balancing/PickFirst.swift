/// Tries the servers in order and sticks to the first that is reached; when that is lost, it waits
/// for the next call before it begins again.
///
/// The next server is tried as soon as an attempt fails, or has neither failed nor succeeded after
/// a while; whichever is reached first is taken, and the others rest
/// (https://github.com/grpc/proposal/blob/master/A61-IPv4-IPv6-dualstack-backends.md).
///
/// When all have failed it goes on to try each as soon as its backoff is over, and calls fail until
/// one is reached (https://github.com/grpc/proposal/blob/master/A62-pick-first.md).
struct PickFirst: Balancer {
  /// How long an attempt goes on alone: the Connection Attempt Delay of RFC 8305 section 5.
  static let attemptDelay = Duration.milliseconds(250)

  private enum State: Equatable {
    case idle
    case connecting
    case ready(Int)
    case failing
  }

  private var state = State.idle
  private var order: [Int] = []
  private var servers: [Int: Connectivity] = [:]
  /// Those whose turn in this pass has not come.
  private var waiting: ArraySlice<Int> = []
  /// The one whose attempt began last.
  private var newest: Int?
  /// One whose connection was given up because it did not answer: it is tried behind all others,
  /// even if it takes connections.
  private var suspect: Int?

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

  mutating func wake() -> [BalancerCommand] {
    state == .connecting ? tryNext() : []
  }

  private mutating func beginPass() -> [BalancerCommand] {
    if let id = order.first(where: { servers[$0] == .ready }) { return use(id) }
    state = .connecting
    waiting = (order.filter { $0 != suspect } + order.filter { $0 == suspect })[...]
    return tryNext()
  }

  /// Begins the next attempt of the pass, or ends the pass when none goes on.
  private mutating func tryNext() -> [BalancerCommand] {
    while let id = waiting.popFirst() {
      switch servers[id] {
      case .idle:
        newest = id
        servers[id] = .connecting
        return [.connect(id)] + wakeForNext
      case .connecting:
        newest = id
        return wakeForNext
      // Its backoff is not over.
      case .failing, .ready, nil: continue
      }
    }
    return endPassIfAllFailed()
  }

  private var wakeForNext: [BalancerCommand] {
    waiting.isEmpty ? [] : [.wakeAfter(Self.attemptDelay)]
  }

  private mutating func endPassIfAllFailed() -> [BalancerCommand] {
    guard waiting.isEmpty, !order.contains(where: { servers[$0] == .connecting }) else { return [] }
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
    suspect = nil
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
      if case .failing = new { suspect = id }
      return [.resolve]
    case .ready: return []
    case .connecting: return connecting(id, new)
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

  private mutating func connecting(_ id: Int, _ new: Connectivity) -> [BalancerCommand] {
    switch new {
    case .ready: return use(id)
    case .connecting: return []
    // An older attempt that fails says nothing of the newest, which keeps its time.
    case .failing, .idle: return id == newest ? tryNext() : endPassIfAllFailed()
    }
  }

  mutating func pick() -> Int? {
    if case .ready(let id) = state { id } else { nil }
  }
}

import HTTP2
import Reactor

/// The part of a channel that lives on its loop: its servers, and who waits for one.
// @unchecked: everything but constants is touched on the loop only.
final class ChannelCore: SubchannelOwner, @unchecked Sendable {
  /// Servers that one channel uses; more that a resolver finds are left out.
  private static let maxServers = 128

  private let target: Result<Target, RPCError>
  /// The target as metrics name it.
  let targetName: String
  let loop: EventLoop
  let configuration: ClientConfiguration
  let coder = MessageCoder()
  private var isClosed = false
  private var pending: [CallAttempt] = []
  /// Why the last look-up found nothing.
  private var resolutionError: RPCError?
  private var subchannels: [Int: Subchannel] = [:]
  /// Those whose server has gone from the list, until their calls have ended.
  private var leaving: [Subchannel] = []
  private var lastID = 0
  private var balancer: any Balancer
  /// What the balancer wants to be woken by.
  private var balancerTimer: Timer?
  private var isFlushing = false
  private var throttle: RetryThrottle
  /// Calls that wait for their next attempt.
  private var resting: [ObjectIdentifier: ClientCall] = [:]
  /// Bytes of requests that are kept in case they are sent again.
  private(set) var keptBytes = 0
  private var generator = SystemRandomNumberGenerator()
  private lazy var resolution = Resolution(
    loop: loop, interval: configuration.minResolutionInterval, backoff: configuration.backoff
  ) { [weak self] in self?.resolve() }
  private lazy var idleWatch = IdleWatch(
    loop: loop, timeout: configuration.idleTimeout
  ) { [weak self] in self?.becomeIdle() }
  /// What connections are made with; a server that wants fewer PINGs changes it.
  private(set) var http2: HTTP2Configuration

  init(target: String, loop: EventLoop, configuration: ClientConfiguration) {
    do throws(ReactorError) {
      let parsed = try Target(parsing: target)
      self.target = .success(parsed)
      targetName = parsed.description
    } catch {
      targetName = target
      self.target = .failure(RPCError(.invalidArgument, error.message))
    }
    self.loop = loop
    self.configuration = configuration
    http2 = configuration.http2
    throttle = configuration.retryThrottle
    balancer = configuration.loadBalancing.makeBalancer()
  }

  /// The state of the whole.
  var connectivity: Connectivity {
    if isClosed { return .failing(Self.closedError) }
    guard subchannels.isEmpty else { return balancer.connectivity }
    if resolution.isPrompt {
      return resolutionError == nil && pending.isEmpty ? .idle : .connecting
    }
    return resolutionError.map { .failing($0) } ?? .connecting
  }

  static let closedError = RPCError(.unavailable, "the channel is closed")

  // MARK: Calls

  func callBegan() { idleWatch.callBegan() }

  func callEnded() {
    if !isClosed { idleWatch.callEnded() }
  }

  /// Leaves its servers, whose names the next call looks up anew.
  private func becomeIdle() {
    guard !isClosed else { return }
    balancerTimer?.cancel()
    balancer = configuration.loadBalancing.makeBalancer()
    let left = Array(subchannels.values)
    subchannels = [:]
    leaving += left
    for subchannel in left { subchannel.leave() }
    resolution.allowAtOnce()
  }

  func start(_ call: CallAttempt) {
    guard !call.isOver else { return }
    if isClosed { return call.refuse(Self.closedError) }
    if case .failure(let error) = target { return call.refuse(error) }
    guard !subchannels.isEmpty else { return startUnresolved(call) }
    switch balancer.connectivity {
    case .ready: open(call)
    case .connecting: enqueue(call)
    case .idle:
      enqueue(call)
      flush()
    case .failing(let error):
      if call.options.waitForReady { enqueue(call) } else { call.missed(error) }
    }
  }

  private func startUnresolved(_ call: CallAttempt) {
    if let error = resolutionError, !resolution.isPrompt, !call.options.waitForReady {
      return call.missed(error)
    }
    enqueue(call)
    resolution.request()
  }

  private func enqueue(_ call: CallAttempt) {
    if pending.count >= configuration.maxPendingCalls { pending.removeAll { $0.isOver } }
    guard pending.count < configuration.maxPendingCalls else {
      return call.refuse(RPCError(.resourceExhausted, "too many calls wait for a connection"))
    }
    pending.append(call)
  }

  private func open(_ call: CallAttempt) {
    guard let id = balancer.pick(), let subchannel = subchannels[id] else {
      return call.missed(RPCError(.unavailable, "no server is ready"))
    }
    let opening = subchannel.open(call.info.method.path, call) { fields, way throws(RPCError) in
      try complete(&fields, of: call, way)
    }
    switch opening {
    case .opened(let stream): call.opened(stream)
    case .refused(let error): call.refuse(error)
    case .missed: start(call)
    }
  }

  private func complete(
    _ fields: inout HeaderFields, of call: CallAttempt, _ way: ClientWay
  ) throws(RPCError) {
    if let deadline = call.deadline {
      let left = deadline.duration(since: loop.now())
      fields.append("grpc-timeout", Timeout.format(left.wholeNanoseconds))
    }
    if call.options.compression != .identity {
      fields.append("grpc-encoding", call.options.compression.name)
    }
    if call.previousAttempts > 0 {
      fields.append("grpc-previous-rpc-attempts", String(call.previousAttempts))
    }
    var metadata = call.options.metadata
    for interceptor in configuration.interceptors {
      try interceptor.attemptLeaves(call.info, way, &metadata)
    }
    metadata.append(to: &fields)
  }

  /// Lets those who wait go on, if there is news for them.
  private func flush() {
    guard !isFlushing, !pending.isEmpty else { return }
    isFlushing = true
    defer { isFlushing = false }
    while !pending.isEmpty {
      switch connectivity {
      case .connecting: return
      case .idle:
        perform(balancer.leaveIdle())
        if balancer.connectivity == .idle { return }
      case .ready:
        let waiting = pending
        pending = []
        for call in waiting { start(call) }
      case .failing(let error): return failPending(error)
      }
    }
  }

  private func failPending(_ error: RPCError) {
    let failing = pending.filter { !$0.options.waitForReady }
    pending.removeAll { !$0.options.waitForReady || $0.isOver }
    for call in failing { call.missed(error) }
  }

  // MARK: Retries

  /// What follows the end of an attempt.
  func decide(_ retry: inout RetryState, after end: AttemptEnd) -> RetryDecision {
    isClosed ? .end(end.error) : retry.next(after: end, &throttle, using: &generator)
  }

  /// Remembers a call that waits for its next attempt; false when too many do.
  func rest(_ call: ClientCall) -> Bool {
    guard resting.count < configuration.maxPendingCalls else { return false }
    resting[ObjectIdentifier(call)] = call
    return true
  }

  func wake(_ call: ClientCall) { resting[ObjectIdentifier(call)] = nil }

  /// Makes room for bytes of a request that are kept `beside` others of the same call.
  ///
  /// - Returns: whether there is room.
  func reserve(_ count: Int, beside kept: Int) -> Bool {
    guard count + kept <= configuration.maxRetryBytesPerCall,
      count + keptBytes <= configuration.maxRetryBytes
    else { return false }
    keptBytes += count
    return true
  }

  func release(_ count: Int) { keptBytes -= count }

  // MARK: Servers

  private func resolve() {
    guard case .success(let target) = target else { return }
    Task(executorPreference: loop) { [self] in
      do {
        resolved(try await configuration.resolver.resolve(target))
      } catch {
        let error = error as? RPCError ?? RPCError(.unavailable, "\(error)")
        unresolved(error)
      }
    }
  }

  private func resolved(_ endpoints: [Endpoint]) {
    guard !isClosed else { return }
    guard !endpoints.isEmpty else {
      return unresolved(RPCError(.unavailable, "the target has no address"))
    }
    resolution.succeeded()
    resolutionError = nil
    update(endpoints)
    flush()
  }

  private func unresolved(_ error: RPCError) {
    guard !isClosed else { return }
    resolution.failed()
    resolutionError = error
    guard subchannels.isEmpty else { return }
    flush()
    if !pending.isEmpty { resolution.request() }
  }

  private func update(_ endpoints: [Endpoint]) {
    var known: [Endpoint: Subchannel] = [:]
    for subchannel in subchannels.values { known[subchannel.endpoint] = subchannel }
    var order: [Int] = []
    for endpoint in endpoints where order.count < Self.maxServers {
      let subchannel = known[endpoint] ?? makeSubchannel(endpoint)
      known[endpoint] = subchannel
      if !order.contains(subchannel.id) { order.append(subchannel.id) }
    }
    let gone = subchannels.values.filter { !order.contains($0.id) }
    for subchannel in gone { subchannels[subchannel.id] = nil }
    leaving += gone
    perform(balancer.update(order))
    for subchannel in gone { subchannel.leave() }
  }

  private func makeSubchannel(_ endpoint: Endpoint) -> Subchannel {
    lastID += 1
    let subchannel = Subchannel(
      id: lastID, endpoint: endpoint, loop: loop, configuration: configuration, owner: self)
    subchannels[lastID] = subchannel
    return subchannel
  }

  private func perform(_ commands: [BalancerCommand]) {
    for command in commands {
      switch command {
      case .connect(let id): subchannels[id]?.connect()
      case .rest(let id): subchannels[id]?.rest()
      case .resolve: resolution.request()
      case .wakeAfter(let delay):
        balancerTimer?.cancel()
        balancerTimer = loop.schedule(after: delay) { [weak self] in self?.wakeBalancer() }
      }
    }
  }

  private func wakeBalancer() {
    guard !isClosed else { return }
    perform(balancer.wake())
    flush()
  }

  /// Where a stream is; nil once it is over.
  func carrier(of stream: HTTP2Stream) -> (subchannel: Subchannel, connection: HTTP2Connection)? {
    for subchannel in Array(subchannels.values) + leaving {
      if let connection = subchannel.carrier(of: stream) { return (subchannel, connection) }
    }
    return nil
  }

  // MARK: From subchannels

  func subchannel(_ subchannel: Subchannel, became state: Connectivity) {
    guard !isClosed else { return }
    perform(balancer.server(subchannel.id, became: state))
    flush()
  }

  func subchannelSawTooManyPings() {
    if let interval = http2.keepaliveInterval { http2.keepaliveInterval = interval * 2 }
  }

  func subchannelIsGone(_ subchannel: Subchannel) { leaving.removeAll { $0 === subchannel } }

  // MARK: The end

  func close() {
    guard !isClosed else { return }
    isClosed = true
    resolution.close()
    idleWatch.close()
    balancerTimer?.cancel()
    let waiting = pending
    pending = []
    for call in waiting { call.refuse(Self.closedError) }
    for call in resting.values { call.cancel(Self.closedError) }
    for subchannel in subchannels.values { subchannel.close() }
    for subchannel in leaving { subchannel.close() }
    subchannels = [:]
    leaving = []
  }
}

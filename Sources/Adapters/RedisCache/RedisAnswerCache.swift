package import Reactor
package import RedisClient
package import Storage

/// Encoded answers in Redis, for all replicas.
///
/// While Redis fails or is slow, the circuit breaker keeps callers away from it, so that an outage
/// costs a look-up no more than `timeout`, and most nothing.
package final class RedisAnswerCache: SharedAnswerCache {
  /// Bounds of the cache.
  package struct Limits: Sendable, Hashable {
    /// Longest that one call of Redis takes.
    package var timeout: Duration = .milliseconds(50)
    /// How long an answer is kept.
    package var lifetime: Duration = .seconds(600)
    /// Longest that another replica is waited for which computes the answer.
    package var wait: Duration = .milliseconds(100)
    /// How long a claim holds whose replica says nothing more.
    package var claimLifetime: Duration = .seconds(1)
    /// Most bytes of an answer with its key; larger ones are not kept.
    package var maxBytes = 1 << 20
    /// When callers are kept away.
    package var breaker = CircuitBreaker.Rules()

    /// The defaults.
    package init() {}
  }

  private struct State {
    var breaker: CircuitBreaker
    var counters = RedisCacheCounters()
    /// Why the last call failed that says something of the server, until one of its kind succeeds.
    var trouble: (error: RedisError, isOfWriting: Bool)?
  }

  /// What a trial writes.
  private static let probe = "benchfront:probe:v1"

  private let caller: RedisCaller
  private let limits: Limits
  private let state: Locked<State>

  /// A cache that has not connected yet.
  package init(_ redis: RedisConfiguration, _ limits: Limits = Limits(), loop: EventLoop) {
    var redis = redis
    redis.maxReplyBytes = min(redis.maxReplyBytes, limits.maxBytes + 1024)
    caller = RedisCaller(redis, loop: loop)
    self.limits = limits
    state = Locked(State(breaker: CircuitBreaker(limits.breaker)))
  }

  /// Begins to connect.
  package func start() async { await caller.start() }

  /// Ends the connection; nothing is there from now on.
  package func stop() async { await caller.stop() }

  /// What has happened so far, for metrics; callable from any thread.
  package var counters: RedisCacheCounters {
    state.withLock { state in
      var counters = state.counters
      counters.state = state.breaker.state
      counters.openings = state.breaker.openings
      return counters
    }
  }

  /// What is wrong with Redis as far as its connection and the calls so far have shown; nil when
  /// nothing is known to be. Where something was, it tries whether it still is: who asks no more
  /// would not find out.
  package func look() async -> StoreOutage? {
    let status = await caller.status
    if !status.isConnected {
      return status.outage.map { StoreOutage($0.cause, $0.message) }
    }
    if state.withLock({ $0.trouble != nil || $0.breaker.state != .closed }) {
      _ = await call(RedisCommand("SET", Self.probe, "", "PX", Int64(1_000)))
    }
    let (trouble, isClosed) = state.withLock { ($0.trouble, $0.breaker.state == .closed) }
    if let error = trouble?.error {
      return StoreOutage(error.cause, error.message, isPartial: true)
    }
    return isClosed ? nil : StoreOutage(.unreachable, "Redis is slow", isPartial: true)
  }

  // MARK: The cache

  package func get(_ key: AnswerKey) async -> [UInt8]? {
    let names = StoredAnswer.Names(key)
    guard let value = await call(RedisCommand("GET", names.answer), isWrite: false)
    else { return nil }
    guard case .string(let bytes) = value else {
      count(value == .null ? \.misses : \.errors)
      return nil
    }
    return take(bytes, key)
  }

  package func claim(_ key: AnswerKey) async -> AnswerClaim {
    let names = StoredAnswer.Names(key)
    let token = Self.newToken()
    let command = RedisCommand(
      "EVAL", Self.claimScript, Int64(2), names.answer, names.claim, token,
      limits.claimLifetime.milliseconds)
    let end = MonotonicTime.now().advanced(by: limits.wait)
    var pause = Duration.milliseconds(2)
    var isFirst = true
    while true {
      let value = await call(command)
      if isFirst, case .integer = value { count(\.misses) }
      isFirst = false
      switch value {
      case .string(let bytes): return take(bytes, key).map { .answer($0) } ?? .alone
      case .integer(1): return .granted(token: token)
      case .integer: break
      default: return .alone
      }
      guard MonotonicTime.now().advanced(by: pause) < end else {
        count(\.expiredWaits)
        return .alone
      }
      // A cancelled caller computes, and finds out by itself.
      guard (try? await caller.loop.sleep(for: pause)) != nil else { return .alone }
      pause = min(pause * 2, .milliseconds(20))
    }
  }

  package func put(_ key: AnswerKey, _ answer: [UInt8]) async {
    let stored = StoredAnswer.encode(answer, of: key)
    guard stored.count <= limits.maxBytes else { return count(\.oversized) }
    let command = RedisCommand(
      "SET", StoredAnswer.Names(key).answer, stored, "PX", limits.lifetime.milliseconds)
    if await call(command) == .status("OK") { count(\.stores) }
  }

  package func fulfil(_ key: AnswerKey, _ answer: [UInt8], token: String) async {
    let stored = StoredAnswer.encode(answer, of: key)
    guard stored.count <= limits.maxBytes else {
      count(\.oversized)
      return await release(key, token: token)
    }
    let names = StoredAnswer.Names(key)
    let value = await call(
      RedisCommand(
        "EVAL", Self.fulfilScript, Int64(2), names.claim, names.answer, token, stored,
        limits.lifetime.milliseconds))
    if case .integer = value { count(\.stores) }
  }

  package func release(_ key: AnswerKey, token: String) async {
    // When it fails the claim ends by itself.
    _ = await call(
      RedisCommand("EVAL", Self.releaseScript, Int64(1), StoredAnswer.Names(key).claim, token))
  }

  /// Looks and claims at once, so that an answer that comes in between is not computed again.
  private static let claimScript = """
    local answer = redis.call('GET', KEYS[1])
    if answer then return answer end
    if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
    return 0
    """

  private static let fulfilScript =
    "redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])\n" + releaseScript

  /// Takes away one's own claim only: it may have ended, and be another's now.
  private static let releaseScript = """
    if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
    return 0
    """

  private static func newToken() -> String {
    String(UInt64.random(in: 0 ... .max), radix: 36)
      + String(UInt64.random(in: 0 ... .max), radix: 36)
  }

  // MARK: Calls

  /// The value that was stored for the key, if it is one.
  private func take(_ bytes: [UInt8], _ key: AnswerKey) -> [UInt8]? {
    guard let answer = StoredAnswer.decode(bytes, of: key) else {
      count(\.errors)
      return nil
    }
    count(\.hits)
    return answer
  }

  private func count(_ counter: WritableKeyPath<RedisCacheCounters, Int>) {
    state.withLock { $0.counters[keyPath: counter] += 1 }
  }

  /// What Redis answers; nil when it fails, or is not to be asked.
  private func call(_ command: RedisCommand, isWrite: Bool = true) async -> RedisValue? {
    let begin = MonotonicTime.now()
    let permit = state.withLock { state in
      let permit = state.breaker.permit(at: begin)
      if permit == nil { state.counters.refused += 1 }
      return permit
    }
    guard let permit else { return nil }
    do {
      let value = try await caller.run(command, by: begin.advanced(by: limits.timeout))
      succeeded(isWrite: isWrite)
      record(permit, since: begin, isSuccess: true)
      return value
    } catch let error as RedisError {
      if error.kind == .cancelled { return nil }
      count(\.errors)
      state.withLock { $0.trouble = (error, isWrite) }
      record(permit, since: begin, isSuccess: error.isOfOneCommand)
      return nil
    } catch {
      // Cancelled while it waited for the connection.
      return nil
    }
  }

  /// A full server answers reads, so that they end no trouble of writes.
  private func succeeded(isWrite: Bool) {
    state.withLock { state in
      if let trouble = state.trouble, isWrite || !trouble.isOfWriting { state.trouble = nil }
    }
  }

  private func record(_ permit: CircuitBreaker.Permit, since begin: MonotonicTime, isSuccess: Bool)
  {
    let now = MonotonicTime.now()
    state.withLock { state in
      state.breaker.record(
        permit, isSuccess: isSuccess, duration: now.duration(since: begin), at: now)
    }
  }
}

extension RedisError {
  /// What it says of the server.
  fileprivate var cause: OutageCause {
    switch kind {
    case .connection, .deadlineExceeded, .closed, .cancelled: .unreachable
    case .server("OOM"): .full
    case .server("READONLY"): .readOnly
    case .server("NOAUTH"), .server("WRONGPASS"), .server("NOPERM"): .refused
    case .server where message.contains("max number of clients"): .tooManyConnections
    case .server where message.contains("AUTH"): .refused
    case .exhausted: .overloaded
    case .server, .configuration, .unexpected: .failing
    }
  }

  /// Whether the server is well, and refused this command alone: a full one still answers reads.
  fileprivate var isOfOneCommand: Bool {
    guard case .server(let code) = kind else { return kind == .unexpected }
    return !["LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "NOAUTH", "WRONGPASS", "READONLY"]
      .contains(code)
  }
}

extension Duration {
  /// In whole milliseconds, at least 1.
  fileprivate var milliseconds: Int64 { max(1, wholeNanoseconds / 1_000_000) }
}

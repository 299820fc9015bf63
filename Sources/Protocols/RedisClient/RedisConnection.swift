package import Reactor

/// One connection: commands are sent as they come, and answered in order.
///
/// It lives on its loop. When it breaks, every call on it fails; `RedisCaller` makes it anew.
package actor RedisConnection {
  enum State {
    case connecting(CheckedContinuation<Void, any Error>)
    case ready
    case closed(RedisError)
  }

  private struct Call {
    let continuation: CheckedContinuation<RedisValue, any Error>
    let timer: Timer
  }

  /// The loop that the connection lives on.
  package nonisolated let loop: EventLoop
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  nonisolated let configuration: RedisConfiguration
  private(set) var context: AsyncContext?
  private(set) var state: State?
  private var calls: [UInt64: Call] = [:]
  private var lastCall: UInt64 = 0
  private var silence: Timer?
  var subscription: Subscription?
  /// Who wants to know of its end.
  private var endHandler: ((RedisError) -> Void)?

  private init(_ configuration: RedisConfiguration, loop: EventLoop) {
    self.configuration = configuration
    self.loop = loop
  }

  isolated deinit {
    silence?.cancel()
    subscription?.timer?.cancel()
    context?.close()
  }

  // MARK: Connecting

  /// Connects to the first address that lets it in, logs in, chooses the database, and makes sure
  /// that a Redis answers; names are looked up off the loop.
  ///
  /// - Throws: `RedisError` with `connection`, or what the server says against it.
  package static func connect(
    _ configuration: RedisConfiguration, loop: EventLoop
  ) async throws -> RedisConnection {
    let limit = loop.now().advanced(by: configuration.connectTimeout)
    let addresses = try await addresses(of: configuration.url, by: limit, on: loop)
    var reasons: [RedisError] = []
    for (place, address) in addresses.enumerated() {
      let left = limit.duration(since: loop.now()) / (addresses.count - place)
      let connection = RedisConnection(configuration, loop: loop)
      do {
        try await connection.establish(to: address, by: loop.now().advanced(by: left))
        return connection
      } catch {
        await connection.close()
        let reason = error as? RedisError ?? RedisError(.connection, "\(error)")
        guard reason.kind == .connection || reason.kind == .deadlineExceeded else { throw reason }
        reasons.append(reason)
      }
    }
    throw RedisError(
      .connection,
      "\(configuration.url): " + reasons.map(\.message).joined(separator: "; "))
  }

  private static func addresses(
    of url: RedisURL, by limit: MonotonicTime, on loop: EventLoop
  ) async throws -> [SocketAddress] {
    let late = RedisError(.connection, "looking up the name in \(url) took too long")
    do {
      return try await loop.value(by: limit, orElse: late) {
        try await SocketAddress.resolve(url.address)
      }
    } catch let error as ReactorError { throw RedisError(.connection, error.message) }
  }

  private func establish(to address: SocketAddress, by limit: MonotonicTime) async throws {
    try await withTaskCancellationHandler {
      try await open(address, by: limit)
      let url = configuration.url
      if !url.password.isEmpty {
        let login =
          url.user.isEmpty
          ? RedisCommand("AUTH", url.password) : RedisCommand("AUTH", url.user, url.password)
        _ = try await run(login, by: limit)
      }
      if url.database != 0 {
        _ = try await run(RedisCommand("SELECT", Int64(url.database)), by: limit)
      }
      guard try await run(RedisCommand("PING"), by: limit) == .status("PONG") else {
        throw RedisError(.connection, "what answers is no Redis")
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.fail(Self.cancelled) } }
    }
  }

  private func open(_ address: SocketAddress, by limit: MonotonicTime) async throws {
    let timer = loop.schedule(at: limit) { [weak self] in
      self?.assumeIsolated { connection in
        guard case .connecting = connection.state else { return }
        connection.fail(RedisError(.connection, "connecting took too long"))
      }
    }
    defer { timer.cancel() }
    try await withCheckedThrowingContinuation { continuation in
      state = .connecting(continuation)
      if Task.isCancelled { return fail(Self.cancelled) }
      do throws(RedisError) {
        context = try AsyncContext(to: address, configuration, loop: loop) { [weak self] event in
          self?.assumeIsolated { $0.take(event) }
        }
      } catch { fail(error) }
    }
  }

  // MARK: Commands

  /// Runs a command.
  ///
  /// - Parameter deadline: when the answer is of no use any more; else the configured timeout.
  /// - Throws: `RedisError`; `server` when Redis answers with an error.
  package func run(
    _ command: RedisCommand, by deadline: MonotonicTime? = nil
  ) async throws -> RedisValue {
    lastCall += 1
    let id = lastCall
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        send(command, id, continuation, deadline)
        // The handler below may have come too early.
        if Task.isCancelled { abandon(id, Self.cancelled) }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.abandon(id, Self.cancelled) } }
    }
  }

  static let cancelled = RedisError(.cancelled, "the call was cancelled")
  private static let late = RedisError(.deadlineExceeded, "Redis did not answer in time")

  private func send(
    _ command: RedisCommand, _ id: UInt64,
    _ continuation: CheckedContinuation<RedisValue, any Error>, _ deadline: MonotonicTime?
  ) {
    let now = loop.now()
    let limit = deadline ?? now.advanced(by: configuration.commandTimeout)
    if let error = obstacle(to: command) ?? (limit <= now ? Self.late : nil) {
      return continuation.resume(throwing: error)
    }
    guard let context, context.send(command, id: id) else {
      return continuation.resume(
        throwing: RedisError(.connection, "hiredis does not take the command"))
    }
    let timer = loop.schedule(at: limit) { [weak self] in
      self?.assumeIsolated { $0.abandon(id, Self.late) }
    }
    calls[id] = Call(continuation: continuation, timer: timer)
    awaitAnswer()
  }

  /// What keeps a command from being sent; the connection stays as it is.
  private func obstacle(to command: RedisCommand) -> RedisError? {
    switch state {
    case .closed(let error): return error
    case .ready: break
    case .connecting, nil: return RedisError(.connection, "the connection is not there yet")
    }
    if let refusal = command.refusal { return refusal }
    guard subscription == nil else {
      return RedisError(.unexpected, "the connection listens, and takes no commands")
    }
    guard let context, context.awaitedCount < configuration.maxPending,
      context.unsentCount <= configuration.maxUnsentBytes
    else { return RedisError(.exhausted, "too much waits for Redis already") }
    return nil
  }

  /// Tells the caller now; the answer still comes, and is dropped.
  private func abandon(_ id: UInt64, _ error: RedisError) {
    guard let call = calls.removeValue(forKey: id) else { return }
    call.timer.cancel()
    call.continuation.resume(throwing: error)
  }

  // MARK: What comes

  private func take(_ event: AsyncContext.Event) {
    switch event {
    case .connected:
      guard case .connecting(let continuation) = state else { return }
      state = .ready
      continuation.resume()
    case .answered(let id, let value):
      silenceEnds()
      awaitAnswer()
      answer(id, value)
    case .confirmed(let channel): confirmed(channel)
    case .message(let channel, let payload): subscription?.say(channel, payload)
    case .ended(let error): fail(error)
    }
  }

  private func answer(_ id: UInt64, _ value: RedisValue) {
    guard case .error(let error) = value else {
      guard let call = calls.removeValue(forKey: id) else { return }
      call.timer.cancel()
      return call.continuation.resume(returning: value)
    }
    abandon(id, error)
    // Another server has become the primary: the next connection finds it.
    if error.isOfReplica { fail(error) }
  }

  /// Ends the connection: everybody who waits is told.
  func fail(_ error: RedisError) {
    let last = state
    if case .closed = last { return }
    state = .closed(error)
    silenceEnds()
    subscription?.timer?.cancel()
    context?.close()
    context = nil
    if case .connecting(let continuation) = last { continuation.resume(throwing: error) }
    let waiting = calls
    calls = [:]
    for call in waiting.values {
      call.timer.cancel()
      call.continuation.resume(throwing: error)
    }
    subscription?.begin(.failure(error))
    subscription = nil
    endHandler?(error)
    endHandler = nil
  }

  /// Closes the connection; calls that are under way fail with `closed`.
  package func close() {
    fail(RedisError(.closed, "the connection was closed"))
  }

  /// Waits until the connection ends, and ends it with the task.
  func end() async -> RedisError {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if case .closed(let error) = state { return continuation.resume(returning: error) }
        endHandler = { continuation.resume(returning: $0) }
        if Task.isCancelled { close() }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.close() } }
    }
  }

  // MARK: Silence

  /// While an answer is due, a server that says nothing for too long is given up.
  private func awaitAnswer() {
    guard silence == nil, let context, context.awaitedCount > 0 else { return }
    silence = loop.schedule(after: configuration.answerTimeout) { [weak self] in
      self?.assumeIsolated { connection in
        connection.silence = nil
        connection.fail(RedisError(.connection, "Redis does not answer"))
      }
    }
  }

  private func silenceEnds() {
    silence?.cancel()
    silence = nil
  }
}

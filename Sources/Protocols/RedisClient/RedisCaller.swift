package import Reactor

/// Runs commands on one connection, which it makes again whenever it breaks, with growing pauses.
///
/// While Redis cannot be reached, callers are told so at once.
package actor RedisCaller {
  private struct Waiter {
    let continuation: CheckedContinuation<RedisConnection, any Error>
    let timer: Timer
  }

  /// The loop that the connection lives on.
  package nonisolated let loop: EventLoop
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  private nonisolated let configuration: RedisConfiguration
  private var connection: RedisConnection?
  /// Why there is no connection; nil before the first attempt has ended, too.
  private var outage: RedisError?
  private var connectionCount = 0
  private var life: Task<Void, Never>?
  private var isStopped = false
  private var waiters: [UInt64: Waiter] = [:]
  private var lastWaiter: UInt64 = 0

  /// A caller that has not connected yet.
  package init(_ configuration: RedisConfiguration, loop: EventLoop) {
    self.configuration = configuration
    self.loop = loop
  }

  deinit { life?.cancel() }

  // MARK: Life

  /// Begins to connect; it keeps a connection until `stop`, or as long as it lives.
  package func start() {
    guard life == nil, !isStopped else { return }
    life = Task(executorPreference: loop) { [weak self, configuration, loop] in
      var backoff = Backoff(configuration.backoff)
      while !Task.isCancelled {
        do {
          let connection = try await RedisConnection.connect(configuration, loop: loop)
          let begin = loop.now()
          await self?.isConnected(connection)
          let error = await connection.end()
          await self?.isLost(error)
          // One that takes connections only to drop them is no better than none.
          if loop.now().duration(since: begin) > configuration.backoff.upperBound {
            backoff.reset()
          }
        } catch {
          await self?.isLost(error as? RedisError ?? RedisError(.connection, "\(error)"))
        }
        // Cancelled, or it is time for the next attempt.
        try? await loop.sleep(for: backoff.next())
      }
    }
  }

  /// Ends the connection; calls fail with `closed` from now on.
  package func stop() async {
    isStopped = true
    isLost(Self.closed)
    life?.cancel()
    await life?.value
  }

  private static let closed = RedisError(.closed, "the client of Redis was closed")

  private func isConnected(_ new: RedisConnection) {
    guard !isStopped else { return }
    connection = new
    outage = nil
    connectionCount += 1
    let all = waiters
    waiters = [:]
    for waiter in all.values {
      waiter.timer.cancel()
      waiter.continuation.resume(returning: new)
    }
  }

  private func isLost(_ error: RedisError) {
    connection = nil
    outage = isStopped ? Self.closed : error
    for id in Array(waiters.keys) { refuse(id, error) }
  }

  // MARK: Use

  /// Runs a command.
  ///
  /// - Parameter deadline: when the answer is of no use any more; else the configured timeout.
  /// - Throws: `RedisError`; `server` when Redis answers with an error.
  package func run(
    _ command: RedisCommand, by deadline: MonotonicTime? = nil
  ) async throws -> RedisValue {
    if let connection { return try await connection.run(command, by: deadline) }
    if let outage { throw outage }
    let limit = deadline ?? loop.now().advanced(by: configuration.commandTimeout)
    return try await firstConnection(by: limit).run(command, by: limit)
  }

  /// How it does, for metrics and health.
  package var status: RedisStatus {
    RedisStatus(
      isConnected: connection != nil, connectionCount: connectionCount,
      outage: connection == nil ? outage : nil)
  }

  /// Before the first attempt to connect has ended nobody knows whether there is an outage.
  private func firstConnection(by limit: MonotonicTime) async throws -> RedisConnection {
    lastWaiter += 1
    let id = lastWaiter
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // Each await lets others go first.
        if let connection { return continuation.resume(returning: connection) }
        let full = RedisError(.exhausted, "too much waits for Redis already")
        if let error = outage ?? (waiters.count < configuration.maxPending ? nil : full) {
          return continuation.resume(throwing: error)
        }
        let timer = loop.schedule(at: limit) { [weak self] in
          self?.assumeIsolated {
            $0.refuse(id, RedisError(.deadlineExceeded, "Redis was not connected in time"))
          }
        }
        waiters[id] = Waiter(continuation: continuation, timer: timer)
        // The handler below may have come too early.
        if Task.isCancelled { refuse(id, RedisConnection.cancelled) }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.refuse(id, RedisConnection.cancelled) } }
    }
  }

  private func refuse(_ id: UInt64, _ error: RedisError) {
    guard let waiter = waiters.removeValue(forKey: id) else { return }
    waiter.timer.cancel()
    waiter.continuation.resume(throwing: error)
  }
}

/// How a client of Redis does at one moment.
package struct RedisStatus: Sendable, Hashable {
  /// Whether there is a connection.
  package var isConnected: Bool
  /// Connections that came about since the start.
  package var connectionCount: Int
  /// Why there is none now.
  package var outage: RedisError?
}

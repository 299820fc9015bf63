package import Reactor

/// The connections of one loop: at most so many, made when needed, tried when they were idle for
/// long, and made anew when they broke.
package actor PostgresPool {
  /// The loop that the pool and its connections live on.
  package nonisolated let loop: EventLoop
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  private nonisolated let configuration: PostgresConfiguration
  private var idle: [(connection: PostgresConnection, since: MonotonicTime)] = []
  private var openCount = 0
  private var waiters: [Waiter] = []
  private var lastWaiter: UInt64 = 0
  private var pause = Duration.zero
  /// Why connecting failed last, and until when nobody tries again.
  private var outage: (error: PostgresError, until: MonotonicTime)?
  private var isClosed = false

  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<PostgresConnection?, any Error>
    let timer: Timer
  }

  /// A pool without connections yet.
  package init(_ configuration: PostgresConfiguration, loop: EventLoop) {
    self.configuration = configuration
    self.loop = loop
  }

  // MARK: Use

  /// Lends a connection while `body` runs.
  ///
  /// - Throws: what `body` throws; `PostgresError` with `connection` while the database cannot be
  ///   reached, `exhausted` when no connection is free in time.
  package func withConnection<Value: Sendable>(
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    let connection = try await acquire()
    do {
      let value = try await body(connection)
      await release(connection)
      return value
    } catch {
      await release(connection)
      throw error
    }
  }

  /// Runs one statement on any connection.
  package func run(
    _ sql: String, _ parameters: [PostgresParameter] = []
  ) async throws -> PostgresAnswer {
    try await withConnection { try await $0.run(sql, parameters) }
  }

  /// Runs `body` in a transaction, again from its beginning when the server says that it lost
  /// against another one (serialization failures, deadlocks).
  ///
  /// - Parameters:
  ///   - mode: what stands behind BEGIN, such as `ISOLATION LEVEL REPEATABLE READ READ ONLY`.
  ///   - attempts: most attempts.
  package func transaction<Value: Sendable>(
    _ mode: String = "", attempts: Int = 5,
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    var attempt = 1
    while true {
      do {
        return try await withConnection { connection in
          try await connection.transaction(mode, body)
        }
      } catch let error as PostgresError
        where error.remedy == .retryTransaction && attempt < attempts
      {
        // Those that met each other shall not meet again.
        try await loop.sleep(for: .milliseconds(Int64.random(in: 1...(10 << min(attempt, 6)))))
        attempt += 1
      }
    }
  }

  /// Closes every connection; who waits is refused.
  package func close() async {
    isClosed = true
    for waiter in take(waiters.count) {
      waiter.continuation.resume(throwing: Self.closed)
    }
    let all = idle
    idle = []
    openCount -= all.count
    for entry in all { await entry.connection.close() }
  }

  private static let closed = PostgresError(.closed, "the pool was closed")

  // MARK: Connections

  private func acquire() async throws -> PostgresConnection {
    let deadline = loop.now().advanced(by: configuration.acquireTimeout)
    while true {
      try Task.checkCancellation()
      if isClosed { throw Self.closed }
      if let (connection, since) = idle.popLast() {
        if await isFit(connection, since) { return connection }
        openCount -= 1
        continue
      }
      if openCount < configuration.maxConnections {
        if let outage, loop.now() < outage.until { throw outage.error }
        // Before anything suspends: others look at the count meanwhile.
        openCount += 1
        return try await open()
      }
      guard loop.now() < deadline else { throw Self.exhausted }
      if let connection = try await wait(until: deadline) { return connection }
    }
  }

  private static let exhausted = PostgresError(
    .exhausted, "no connection to the database was free in time")

  private func isFit(_ connection: PostgresConnection, _ since: MonotonicTime) async -> Bool {
    guard await connection.isUsable else { return false }
    guard loop.now().duration(since: since) >= configuration.checkAfter else { return true }
    do {
      _ = try await connection.run("SELECT 1")
      return true
    } catch {
      await connection.close()
      return false
    }
  }

  /// Opens a connection, which is counted already.
  private func open() async throws -> PostgresConnection {
    do {
      let connection = try await PostgresConnection.connect(configuration, loop: loop)
      outage = nil
      pause = .zero
      return connection
    } catch {
      openCount -= 1
      let reason =
        error as? PostgresError ?? PostgresError(.connection, "\(error)")
      pause = min(
        max(pause * 2, configuration.backoff.lowerBound), configuration.backoff.upperBound)
      outage = (reason, loop.now().advanced(by: pause))
      wakeOne()
      throw reason
    }
  }

  private func release(_ connection: PostgresConnection) async {
    await connection.rollBackIfOpen()
    guard await connection.isUsable, !isClosed else {
      await connection.close()
      openCount -= 1
      return wakeOne()
    }
    if let waiter = take(1).first { return waiter.continuation.resume(returning: connection) }
    idle.append((connection, loop.now()))
  }

  // MARK: Waiting

  /// Waits for a connection; nil when there is room to open one.
  private func wait(until deadline: MonotonicTime) async throws -> PostgresConnection? {
    guard waiters.count < configuration.maxWaiting else { throw Self.exhausted }
    lastWaiter += 1
    let id = lastWaiter
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let timer = loop.schedule(at: deadline) { [weak self] in
          self?.assumeIsolated { $0.giveUp(id, Self.exhausted) }
        }
        waiters.append(Waiter(id: id, continuation: continuation, timer: timer))
        // The handler below may have come too early.
        if Task.isCancelled { giveUp(id, CancellationError()) }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.giveUp(id, CancellationError()) } }
    }
  }

  private func giveUp(_ id: UInt64, _ error: any Error) {
    guard let place = waiters.firstIndex(where: { $0.id == id }) else { return }
    let waiter = waiters.remove(at: place)
    waiter.timer.cancel()
    waiter.continuation.resume(throwing: error)
  }

  private func take(_ count: Int) -> [Waiter] {
    let first = Array(waiters.prefix(count))
    waiters.removeFirst(first.count)
    for waiter in first { waiter.timer.cancel() }
    return first
  }

  private func wakeOne() {
    take(1).first?.continuation.resume(returning: nil)
  }
}

package import Reactor

/// The connections of one loop: at most so many, made when needed, tried when they were idle for
/// long, closed when they stay so, and made anew when they broke.
///
/// While the database cannot be reached, callers are told so at once; one attempt after another is
/// made when somebody asks, with growing pauses in between.
package actor PostgresPool {
  /// The loop that the pool and its connections live on.
  package nonisolated let loop: EventLoop
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  nonisolated let configuration: PostgresConfiguration
  /// Those that nobody uses, the longest idle first.
  var idle: [(connection: PostgresConnection, since: MonotonicTime)] = []
  /// Closes them when nobody comes.
  var closing: Timer?
  /// Connections that are idle, lent or being made.
  var openCount = 0
  /// Those of them that are being made.
  var makingCount = 0
  var waiters = PoolWaiters()
  var backoff: Backoff
  /// Why connecting failed last, and until when nobody tries again.
  var outage: (error: PostgresError, until: MonotonicTime)?
  var retry: Timer?
  private(set) var isClosed = false
  /// When somebody was last refused because none was free in time, and how long that is told.
  private var exhaustedAt: MonotonicTime?
  private static let exhaustionTold = Duration.seconds(5)

  /// A pool without connections yet.
  package init(_ configuration: PostgresConfiguration, loop: EventLoop) {
    self.configuration = configuration
    self.loop = loop
    backoff = Backoff(configuration.backoff)
  }

  // MARK: Use

  /// Lends a connection while `body` runs.
  ///
  /// - Parameter deadline: when all is to be over: the wait for a connection, and each call on it.
  /// - Throws: what `body` throws; `PostgresError` with `connection` while the database cannot be
  ///   reached, `exhausted` when no connection is free in time.
  package func withConnection<Value: Sendable>(
    deadline: MonotonicTime? = nil,
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    let connection = try await acquire(deadline)
    do {
      let value = try await body(connection)
      await release(connection)
      return value
    } catch {
      await release(connection)
      throw error
    }
  }

  /// Runs one statement on any connection; again when the server had prepared it for tables that
  /// have changed since.
  package func run(
    _ sql: String, _ parameters: [PostgresParameter] = [], deadline: MonotonicTime? = nil
  ) async throws -> PostgresAnswer {
    try await withConnection(deadline: deadline) { connection in
      do {
        return try await connection.run(sql, parameters)
      } catch let error as PostgresError where error.isStalePlan {
        return try await connection.run(sql, parameters)
      }
    }
  }

  /// Runs `body` in a transaction, again from its beginning when the server says that it lost
  /// against another one (serialization failures, deadlocks).
  ///
  /// - Parameters:
  ///   - mode: what stands behind BEGIN, such as `ISOLATION LEVEL REPEATABLE READ READ ONLY`.
  ///   - attempts: most attempts.
  ///   - deadline: when all attempts are to be over.
  package func transaction<Value: Sendable>(
    _ mode: String = "", attempts: Int = 5, deadline: MonotonicTime? = nil,
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    var attempt = 1
    while true {
      do {
        return try await withConnection(deadline: deadline) { connection in
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

  /// Closes every connection that is not lent, the others when they come back; who waits is
  /// refused.
  package func close() async {
    isClosed = true
    retry?.cancel()
    closing?.cancel()
    waiters.refuseAll(Self.closed)
    let all = idle
    idle = []
    openCount -= all.count
    for entry in all { await entry.connection.close() }
  }

  static let closed = PostgresError(.closed, "the pool was closed")

  /// How the pool does, for metrics and health.
  package var status: PostgresPoolStatus {
    PostgresPoolStatus(
      open: openCount - makingCount, idle: idle.count, waiting: waiters.count,
      longestWait: longestWait,
      outage: outage?.error)
  }

  /// How long a call has waited, or one waited that was refused a moment ago: who asks in between
  /// would see nobody.
  private var longestWait: Duration {
    let now = loop.now()
    if let exhaustedAt, now.duration(since: exhaustedAt) < Self.exhaustionTold {
      return configuration.acquireTimeout
    }
    return waiters.since.map { now.duration(since: $0) } ?? .zero
  }

  // MARK: Lending

  private func acquire(_ deadline: MonotonicTime?) async throws -> PostgresConnection {
    let limit = loop.now().advanced(by: configuration.acquireTimeout)
    let end = deadline.map { min($0, limit) } ?? limit
    while true {
      try Task.checkCancellation()
      if isClosed { throw Self.closed }
      if let deadline, deadline <= loop.now() { throw PostgresConnection.late }
      if let (connection, since) = idle.popLast() {
        if await isFit(connection, since), await connection.lend(until: deadline) {
          return connection
        }
        openCount -= 1
        makeWhatIsWanted()
        continue
      }
      if let outage, openCount == makingCount, isHeld(outage.until) { throw outage.error }
      let connection = try await wait(
        until: end, orElse: end == limit ? nil : PostgresConnection.late)
      if await connection.lend(until: deadline) { return connection }
      await release(connection)
    }
  }

  /// Whether nobody is to try again: it is too early, or one tries already.
  private func isHeld(_ until: MonotonicTime) -> Bool { makingCount > 0 || loop.now() < until }

  private func isFit(_ connection: PostgresConnection, _ since: MonotonicTime) async -> Bool {
    guard await connection.isUsable else { return false }
    let now = loop.now()
    guard now.duration(since: since) >= configuration.checkAfter else { return true }
    do {
      _ = try await connection.run(
        "SELECT 1", deadline: now.advanced(by: configuration.checkTimeout))
      return true
    } catch {
      await connection.close()
      return false
    }
  }

  private func release(_ connection: PostgresConnection) async {
    guard await connection.takeBack() else {
      openCount -= 1
      return makeWhatIsWanted()
    }
    handOver(connection)
  }

  /// Gives a connection to who has waited longest, or keeps it.
  func handOver(_ connection: PostgresConnection) {
    if isClosed {
      openCount -= 1
      Task(executorPreference: loop) { await connection.close() }
      return
    }
    if waiters.give(connection) { return }
    idle.append((connection, loop.now()))
    closeIdleLater()
  }

  // MARK: Waiting

  private func wait(
    until end: MonotonicTime, orElse late: PostgresError?
  ) async throws -> PostgresConnection {
    guard waiters.count < configuration.maxWaiting else { throw Self.exhausted }
    let id = waiters.newID()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // One may have come back since the caller looked: a call of an actor's own may let others
        // run before it begins.
        if let (connection, _) = idle.popLast() {
          return continuation.resume(returning: connection)
        }
        let timer = loop.schedule(at: end) { [weak self] in
          self?.assumeIsolated { pool in
            if late == nil, pool.outage == nil { pool.exhaustedAt = pool.loop.now() }
            pool.waiters.refuse(id, late ?? pool.outage?.error ?? Self.exhausted)
          }
        }
        waiters.append(id, since: loop.now(), continuation, timer)
        makeWhatIsWanted()
        // The handler below may have come too early.
        if Task.isCancelled { waiters.refuse(id, CancellationError()) }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.waiters.refuse(id, CancellationError()) } }
    }
  }

  private static let exhausted = PostgresError(
    .exhausted, "no connection to the database was free in time")
}

/// How a pool does at one moment.
package struct PostgresPoolStatus: Sendable, Hashable {
  /// Connections that stand.
  package var open: Int
  /// Those of them that nobody uses.
  package var idle: Int
  /// Callers that wait for one.
  package var waiting: Int
  /// How long the first of them has waited, or one that was refused a moment ago.
  package var longestWait: Duration
  /// Why no connection could be made last, until one can.
  package var outage: PostgresError?
}

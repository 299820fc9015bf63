internal import PostgresClient
internal import Reactor
package import Storage
internal import Synchronization

extension PostgresStore: WatchedStore {
  /// Longest that a look waits for an answer.
  private static let limit = Duration.seconds(5)
  /// A call that has waited so long for a connection tells that there are too few.
  private static let longWait = Duration.seconds(2)
  /// A listener that hears nothing for so long is told of.
  private static let longDeafness = Duration.seconds(5)
  /// So long behind a refused connection the shortage is told still: what was closed for it is free
  /// for a moment, until somebody opens it again, as the sweep of leases does every 30 s.
  private static let shortageTime = Duration.seconds(35)
  /// Least time between two attempts at upkeep that failed.
  private static let catchUpPause = Duration.seconds(30)

  package func look() async -> StoreOutage? {
    let pools = await lookAtPools()
    if let outage = pools, !outage.isPartial { return outage }
    do {
      guard try await takesWrites() else {
        // A session keeps the default that it began with.
        await watchPool.closeIdle()
        return StoreOutage(
          .readOnly,
          "The database only reads: it is a standby, or default_transaction_read_only is on.")
      }
    } catch {
      let outage = Self.outage(of: error)
      // Others have their connections.
      return outage?.cause == .tooManyConnections ? pools ?? outage : outage
    }
    if let outage = await lookAtWriting() ?? pools ?? overdue { return outage }
    return catchUpOnUpkeep()
  }

  /// What the pools and the listener have to say: partial as long as a pool has a connection. Where
  /// the database gives no more of these, nobody keeps any that others want.
  private func lookAtPools() async -> StoreOutage? {
    var found: StoreOutage?
    var someServe = false
    for pool in allPools {
      let status = await pool.lookAgain()
      if status.open > 0 { someServe = true }
      if let error = status.outage {
        let outage = StoreOutage(error) ?? StoreOutage(.failing, error.sentence)
        if outage.cause == .tooManyConnections {
          lastShortage.withLock { $0 = PastOutage(error, at: .now) }
        }
        found = outage
      } else if status.longestWait >= Self.longWait, found == nil {
        found = StoreOutage(
          .overloaded, "Calls wait for one of \(status.open) connections, which are all taken.")
      }
    }
    found?.isPartial = someServe
    let outage = found ?? deaf
    if outage?.cause == .tooManyConnections {
      for pool in allPools where pool !== watchPool { await pool.closeIdle() }
    }
    return outage ?? shortage
  }

  /// That the database refused a connection not long ago.
  private var shortage: StoreOutage? {
    guard let known = lastShortage.withLock({ $0 }), .now - known.begin < Self.shortageTime else {
      return nil
    }
    return known.outage("A connection was refused")
  }

  /// That nothing has been heard of other servers for long.
  private var deaf: StoreOutage? {
    guard let known = deafness.withLock({ $0 }), .now - known.begin >= Self.longDeafness else {
      return nil
    }
    return known.outage("Nothing is heard of other servers")
  }

  /// That statements take longer than they may, for as long as the next one may take to be given
  /// up, and half as long again.
  private var overdue: StoreOutage? {
    guard let known = lastOverdue.withLock({ $0 }),
      .now - known.begin < settings.database.statementTimeout * 3 / 2
    else { return nil }
    return known.outage("A statement was given up")
  }

  /// Upkeep that failed is tried again soon once the database is well, not at its next hour.
  ///
  /// - Returns: what it says where this server may not do it: samples find no room some day.
  private func catchUpOnUpkeep() -> StoreOutage? {
    guard let failure = upkeepFailure else { return nil }
    let isDue = nextCatchUp.withLock { next in
      guard next <= .now else { return false }
      next = .now + Self.catchUpPause
      return true
    }
    if isDue { Task(executorPreference: pools[0].loop) { await self.maintainOrNote() } }
    return failure.cause == .refused
      ? StoreOutage(.refused, "Upkeep failed: \(failure.message)", isPartial: true) : nil
  }

  /// Whether transactions may write, by the word of the database; throws where our tables are gone.
  /// Asked again where the connection turns out to be gone.
  private func takesWrites() async throws -> Bool {
    do { return try await askForWrites() } catch let error as PostgresError
      where error.remedy != .none
    { return try await askForWrites() }
  }

  private func askForWrites() async throws -> Bool {
    let pool = watchPool
    let answer = try await pool.run(
      """
      SELECT current_setting('transaction_read_only') AS answer FROM benchfront.meta
      WHERE name = 'data_version'
      """,
      deadline: pool.loop.now().advanced(by: Self.limit))
    return try answer.rows.first?.text("answer") != "on"
  }

  /// What the last write that failed says, until a trial goes well.
  private func lookAtWriting() async -> StoreOutage? {
    let begin = ContinuousClock.now
    let (outage, wantsTrial) = writeTrouble.withLock { $0.state(at: begin) }
    guard wantsTrial else { return outage }
    do {
      try await tryToWrite()
      writeTrouble.withLock { $0.wentWell(begun: begin) }
      return writeTrouble.withLock { $0.state(at: begin).outage }
    } catch { return StoreOutage(error) ?? outage }
  }

  /// Adds rows of 128 KiB to a table of its own, which takes room on the disk, and takes it away. A
  /// role that may make no such table learns from the next write whether it goes well.
  private func tryToWrite() async throws {
    let pool = watchPool
    let deadline = pool.loop.now().advanced(by: Self.limit)
    try await pool.transaction(deadline: deadline) { connection in
      // Asked, not tried: a file system that only reads is told by the same SQLSTATE.
      let mayTry = try await connection.first(
        "SELECT has_database_privilege(current_database(), 'TEMPORARY')"
      ) { try $0.bool() }
      guard mayTry == true else { return }
      _ = try await connection.run("CREATE TEMP TABLE benchfront_trial (t text) ON COMMIT DROP")
      _ = try await connection.run(
        "INSERT INTO benchfront_trial SELECT repeat('x', 1900) FROM generate_series(1, 64)")
    }
  }

  private static func outage(of error: any Error) -> StoreOutage? {
    switch error {
    case is CancellationError: nil
    case let error as PostgresError where error.kind == .deadlineExceeded:
      StoreOutage(.unreachable, "The database does not answer.")
    case let error as PostgresError where error.kind == .cancelled || error.kind == .closed: nil
    default:
      StoreOutage(error) ?? StoreOutage(.failing, StorageError(operating: error).message)
    }
  }
}

extension OutageCause {
  /// Whether a write that fails for it says something that reading does not tell.
  var isOfWriting: Bool {
    switch self {
    case .refused, .readOnly, .full, .failing: true
    case .unreachable, .tooManyConnections, .overloaded, .wrongSchema: false
    }
  }
}

/// What went wrong with one part of the database's work, and since when.
struct PastOutage: Sendable {
  let error: PostgresError
  let begin: ContinuousClock.Instant

  init(_ error: PostgresError, at begin: ContinuousClock.Instant) {
    (self.error, self.begin) = (error, begin)
  }

  /// As what a look finds: the rest of the work goes on.
  func outage(_ sentence: String) -> StoreOutage {
    StoreOutage(
      StorageError(error).cause ?? .failing, "\(sentence): \(error.sentence)", isPartial: true)
  }
}

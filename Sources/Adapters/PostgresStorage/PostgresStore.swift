package import BenchmarkDomain
package import PostgresClient
package import Reactor
package import Storage
internal import Synchronization

/// How a store keeps its samples.
package struct PostgresStoreSettings: Sendable {
  /// How to reach the database; a pool of each loop is made of it.
  package var database: PostgresConfiguration
  /// How long samples and audit records are kept, at least. What was computed of samples stays.
  package var retention = Retention()
  /// How often partitions are made ahead and old ones are dropped.
  package var maintenanceInterval: Duration = .seconds(3600)

  /// Settings of defaults.
  package init(_ database: PostgresConfiguration) { self.database = database }
}

/// The catalog and the runs in the schema `benchfront` of a PostgreSQL database, which any number
/// of servers share.
///
/// Calls may come from anywhere; each runs on the pool of the loop that it came from, or of the
/// loops in turn. Leases and samples have connections of their own each, so that they wait for no
/// reader and not for one another, and so has the watch over the database, which is to tell when
/// all others are taken.
///
/// Whoever changes a run, its batches or its executions holds locks in this order: the run's row,
/// its batches, its executions, each by key; then configurations and results by id, and last the
/// version of the data. A lease is renewed with the batch's row alone.
package final class PostgresStore: Sendable {
  let pools: [PostgresPool]
  /// For leases, and what else agents ask for.
  private let agentPools: [PostgresPool]
  /// For samples, of which two groups are committed at a time.
  private let ingestPools: [PostgresPool]
  /// For looks at the database, and for ending what stands in everybody's way.
  let watchPool: PostgresPool
  let settings: PostgresStoreSettings
  let clock: (@Sendable () -> WallTime)?
  private let turn = Atomic(0)
  private let upkeep = Mutex<[Task<Void, Never>]>([])
  let writeTrouble = Mutex(WriteTrouble())
  /// When upkeep that failed may be tried again.
  let nextCatchUp = Mutex(ContinuousClock.now)
  private let lastUpkeepFailure = Mutex<StorageError?>(nil)
  let standingCopies = Mutex(StandingCopies())
  /// The last time that the database refused one more connection.
  let lastShortage = Mutex<PastOutage?>(nil)
  /// The last statement that the database gave up for its time.
  let lastOverdue = Mutex<PastOutage?>(nil)
  /// Since when nothing is heard of other servers; nil while somebody listens, or nobody wants to.
  let deafness = Mutex<PastOutage?>(nil)

  private init(
    _ settings: PostgresStoreSettings, loops: [EventLoop], _ clock: (@Sendable () -> WallTime)?
  ) {
    self.settings = settings
    self.clock = clock
    func pools(_ most: Int) -> [PostgresPool] {
      var database = settings.database
      database.maxConnections = min(database.maxConnections, most)
      return loops.map { PostgresPool(database, loop: $0) }
    }
    (self.pools, agentPools, ingestPools) = (pools(.max), pools(4), pools(2))
    watchPool = pools(1)[0]
  }

  deinit { for task in upkeep.withLock({ $0 }) { task.cancel() } }

  /// Opens the store: brings the schema to this version, and makes the next partitions if it can.
  ///
  /// - Parameters:
  ///   - loops: each gets a pool of its own; at least one.
  ///   - clock: the store's time; nil, as it should be, for the database's own.
  /// - Throws: `StorageError`: `unavailable` when the database cannot be reached,
  ///   `failedPrecondition` when a newer version wrote the schema or it was changed by hand.
  package static func open(
    _ settings: PostgresStoreSettings, loops: [EventLoop],
    clock: (@Sendable () -> WallTime)? = nil
  ) async throws -> PostgresStore {
    precondition(!loops.isEmpty, "a store needs a loop")
    var settings = settings
    settings.database.insistsOnDurability = true
    try await PostgresMigrator(settings.database, loop: loops[0]).migrate()
    let store = PostgresStore(settings, loops: loops, clock)
    await store.maintainOrNote()
    store.regularly(settings.maintenanceInterval, on: loops[0]) { await $0.maintainOrNote() }
    store.regularly(settings.database.idleInTransactionTimeout / 2, on: loops[0]) {
      // A database that cannot be asked is asked again next time.
      _ = try? await $0.endForsakenCopies()
    }
    return store
  }

  /// Ends what is under way and closes every connection. Calls that come later throw.
  package func close() async {
    for task in upkeep.withLock({ $0 }) { task.cancel() }
    for pool in allPools { await pool.close() }
  }

  /// Does something at intervals, as long as the store lives.
  private func regularly(
    _ interval: Duration, on loop: EventLoop,
    _ body: @escaping @Sendable (PostgresStore) async -> Void
  ) {
    let task = Task(executorPreference: loop) { [weak self] in
      while !Task.isCancelled {
        // Cancelled, or it is time.
        try? await loop.sleep(for: interval)
        guard let self, !Task.isCancelled else { return }
        await body(self)
      }
    }
    upkeep.withLock { $0.append(task) }
  }

  /// A database that cannot be maintained now is asked again next time; ingest makes the partitions
  /// that it needs itself.
  func maintainOrNote() async {
    let failure: StorageError?
    do {
      try await maintain()
      failure = nil
    } catch {
      // The store is being closed: that says nothing of the database.
      if Task.isCancelled { return }
      failure = StorageError(calling: error)
    }
    lastUpkeepFailure.withLock { $0 = failure }
  }

  /// Why partitions could not be made or dropped last; nil when they could. For health and metrics.
  package var upkeepFailure: StorageError? { lastUpkeepFailure.withLock { $0 } }

  /// How the pools do, for health and metrics.
  package func poolStatus() async -> [PostgresPoolStatus] {
    var all: [PostgresPoolStatus] = []
    for pool in allPools { all.append(await pool.status) }
    return all
  }

  var allPools: [PostgresPool] { pools + agentPools + ingestPools + [watchPool] }

  // MARK: Use

  /// The present loop's pool, or the next in turn.
  var pool: PostgresPool { own(of: pools) }

  /// As `pool`, for what agents need.
  var agentPool: PostgresPool { own(of: agentPools) }

  /// As `pool`, for samples.
  var ingestPool: PostgresPool { own(of: ingestPools) }

  private func own(of pools: [PostgresPool]) -> PostgresPool {
    if let current = EventLoop.current, let own = pools.first(where: { $0.loop === current }) {
      return own
    }
    let ticket = turn.wrappingAdd(1, ordering: .relaxed).oldValue
    return pools[Int(UInt(bitPattern: ticket) % UInt(pools.count))]
  }

  /// Runs `body` on a connection; once more when the connection turns out to be gone, as a server
  /// that was restarted leaves it. For what only reads.
  func read<Value: Sendable>(
    on pool: PostgresPool? = nil,
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    try await translating {
      let pool = pool ?? self.pool
      return try await withTaskExecutorPreference(pool.loop) {
        do {
          return try await pool.withConnection(body)
        } catch let error as PostgresError where error.remedy != .none {
          return try await pool.withConnection(body)
        }
      }
    }
  }

  /// Runs `body` in a transaction, again when it lost against another one; on `pool` where one is
  /// given. What a failure says of writing as a whole is remembered for the look, but for rights
  /// that upkeep lacks, which are told by themselves.
  func transaction<Value: Sendable>(
    _ mode: String = "", on pool: PostgresPool? = nil, isUpkeep: Bool = false,
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    try await translating {
      let pool = pool ?? self.pool
      return try await withTaskExecutorPreference(pool.loop) {
        do { return try await pool.transaction(mode, attempts: 10, body) } catch {
          if let outage = StoreOutage(error), outage.cause.isOfWriting,
            !isUpkeep || outage.cause != .refused
          {
            writeTrouble.withLock { $0.failed(outage, at: .now) }
          }
          throw error
        }
      }
    }
  }

  /// As `transaction`, again also when another one has just inserted the same id: then it is found.
  func insertion<Value: Sendable>(
    _ body: @Sendable (PostgresConnection) async throws -> Value
  ) async throws -> Value {
    do { return try await transaction("", body) } catch let error as StorageError
      where error.code == .conflict
    { return try await transaction("", body) }
  }

  private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
    let begin = ContinuousClock.now
    do { return try await body() } catch let error as PostgresError {
      // Somebody may have cancelled it before.
      if error.condition == .queryCancelled, .now - begin >= settings.database.statementTimeout {
        lastOverdue.withLock { $0 = PastOutage(error, at: .now) }
      }
      throw StorageError(error)
    } catch is CancellationError { throw StorageError(calling: CancellationError()) }
  }

  /// Asks for the store's time.
  var timeQuestion: PostgresStatement {
    PostgresStatement(
      "SELECT benchfront.nanoseconds($1) AS now", [.int8(clock?().nanoseconds)])
  }

  /// The store's time, as a transaction sees it.
  func now(_ connection: PostgresConnection) async throws -> WallTime {
    let answers = try await connection.run([timeQuestion])
    return try WallTime(answer: answers[0])
  }
}

extension WallTime {
  /// Reads the answer to a question for the time.
  init(answer: PostgresAnswer) throws {
    guard let time = try answer.read({ try $0.time() }).first else {
      throw StorageError.damaged("time")
    }
    self = time
  }
}

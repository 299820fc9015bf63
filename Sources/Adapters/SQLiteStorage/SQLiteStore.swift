package import BenchmarkDomain
internal import FoundationEssentials
internal import GRDB
internal import Glibc
package import Storage
internal import Synchronization

/// The catalog and the runs in one SQLite file of a data folder.
///
/// Reads run beside each other and beside the writer (write-ahead log); writes go one after the
/// other and are on the disk when they return. The folder belongs to one store at a time.
package final class SQLiteStore: Sendable {
  private let lock: FolderLock
  let pool: DatabasePool
  private let writer: GroupWriter
  private let clock: @Sendable () -> WallTime
  private let upkeep = Mutex<Task<Void, Never>?>(nil)
  private let lastUpkeepFailure = Mutex<StorageError?>(nil)
  let folder: String
  let writeTrouble: WriteTroubleBox

  /// Opens the store in a folder, which is made when it is missing; blocks while it migrates.
  ///
  /// Throws `StorageError`: `unavailable` when another server has the folder or it cannot be
  /// written, `failedPrecondition` when a newer version wrote it, `corrupt` when it is damaged.
  /// `clock` is the store's time.
  package init(
    folder: String, clock: @escaping @Sendable () -> WallTime = SQLiteStore.systemClock
  ) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch { throw StorageError(.unavailable, "The data folder cannot be made.") }
    let lock = try FolderLock(folder: folder)
    let pool = try StorageError.translating { try Self.open(folder + "/benchfront.sqlite") }
    let trouble = WriteTroubleBox()
    (self.lock, self.pool, self.folder, writeTrouble) = (lock, pool, folder, trouble)
    self.writer = GroupWriter(pool: pool) { trouble.note($0) }
    self.clock = clock
  }

  deinit { upkeep.withLock { $0 }?.cancel() }

  /// Brings the write-ahead log into the file, closes it and frees the folder. Calls that come
  /// later throw.
  package func close() throws {
    upkeep.withLock { $0 }?.cancel()
    // What stays in the log is not lost: whoever opens the file next reads both.
    try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    try StorageError.translating { try pool.close() }
    lock.release()
  }

  /// Brings what is committed from the write-ahead log into the file; waits for nobody, so that
  /// what a reader still needs of the log stays there.
  package func checkpoint() async throws {
    do {
      try await pool.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
    } catch let error as DatabaseError { throw StorageError(error) }
  }

  /// Drops what a retention no longer keeps, now and at intervals, as long as the store lives. Call
  /// it once.
  package func keep(by retention: Retention, lookingEvery interval: Duration = .seconds(3600)) {
    let task = Task { [weak self] in
      while !Task.isCancelled {
        guard await self?.dropOrNote(retention) != nil else { return }
        // Cancelled, or it is time.
        try? await Task.sleep(for: interval)
      }
    }
    upkeep.withLock { $0 = task }
  }

  /// A store that fails now is asked again next time.
  private func dropOrNote(_ retention: Retention) async {
    var failure: StorageError?
    do {
      try await drop(by: retention, at: now())
    } catch let error as StorageError {
      failure = error
    } catch { return }
    lastUpkeepFailure.withLock { $0 = failure }
  }

  /// Why it could not be dropped last; nil when it could.
  package var upkeepFailure: StorageError? { lastUpkeepFailure.withLock { $0 } }

  /// The machine's wall clock.
  package static func systemClock() -> WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// Opens a file and brings it to this version.
  static func open(_ path: String) throws -> DatabasePool {
    var configuration = GRDB.Configuration()
    configuration.label = "store"
    configuration.busyMode = .timeout(5)
    configuration.maximumReaderCount = 4
    let pool = try DatabasePool(path: path, configuration: configuration)
    // GRDB sets NORMAL after its preparation hook, and NORMAL may lose the last commits.
    try pool.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")
    }
    try Schema.migrate(pool)
    return pool
  }

  /// Runs `body` on the writer with the store's time; returns when it is on the disk.
  func write<Value: Sendable>(
    _ body: @escaping @Sendable (Database, WallTime) throws -> Value
  ) async throws -> Value {
    try await writer.write { [clock] database in try body(database, clock()) }
  }

  /// Runs `body` on a reader, in one consistent view.
  func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws
    -> Value
  {
    do { return try await pool.read(body) } catch let error as DatabaseError {
      throw StorageError(error)
    }
  }

  /// The store's time.
  func now() -> WallTime { clock() }

  /// Writes that have not begun.
  package var waitingWriteCount: Int { writer.waitingCount }

  /// For what reads more than one view at a time.
  var reader: any DatabaseReader { pool }

  /// Lets the tests look at the writer's connection.
  func withWriter<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try pool.writeWithoutTransaction(body)
  }
}

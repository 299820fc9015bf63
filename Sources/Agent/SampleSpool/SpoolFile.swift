internal import BenchmarkDomain
internal import GRDB
internal import Glibc

/// The spool's folder: one process has it (a lock that the kernel drops when the process ends),
/// and one SQLite file holds what waits.
final class SpoolFile: Sendable {
  let database: DatabaseQueue
  let agentID: String
  private let lock: Int32

  init(folder: String) throws {
    try Self.make(folder)
    let lock = try Self.lock(folder)
    let path = folder + "/spool.sqlite"
    do {
      database = try Self.open(path)
      agentID = try database.write(Self.agentID)
    } catch {
      close(lock)
      throw (error as? DatabaseError).map { SpoolError($0, path: path) } ?? error
    }
    self.lock = lock
  }

  deinit { close(lock) }

  /// Makes the folder and those above it that are missing.
  private static func make(_ folder: String) throws(SpoolError) {
    var path = folder.hasPrefix("/") ? "/" : ""
    for part in folder.split(separator: "/") {
      path += part + "/"
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
        throw failure(errno, "The spool's folder \(folder) cannot be made")
      }
    }
  }

  /// What could not be done, with the reason that the kernel gave.
  private static func failure(_ code: Int32, _ sentence: String) -> SpoolError {
    SpoolError(.unavailable, "\(sentence): \(String(cString: strerror(code))).")
  }

  private static func lock(_ folder: String) throws(SpoolError) -> Int32 {
    // Close-on-exec: an engine that the agent starts must not keep the folder.
    let descriptor = Glibc.open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw failure(errno, "The spool's folder \(folder) cannot be written")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      guard code == EWOULDBLOCK else {
        throw failure(code, "The spool's folder \(folder) cannot be locked")
      }
      throw SpoolError(.unavailable, "Another agent is using the spool's folder \(folder).")
    }
    return descriptor
  }

  private static func open(_ path: String) throws -> DatabaseQueue {
    var configuration = GRDB.Configuration()
    configuration.label = "spool"
    configuration.journalMode = .wal
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    // A killed process loses nothing so; a power cut may lose the last messages, which nobody
    // acknowledged and which are measured again. Measuring does not wait for the disk.
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 spool") { try $0.execute(sql: schema) }
    guard try !queue.read(migrator.hasBeenSuperseded) else {
      throw SpoolError(
        .unavailable, "The spool \(path) was written by a newer version of the agent.")
    }
    try migrator.migrate(queue)
    return queue
  }

  private static let schema = """
    CREATE TABLE agent (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TABLE lease (
      batch_id TEXT NOT NULL, token INTEGER NOT NULL, PRIMARY KEY (batch_id, token)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE segment (
      batch_id TEXT NOT NULL, token INTEGER NOT NULL, execution_id TEXT NOT NULL,
      number INTEGER NOT NULL, anchor INTEGER NOT NULL, engine_version TEXT NOT NULL,
      model_revision TEXT NOT NULL, PRIMARY KEY (execution_id, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE message (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT, batch_id TEXT NOT NULL,
      token INTEGER NOT NULL, execution_id TEXT NOT NULL, sample_count INTEGER NOT NULL,
      samples BLOB NOT NULL
    ) STRICT;
    """

  /// The agent's id, made once.
  private static func agentID(_ database: Database) throws -> String {
    if let id = try String.fetchOne(database, sql: "SELECT id FROM agent") { return id }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let id = Identifier.uuidVersion7(
      at: WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)),
      random: (.random(in: .min ... .max), .random(in: .min ... .max)))
    try database.execute(sql: "INSERT INTO agent (id) VALUES (?)", arguments: [id])
    return id
  }
}

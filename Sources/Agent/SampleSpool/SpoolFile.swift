internal import BenchmarkDomain
internal import FoundationEssentials
internal import GRDB
internal import Glibc

/// The spool's folder: one process has it (a lock that the kernel drops when the process ends),
/// and one SQLite file holds what waits.
final class SpoolFile: Sendable {
  let database: DatabaseQueue
  let agentID: String
  private let lock: Int32

  init(folder: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch { throw SpoolError(.unavailable, "The spool's folder cannot be made.") }
    let lock = try Self.lock(folder)
    do {
      database = try Self.open(folder + "/spool.sqlite")
      agentID = try database.write(Self.agentID)
    } catch {
      close(lock)
      throw (error as? DatabaseError).map { SpoolError($0) } ?? error
    }
    self.lock = lock
  }

  deinit { close(lock) }

  private static func lock(_ folder: String) throws(SpoolError) -> Int32 {
    // Close-on-exec: an engine that the agent starts must not keep the folder.
    let descriptor = Glibc.open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw SpoolError(.unavailable, "The spool's folder cannot be written.")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw SpoolError(.unavailable, "Another agent is using this spool folder.")
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
      throw SpoolError(.unavailable, "The spool was written by a newer version of the agent.")
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

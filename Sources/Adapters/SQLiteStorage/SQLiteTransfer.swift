internal import FoundationEssentials
internal import GRDB
internal import Glibc
package import Storage

/// The data folder of a server that does not run, to be moved as a whole.
///
/// A folder is filled beside its file: that of the store appears whole, or not at all.
package struct SQLiteTransfer: TransferStore {
  private static let fileName = "/benchfront.sqlite"
  private static let partialName = "/import.sqlite"

  private let folder: String

  /// Names the folder; it is opened when it is used.
  package init(folder: String) { self.folder = folder }

  package func export<Value: Sendable>(
    _ body: @Sendable (any TransferSource) async throws -> Value
  ) async throws -> Value {
    // A folder without the file would be made into one with it.
    guard access(folder + Self.fileName, F_OK) == 0 else {
      throw StorageError(.notFound, "There is no benchfront.sqlite in it.")
    }
    let store = try SQLiteStore(folder: folder)
    do {
      let value = try await body(SQLiteTransferSource(database: store.reader))
      try store.close()
      return value
    } catch {
      // The first error is the one to tell, and nothing was written.
      try? store.close()
      throw error
    }
  }

  package func load<Value: Sendable>(
    _ body: @Sendable (any TransferTarget) async throws -> Value
  ) async throws -> Value {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch { throw StorageError(.unavailable, "The data folder cannot be made.") }
    let lock = try FolderLock(folder: folder)
    defer { lock.release() }
    try await requireEmpty()
    let partial = folder + Self.partialName
    Self.remove(partial)
    do {
      let value = try await fill(partial, body)
      try takeIntoUse(partial)
      return value
    } catch {
      Self.remove(partial)
      throw error
    }
  }

  /// Refuses a folder whose file holds something.
  private func requireEmpty() async throws {
    let path = folder + Self.fileName
    guard access(path, F_OK) == 0 else { return }
    let pool = try StorageError.translating { try SQLiteStore.open(path) }
    let found = try await SQLiteTransferSource(database: pool).filledTables()
    try StorageError.translating { try pool.close() }
    if let refusal = TransferTable.refusal(of: found) { throw refusal }
  }

  private func fill<Value: Sendable>(
    _ path: String, _ body: @Sendable (any TransferTarget) async throws -> Value
  ) async throws -> Value {
    let queue = try StorageError.translating {
      let queue = try DatabaseQueue(path: path)
      // Whatever interrupts this, the file is thrown away; it is synchronized once it is whole.
      try queue.inDatabase { database in
        _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = OFF")
        try database.execute(sql: "PRAGMA synchronous = OFF")
      }
      try Schema.migrate(queue)
      return queue
    }
    do {
      try await Self.write(queue) { try $0.run("DELETE FROM meta") }
      let value = try await body(SQLiteTransferTarget(queue: queue))
      try StorageError.translating { try queue.close() }
      return value
    } catch {
      // The first error is the one to tell; the file goes away.
      try? queue.close()
      throw error
    }
  }

  /// Runs a write and says what went wrong in our words.
  @discardableResult
  static func write<Value: Sendable>(
    _ queue: DatabaseQueue, _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    do { return try await queue.write(body) } catch { throw StorageError(writing: error) }
  }

  /// Brings the whole file to the disk and puts it where the store is looked for.
  private func takeIntoUse(_ partial: String) throws {
    let path = folder + Self.fileName
    try Self.synchronize(partial)
    // What is left of the empty file's log would be taken for this one's.
    for ending in ["-wal", "-shm"] { unlink(path + ending) }
    guard rename(partial, path) == 0 else {
      throw StorageError(.unavailable, "The imported file cannot be renamed.")
    }
    try Self.synchronize(folder)
  }

  private static func synchronize(_ path: String) throws {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw StorageError(
        errno == ENOSPC || errno == EDQUOT ? .full : .unavailable,
        "The imported file cannot be brought to the disk.")
    }
  }

  private static func remove(_ path: String) {
    for ending in ["", "-journal", "-wal", "-shm"] { unlink(path + ending) }
  }
}

internal import GRDB
internal import Glibc
package import Storage
internal import Synchronization

/// Why writing failed, for the writer's thread and whoever looks.
final class WriteTroubleBox: Sendable {
  let trouble = Mutex(WriteTrouble())

  func note(_ error: StorageError) {
    guard let cause = error.cause else { return }
    trouble.withLock { $0.failed(StoreOutage(cause, error.message), at: .now) }
  }
}

extension SQLiteStore: WatchedStore {
  package func look() async -> StoreOutage? {
    do {
      _ = try await read { try Int.fetchOne($0, sql: "SELECT 1 FROM sqlite_schema LIMIT 1") }
    } catch is CancellationError { return nil } catch {
      let error = StorageError(writing: error)
      return StoreOutage(error.cause ?? .failing, error.message)
    }
    let begin = ContinuousClock.now
    let (outage, wantsTrial) = writeTrouble.trouble.withLock { $0.state(at: begin) }
    guard let outage else { return nil }
    // SQLite says that a file system only reads as it says that a disk is broken.
    guard wantsTrial || outage.cause == .failing else { return outage }
    if let obstacle = await tryToWrite() {
      writeTrouble.trouble.withLock { $0.failed(obstacle, at: begin) }
      return obstacle
    }
    guard wantsTrial else { return outage }
    writeTrouble.trouble.withLock { $0.wentWell(begun: begin) }
    return writeTrouble.trouble.withLock { $0.state(at: begin).outage }
  }

  /// Writes a file of 128 KiB beside the database, and takes it away; in the writer's turn, since a
  /// disk may take its time.
  private func tryToWrite() async -> StoreOutage? {
    do {
      let path = folder + "/trial"
      return try await pool.writeWithoutTransaction { _ in Self.write(path) }
    } catch { return StoreOutage(.failing, StorageError(writing: error).message) }
  }

  private static func write(_ path: String) -> StoreOutage? {
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return StoreOutage(errno: errno) }
    defer {
      Glibc.close(descriptor)
      Glibc.unlink(path)
    }
    let bytes = [UInt8](repeating: 0x78, count: 128 << 10)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      return StoreOutage(errno: errno)
    }
    return nil
  }
}

extension StoreOutage {
  /// Why a file of the data folder cannot be written.
  fileprivate init(errno code: Int32) {
    let reason = "The data folder cannot be written: \(String(cString: strerror(code)))."
    switch code {
    case ENOSPC, EDQUOT: self.init(.full, reason)
    case EROFS: self.init(.readOnly, reason)
    case EACCES, EPERM: self.init(.refused, reason)
    default: self.init(.failing, reason)
    }
  }
}

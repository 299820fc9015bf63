internal import GRDB
internal import Storage

extension StorageError {
  /// What an SQLite error means to the caller; no path and no statement goes into the message.
  init(_ error: DatabaseError) {
    switch error.resultCode {
    case .SQLITE_FULL:
      self.init(.full, "The disk or its quota is full; nothing was written.", cause: .full)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(.corrupt, "The database file is damaged.")
    case .SQLITE_CONSTRAINT:
      self.init(.conflict, "Another writer was first; read again.")
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      self.init(.unavailable, "The database cannot be written.", cause: .readOnly)
    case .SQLITE_TOOBIG, .SQLITE_RANGE, .SQLITE_MISMATCH:
      self.init(.invalid, "A value is too large for the database.")
    case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_NOMEM:
      self.init(.unavailable, Self.unusable(error), cause: .failing)
    case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL, .SQLITE_INTERRUPT, .SQLITE_ABORT:
      self.init(.unavailable, Self.unusable(error))
    // What is not known to pass is not tried again.
    default:
      self.init(
        .failed, "The database failed at it (SQLite \(error.extendedResultCode.rawValue)).")
    }
  }

  private static func unusable(_ error: DatabaseError) -> String {
    "The database cannot be used (SQLite \(error.extendedResultCode.rawValue))."
  }

  /// What a write threw, an SQLite error or one of ours.
  init(writing error: any Error) {
    switch error {
    case let error as StorageError: self = error
    case let error as DatabaseError: self.init(error)
    default: self.init(.unavailable, "The database cannot be used.")
    }
  }

  /// Runs `body` and turns what SQLite throws into a `StorageError`; the rest passes.
  static func translating<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as DatabaseError { throw StorageError(error) }
  }
}

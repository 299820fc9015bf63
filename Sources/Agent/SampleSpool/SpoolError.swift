internal import GRDB

/// Why the spool refused or failed; what was not written is still the caller's.
package struct SpoolError: Error, Sendable, Equatable {
  /// What kind of failure.
  package enum Code: String, Sendable {
    /// The disk is full, or more is unacknowledged than the spool may hold.
    case full
    /// More samples wait for the disk than fit into memory: the caller does not wait for its
    /// appends.
    case overloaded
    /// The folder is another agent's, or the file cannot be used.
    case unavailable
    /// What is stored cannot be read.
    case corrupt
  }

  /// What kind.
  package var code: Code
  /// One sentence for people.
  package var message: String

  /// Makes an error.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// What an SQLite error about the file at `path` means to the agent.
  init(_ error: DatabaseError, path: String) {
    let words = error.message ?? "no reason given"
    let reason = "\(words) (SQLite \(error.extendedResultCode.rawValue))"
    switch error.resultCode {
    case .SQLITE_FULL:
      self.init(.full, "The disk of the spool \(path), or its quota, is full: \(reason).")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(.corrupt, "The spool \(path) is damaged: \(reason).")
    default: self.init(.unavailable, "The spool \(path) cannot be used: \(reason).")
    }
  }
}

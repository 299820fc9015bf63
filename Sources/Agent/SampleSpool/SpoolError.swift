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

  /// What an SQLite error means to the agent.
  init(_ error: DatabaseError) {
    switch error.resultCode {
    case .SQLITE_FULL: self.init(.full, "The spool's disk or its quota is full.")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self.init(.corrupt, "The spool's file is damaged.")
    default:
      self.init(
        .unavailable, "The spool cannot be used (SQLite \(error.extendedResultCode.rawValue)).")
    }
  }
}

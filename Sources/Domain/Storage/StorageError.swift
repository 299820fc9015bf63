/// Why a store refused or failed.
package struct StorageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of refusal; each maps to one gRPC status.
  package enum Code: String, Sendable {
    /// The id is taken by different content.
    case alreadyExists
    /// There is no such thing.
    case notFound
    /// Another writer was first; read again.
    case conflict
    /// The lease's token is no longer the newest, or the lease has ended.
    case superseded
    /// The request makes no sense to the store, e.g. a page token of another question.
    case invalid
    /// A rule of the run's state forbids it, e.g. cancelling an ended run.
    case failedPrecondition
    /// The disk or a quota is full.
    case full
    /// The store cannot be reached, or is read-only.
    case unavailable
    /// What is stored cannot be read.
    case corrupt
    /// The store failed at this very request, and would again.
    case failed
  }

  /// What kind.
  package var code: Code
  /// One sentence for people.
  package var message: String
  /// What it says about the store as a whole; nil when it concerns this request alone.
  package var cause: OutageCause?

  /// Makes an error.
  package init(_ code: Code, _ message: String, cause: OutageCause? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// The sentence: what stands in a log.
  package var description: String { message }

  /// Something stored that cannot be what was written.
  package static func damaged(_ what: String) -> StorageError {
    StorageError(.corrupt, "A stored \(what) cannot be read.")
  }
}

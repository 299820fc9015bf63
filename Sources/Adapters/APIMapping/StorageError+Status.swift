import APIBindings
package import GRPC
package import Storage

extension RPCError {
  /// How long a client leaves a store alone that cannot be reached.
  private static let storageRetryDelay = Duration.seconds(1)

  /// The status that stands for a store's refusal or failure, with a reason where the status
  /// alone does not tell.
  package init(_ error: StorageError) {
    self =
      switch error.code {
      case .alreadyExists: RPCError(.alreadyExists, error.message)
      case .notFound: RPCError(.notFound, error.message)
      case .conflict: RPCError(.aborted, error.message).because("CONFLICT")
      case .superseded: RPCError(.aborted, error.message).because("LEASE_SUPERSEDED")
      case .invalid: RPCError(.invalidArgument, error.message)
      case .failedPrecondition: RPCError(.failedPrecondition, error.message)
      case .full: RPCError(.resourceExhausted, error.message).because("STORAGE_FULL")
      case .unavailable:
        RPCError(.unavailable, error.message).because("STORAGE_UNAVAILABLE")
          .retry(after: Self.storageRetryDelay)
      case .failed: RPCError(.internalError, error.message).because("STORAGE_FAILED")
      case .corrupt: RPCError(.dataLoss, error.message).because("STORAGE_CORRUPT")
      }
  }
}

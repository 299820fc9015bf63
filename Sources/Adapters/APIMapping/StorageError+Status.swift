package import GRPC
package import Storage

extension RPCError {
  /// The status that stands for a store's refusal or failure.
  package init(_ error: StorageError) {
    let code: StatusCode =
      switch error.code {
      case .alreadyExists: .alreadyExists
      case .notFound: .notFound
      case .conflict, .superseded: .aborted
      case .invalid: .invalidArgument
      case .failedPrecondition: .failedPrecondition
      case .full: .resourceExhausted
      case .unavailable: .unavailable
      case .corrupt: .dataLoss
      }
    self.init(code, error.message)
  }
}

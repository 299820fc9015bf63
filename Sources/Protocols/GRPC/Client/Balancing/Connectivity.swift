/// Whether servers can be called
/// (https://github.com/grpc/grpc/blob/master/doc/connectivity-semantics-and-api.md); a channel that
/// was closed fails.
package enum Connectivity: Sendable, Equatable {
  /// Nothing is tried, because nobody calls.
  case idle
  case connecting
  case ready
  /// It did not work, and is tried again after a while: TRANSIENT_FAILURE.
  case failing(RPCError)
}

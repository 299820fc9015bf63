/// A call that did not end with OK.
package struct RPCError: Error, Sendable, Equatable, CustomStringConvertible {
  package var code: StatusCode
  package var message: String
  /// A serialized `google.rpc.Status`, sent as `grpc-status-details-bin`.
  package var details: [UInt8]?
  /// Trailing metadata that goes with the status.
  package var metadata: Metadata
  /// When the client may try again, sent as `grpc-retry-pushback-ms`; nil when nothing is known.
  package var retryAfter: Duration?
  /// Whether the server asks not to try again: a `grpc-retry-pushback-ms` below 0.
  package var forbidsRetry = false

  package init(
    _ code: StatusCode, _ message: String, details: [UInt8]? = nil,
    metadata: Metadata = Metadata(), retryAfter: Duration? = nil
  ) {
    self.retryAfter = retryAfter
    self.code = code
    self.message = message
    self.details = details
    self.metadata = metadata
  }

  package var description: String { "\(code): \(message)" }
}

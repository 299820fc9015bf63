/// A call that did not end with OK.
package struct RPCError: Error, Sendable, Equatable, CustomStringConvertible {
  package var code: StatusCode
  package var message: String
  /// A serialized `google.rpc.Status`, sent as `grpc-status-details-bin`.
  package var details: [UInt8]?
  /// Trailing metadata that goes with the status.
  package var metadata: Metadata

  package init(
    _ code: StatusCode, _ message: String, details: [UInt8]? = nil, metadata: Metadata = Metadata()
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.metadata = metadata
  }

  package var description: String { "\(code): \(message)" }
}

/// Code around every call of a server: who may call, how often, what is counted and logged.
///
/// The methods are called on the connection's loop and must not block. Only classes, so that a
/// call walks them without copies of what they hold.
package protocol ServerInterceptor: AnyObject, Sendable {
  /// Whether `callEnded` does anything; asked once, so that no call is told in vain.
  var hearsOfEnds: Bool { get }
  /// A call has begun; its handler has not. An error refuses the call with its status.
  func callBegan(_ context: ServerContext) throws(RPCError)
  /// A call is still open; asked every `ServerConfiguration.callCheckInterval`. An error ends it.
  func callContinues(_ context: ServerContext) throws(RPCError)
  /// A call that `callBegan` was told of is over, refused ones too. The context is nil when
  /// there is no call to speak of: no such method, a header block too large or without `te`.
  func callEnded(_ context: ServerContext?, _ record: CallRecord)
}

extension ServerInterceptor {
  package var hearsOfEnds: Bool { true }
  package func callBegan(_ context: ServerContext) throws(RPCError) {}
  package func callContinues(_ context: ServerContext) throws(RPCError) {}
  package func callEnded(_ context: ServerContext?, _ record: CallRecord) {}
}

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
  /// A call that `callBegan` was told of is over, refused ones too. The context is nil for a
  /// method that does not exist.
  func callEnded(_ context: ServerContext?, _ record: CallRecord)
}

extension ServerInterceptor {
  package var hearsOfEnds: Bool { true }
  package func callBegan(_ context: ServerContext) throws(RPCError) {}
  package func callContinues(_ context: ServerContext) throws(RPCError) {}
  package func callEnded(_ context: ServerContext?, _ record: CallRecord) {}
}

/// What a call came to.
package struct CallRecord: Sendable {
  let entry: Router.Entry?
  /// The status that the client was sent, or would have been had it waited.
  package let code: StatusCode
  /// Time from the header block to the end, in nanoseconds.
  package let nanoseconds: UInt64
  /// Messages from the client.
  package let requests: Int
  /// Messages to the client.
  package let responses: Int
  /// Bytes of the client's messages as they crossed the wire, without their prefixes.
  package let requestBytes: Int
  /// Bytes of the messages to the client as they crossed the wire, without their prefixes.
  package let responseBytes: Int
  /// Whether the client reset the stream or left.
  package let isAbandoned: Bool

  /// The method; nil when there is none of the called name.
  package var method: MethodDescriptor? { entry?.method }
}

/// What a call adds up for its record.
struct CallTally {
  private let began: UInt64
  /// How many interceptors have heard of the call.
  var told = 0
  var receivedBytes = 0
  var sentBytes = 0
  private(set) var isReported = false

  init(began: UInt64) { self.began = began }

  /// The record of a call that ends now; nil when it has ended before.
  mutating func record(
    _ entry: Router.Entry?, _ state: ServerCallState, code: StatusCode, at now: UInt64,
    isAbandoned: Bool
  ) -> CallRecord? {
    guard !isReported else { return nil }
    isReported = true
    let prefixes = state.requests * MessageDeframer.prefixBytes
    return CallRecord(
      entry: entry, code: code, nanoseconds: now &- began, requests: state.requests,
      responses: state.responses, requestBytes: max(0, receivedBytes - prefixes),
      responseBytes: sentBytes, isAbandoned: isAbandoned)
  }
}

package import Reactor

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
  /// Why the call ended otherwise than with OK; nil also when the client left.
  package let failure: RPCError?
  /// Whether the call's handler ended it so, rather than what stands before it.
  package let isOfHandler: Bool
  /// The client's address when there is no context that knows it; nil beside one, and for an
  /// unnamed socket.
  package let peer: SocketAddress?

  /// The method; nil when there is none of the called name.
  package var method: MethodDescriptor? { entry?.method }
}

/// How a call ended.
struct CallEnd {
  var code: StatusCode
  var failure: RPCError?
  var isAbandoned = false
  var isOfHandler = false
  var peer: SocketAddress?
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
    _ entry: Router.Entry?, _ state: ServerCallState, _ end: CallEnd, at now: UInt64
  ) -> CallRecord? {
    guard !isReported else { return nil }
    isReported = true
    let prefixes = state.requests * MessageDeframer.prefixBytes
    return CallRecord(
      entry: entry, code: end.code, nanoseconds: now &- began, requests: state.requests,
      responses: state.responses, requestBytes: max(0, receivedBytes - prefixes),
      responseBytes: sentBytes, isAbandoned: end.isAbandoned, failure: end.failure,
      isOfHandler: end.isOfHandler, peer: end.peer)
  }
}

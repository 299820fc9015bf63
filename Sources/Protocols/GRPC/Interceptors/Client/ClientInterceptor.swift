package import Reactor

/// Code around every call of a channel, and around each attempt at it: what is shown to the server,
/// how often it is called, what is counted and logged.
///
/// Every method is called on the channel's loop and must not block.
package protocol ClientInterceptor: Sendable {
  /// A call is about to begin. An error ends it so, without an attempt.
  func callBegins(_ call: ClientCallInfo) throws(RPCError)
  /// An attempt at it begins: it waits for a connection.
  func attemptBegan(_ call: ClientCallInfo)
  /// An attempt goes out on a connection, with the metadata that it takes. An error ends the call.
  func attemptLeaves(
    _ call: ClientCallInfo, _ way: ClientWay, _ metadata: inout Metadata
  ) throws(RPCError)
  /// An attempt has ended.
  func attemptEnded(_ call: ClientCallInfo, _ record: AttemptRecord)
  /// A call is over that `callBegins` was told of, those that it refused too.
  func callEnded(_ call: ClientCallInfo, _ record: ClientCallRecord)
}

extension ClientInterceptor {
  package func callBegins(_ call: ClientCallInfo) throws(RPCError) {}
  package func attemptBegan(_ call: ClientCallInfo) {}
  package func attemptLeaves(
    _ call: ClientCallInfo, _ way: ClientWay, _ metadata: inout Metadata
  ) throws(RPCError) {}
  package func attemptEnded(_ call: ClientCallInfo, _ record: AttemptRecord) {}
  package func callEnded(_ call: ClientCallInfo, _ record: ClientCallRecord) {}
}

/// Which call it is.
package struct ClientCallInfo: Sendable {
  package let method: MethodDescriptor
  /// The channel's target, with its scheme.
  package let target: String
  package let options: CallOptions
}

/// The connection of an attempt.
package struct ClientWay: Sendable {
  /// The server's address; nil for an unnamed socket.
  package let peer: SocketAddress?
  /// What the target calls the server.
  package let authority: String
  package let isEncrypted: Bool
}

/// What an attempt came to.
package struct AttemptRecord: Sendable {
  package let code: StatusCode
  /// Time from its beginning, the wait for a connection included.
  package let nanoseconds: UInt64
  /// Bytes of the messages to the server as they crossed the wire, without their prefixes.
  package let requestBytes: Int
  /// Bytes of the server's messages as they crossed the wire, without their prefixes.
  package let responseBytes: Int
}

/// What a call came to.
package struct ClientCallRecord: Sendable {
  /// What the caller is told; nil for OK.
  package let error: RPCError?
  /// Time from its beginning to its end, waits between attempts included.
  package let nanoseconds: UInt64
  /// Attempts that were made.
  package let attempts: Int

  package var code: StatusCode { error?.code ?? .ok }
}

import HTTP2
package import Reactor
package import TLS

/// What a handler knows about its call, and what it may add to the answer.
// @unchecked: it is used on the connection's loop only, where handlers and their tasks run.
package final class ServerContext: @unchecked Sendable {
  private let entry: Router.Entry
  /// The client's metadata.
  package let metadata: Metadata
  /// When the client stops waiting; nil when it named no timeout.
  package let deadline: MonotonicTime?
  private let connection: HTTP2Connection
  /// Whether nobody waits for the answer any more.
  package internal(set) var isCancelled = false
  /// Who calls; nil when nothing proves it.
  package internal(set) var principal: Principal?
  /// What the call is about, as its handler names it for interceptors that keep records; empty for
  /// nothing.
  package var subject = ""
  /// The call's place in a trace; nil when its caller named none.
  package internal(set) var trace: TraceContext?
  /// Whether messages go compressed from here on, to a client that takes gzip; nil for the server's
  /// default. A wish has to be said before the first message; later it may change.
  package var compressesResponses: Bool?
  /// Whether the message that was received last came compressed.
  package internal(set) var isRequestCompressed = false

  /// What a handler adds to the answer, which few do.
  struct Additions {
    var initial = Metadata()
    var trailing = Metadata()
  }

  private var additions: Additions?

  /// Whether there is no metadata of a handler's.
  var addsNothing: Bool { additions == nil }

  var initialMetadata: Metadata { additions?.initial ?? Metadata() }
  var trailingMetadata: Metadata { additions?.trailing ?? Metadata() }

  private func add(_ body: (inout Additions) throws(RPCError) -> Void) throws(RPCError) {
    var changed = additions ?? Additions()
    additions = nil
    defer { additions = changed }
    try body(&changed)
  }

  init(
    entry: Router.Entry, metadata: Metadata, deadline: MonotonicTime?,
    connection: HTTP2Connection
  ) {
    self.entry = entry
    self.metadata = metadata
    self.deadline = deadline
    self.connection = connection
  }

  /// The address of the client; nil for an unnamed socket.
  package var peer: SocketAddress? { connection.socket.peer }

  /// Who the client is, by its verified certificate; nil when none was asked for.
  package var identity: TLSIdentity? { connection.identity }

  /// What an interceptor keeps from call to call of the same connection.
  var rememberedOfPeer: AnyObject? {
    get { connection.rememberedOfPeer }
    set { connection.rememberedOfPeer = newValue }
  }

  package var eventLoop: EventLoop { connection.loop }

  /// The method that is called.
  package var method: MethodDescriptor { entry.method }

  /// The place of the method in its router's `methods`.
  package var methodIndex: Int { entry.index }

  /// Adds metadata that goes before the first message.
  package func addInitialMetadata(_ name: String, _ value: String) throws(RPCError) {
    try add { additions throws(RPCError) in try additions.initial.append(name, value) }
  }

  /// Adds binary metadata that goes before the first message.
  package func addInitialMetadata(_ name: String, binary value: [UInt8]) throws(RPCError) {
    try add { additions throws(RPCError) in try additions.initial.append(name, binary: value) }
  }

  /// Adds metadata that goes with the status.
  package func addTrailingMetadata(_ name: String, _ value: String) throws(RPCError) {
    try add { additions throws(RPCError) in try additions.trailing.append(name, value) }
  }

  /// Adds binary metadata that goes with the status.
  package func addTrailingMetadata(_ name: String, binary value: [UInt8]) throws(RPCError) {
    try add { additions throws(RPCError) in try additions.trailing.append(name, binary: value) }
  }
}

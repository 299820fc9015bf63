package import Reactor
import Synchronization

/// Numbers of connections, listeners and servers, unique in the process.
package enum EntityID {
  private static let last = Atomic<Int>(0)

  /// A number that nothing else has.
  package static func next() -> Int { last.wrappingAdd(1, ordering: .relaxed).newValue }
}

/// What a connection's streams came to; kept by its owner on the connection's loop.
package struct ConnectionCounts: Sendable, Equatable {
  /// Streams that have begun.
  package var streamsStarted = 0
  /// Streams that have ended without an error of HTTP/2.
  package var streamsSucceeded = 0
  /// Streams that have ended otherwise.
  package var streamsFailed = 0
  /// Calls that have ended with OK.
  package var callsSucceeded = 0
  /// Calls that have ended otherwise.
  package var callsFailed = 0
  /// Messages to the peer.
  package var messagesSent = 0
  /// Messages from the peer.
  package var messagesReceived = 0
  /// PINGs to see whether the peer lives.
  package var keepalivesSent = 0
  /// When the last stream began, on the monotonic clock; nil when nobody read the clock then.
  package var lastStreamStarted: MonotonicTime?

  package init() {}

  /// Adds what another connection's streams came to.
  package mutating func add(_ other: ConnectionCounts) {
    streamsStarted += other.streamsStarted
    streamsSucceeded += other.streamsSucceeded
    streamsFailed += other.streamsFailed
    callsSucceeded += other.callsSucceeded
    callsFailed += other.callsFailed
    messagesSent += other.messagesSent
    messagesReceived += other.messagesReceived
    keepalivesSent += other.keepalivesSent
    lastStreamStarted = [lastStreamStarted, other.lastStreamStarted].compactMap { $0 }.max()
  }
}

/// A connection as it is at one moment.
package struct ConnectionSnapshot: Sendable {
  /// Its number.
  package let id: Int
  /// Our end; nil when the kernel does not say it.
  package let local: SocketAddress?
  /// The peer's end; nil for an unnamed socket.
  package let peer: SocketAddress?
  /// The suite of ciphers as RFC 8446 names it; nil for cleartext, and before it is agreed on.
  package let cipherSuite: String?
  /// Whether it speaks TLS.
  package let isSecure: Bool
  /// What its streams came to.
  package let counts: ConnectionCounts
  /// Bytes that the peer lets us send, on all streams together.
  package let sendWindow: Int
  /// Bytes that we let the peer send, on all streams together.
  package let receiveWindow: Int
}

extension HTTP2Connection {
  /// The connection as it is now.
  package var snapshot: ConnectionSnapshot {
    let credit = session?.credit
    return ConnectionSnapshot(
      id: id, local: socket.local, peer: socket.peer, cipherSuite: wire.tls?.cipherSuite,
      isSecure: wire.tls != nil, counts: counts, sendWindow: credit?.send ?? 0,
      receiveWindow: credit?.receive ?? 0)
  }
}

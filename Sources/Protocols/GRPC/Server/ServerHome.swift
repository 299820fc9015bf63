import HTTP2
import Reactor
import TLS

/// The connections of a server that live on one loop.
// @unchecked: everything but `loop` and `shared` is touched on that loop only.
final class ServerHome: HTTP2ConnectionDelegate, @unchecked Sendable {
  let loop: EventLoop
  let shared: ServerShared
  let coder = MessageCoder()
  private(set) var connections: [ObjectIdentifier: HTTP2Connection] = [:]
  /// What the streams of connections that are closed came to.
  private(set) var past = ConnectionCounts()
  private var isDraining = false
  private(set) var isDrained = false
  /// Calls that the end of a drain has cut.
  private var cutCount = 0
  private var drained: [UnsafeContinuation<Void, Never>] = []

  private var metrics: ConnectionMetrics? { shared.configuration.metrics }

  private var newcomers: Newcomers
  /// Until the interceptors are asked about open calls again.
  var checkTimer: Timer?

  /// `share` is the part of the server's loops that this one is.
  init(shared: ServerShared, loop: EventLoop, share: Int) {
    self.shared = shared
    self.loop = loop
    newcomers = Newcomers(limit: shared.configuration.maxHandshakes / share)
  }

  func accept(_ descriptor: Descriptor, _ peer: SocketAddress?, _ tls: TLSContext?) {
    guard !isDrained, isLetIn(peer) else { return descriptor.close() }
    let session: TLSSession?
    do {
      session = try tls?.makeSession()
    } catch {
      // It fails only for lack of memory.
      leave(peer)
      return descriptor.close()
    }
    let socket = Socket(descriptor, peer: peer, loop: loop)
    let connection = HTTP2Connection(
      socket, tls: session, configuration: shared.configuration.http2, ledgers: shared.ledgers,
      delegate: self)
    connections[ObjectIdentifier(connection)] = connection
    if let oldest = newcomers.enter(connection) {
      tell(oldest.socket.peer, "max-handshakes is reached: \(shared.configuration.maxHandshakes)")
      oldest.abort(Goodbye(.handshakeTimeout, .noError, "too many others shake hands"))
    }
    do {
      try connection.start(.server)
      // It was accepted before the listener closed: its client learns that it has to go elsewhere.
      if isDraining { connection.drain() }
    } catch {
      // The descriptor cannot be polled or memory is short: the peer sees a closed connection.
      connection.close("cannot start")
      forget(connection)
    }
  }

  private func isLetIn(_ peer: SocketAddress?) -> Bool {
    if let bound = shared.doors.enter(peer) {
      metrics?.refused(bound)
      switch bound {
      case .all: tell(peer, "max-connections is reached: \(shared.configuration.maxConnections)")
      case .address:
        let most = shared.configuration.maxConnectionsPerAddress
        tell(peer, "max-connections-per-address is reached: \(most)")
      }
      return false
    }
    metrics?.entered()
    return true
  }

  private func tell(_ peer: SocketAddress?, _ bound: String) {
    shared.configuration.connectionRefused(peer, bound)
  }

  private func leave(_ peer: SocketAddress?) {
    shared.doors.leave(peer)
    metrics?.left()
  }

  private func forget(_ connection: HTTP2Connection) {
    guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
    newcomers.leave(connection)
    past.add(connection.counts)
    leave(connection.socket.peer)
    guard isDraining, connections.isEmpty else { return }
    endDrain()
  }

  private func endDrain() {
    isDrained = true
    checkTimer?.cancel()
    for continuation in drained { continuation.resume() }
    drained = []
  }

  /// Lets open calls end, and cuts those that are left after `grace`; returns how many those are.
  func drain(grace: Duration) async -> Int {
    isDraining = true
    guard !connections.isEmpty else {
      endDrain()
      return 0
    }
    for connection in connections.values { connection.drain() }
    let timer = loop.schedule(after: grace) { [self] in cutCalls() }
    await withUnsafeContinuation { drained.append($0) }
    timer.cancel()
    return cutCount
  }

  /// Ends the calls that are left, so that their clients hear why, and closes all connections.
  /// Calls whose answer a client did not take in time are cut too.
  private func cutCalls() {
    for connection in connections.values {
      connection.forEachHandler { handler in
        guard let call = Self.call(of: handler) else { return }
        cutCount += 1
        guard call.failure == nil else { return }
        call.fail(RPCError(.unavailable, "the server stopped before the call ended"))
      }
    }
    // Their ends leave with this turn.
    let goodbye = Goodbye(.drainTimeout, .noError, "the server stops")
    loop.schedule(after: .zero) { [self] in
      for connection in connections.values { connection.abort(goodbye) }
    }
  }

  /// The call behind a stream.
  static func call(of handler: any HTTP2StreamHandler) -> ServerCall? {
    switch handler {
    case let call as ServerCall: call
    case let body as WebTextBody: body.call
    default: nil
    }
  }

  // MARK: From connections

  func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream) {
    guard connection.abandonedHandlers < shared.configuration.http2.maxAbandonedHandlers else {
      return stream.reset(.refusedStream)
    }
    stream.handler = ServerCall(stream, connection: connection, home: self)
  }

  func connectionIsDraining(_ connection: HTTP2Connection) {}
  func connectionIsReady(_ connection: HTTP2Connection) { newcomers.leave(connection) }

  func connection(_ connection: HTTP2Connection, says goodbye: Goodbye) {
    metrics?.said(goodbye)
  }

  func connectionClosed(_ connection: HTTP2Connection, _ reason: String) {
    if let failure = connection.handshakeFailure {
      metrics?.failed(failure)
      shared.configuration.handshakeFailed(connection.socket.peer, failure.message)
    }
    forget(connection)
  }
}

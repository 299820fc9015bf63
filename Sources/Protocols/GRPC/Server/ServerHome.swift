import HTTP2
import Reactor
import TLS

/// The connections of a server that live on one loop.
// @unchecked: everything but `loop` is touched on that loop only.
final class ServerHome: HTTP2ConnectionDelegate, @unchecked Sendable {
  let loop: EventLoop
  private let shared: ServerShared
  private let coder = MessageCoder()
  private var connections: [ObjectIdentifier: HTTP2Connection] = [:]
  private var isDraining = false
  private var drained: [UnsafeContinuation<Void, Never>] = []

  init(shared: ServerShared, loop: EventLoop) {
    self.shared = shared
    self.loop = loop
  }

  func accept(_ descriptor: Descriptor, _ peer: SocketAddress?, _ tls: TLSContext?) {
    let count = shared.connections.load(ordering: .relaxed)
    guard !isDraining, count < shared.configuration.maxConnections else {
      return descriptor.close()
    }
    let session: TLSSession?
    // It fails only for lack of memory.
    do { session = try tls?.makeSession() } catch { return descriptor.close() }
    let socket = Socket(descriptor, peer: peer, loop: loop)
    let connection = HTTP2Connection(
      socket, tls: session, configuration: shared.configuration.http2, delegate: self)
    connections[ObjectIdentifier(connection)] = connection
    shared.connections.wrappingAdd(1, ordering: .relaxed)
    do {
      try connection.start(.server)
    } catch {
      // The descriptor cannot be polled or memory is short: the peer sees a closed connection.
      connection.close("cannot start")
      forget(connection)
    }
  }

  private func forget(_ connection: HTTP2Connection) {
    guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
    shared.connections.wrappingSubtract(1, ordering: .relaxed)
    guard isDraining, connections.isEmpty else { return }
    for continuation in drained { continuation.resume() }
    drained = []
  }

  func drain(grace: Duration) async {
    isDraining = true
    guard !connections.isEmpty else { return }
    for connection in connections.values { connection.drain() }
    let timer = loop.schedule(after: grace) { [self] in
      for connection in connections.values { connection.abort(.noError, "the server stops") }
    }
    await withUnsafeContinuation { drained.append($0) }
    timer.cancel()
  }

  // MARK: From connections

  func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream) {
    stream.handler = ServerCall(
      stream, shared: shared, loop: loop, peer: connection.socket.peer,
      identity: connection.identity, coder: coder)
  }

  func connectionIsDraining(_ connection: HTTP2Connection) {}
  func connectionIsReady(_ connection: HTTP2Connection) {}

  func connectionClosed(_ connection: HTTP2Connection, _ reason: String) {
    if let failure = connection.handshakeFailure {
      shared.configuration.handshakeFailed(connection.socket.peer, failure)
    }
    forget(connection)
  }
}

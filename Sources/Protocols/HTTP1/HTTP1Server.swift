package import Reactor
import Synchronization

/// A small strict HTTP/1.1 server: metrics, probes, the simulated engine.
package final class HTTP1Server: Sendable {
  /// Answers a request; called on the connection's loop and must not block.
  package typealias Handler = @Sendable (HTTP1Exchange) -> Void

  /// What the server allows.
  package struct Configuration: Sendable {
    /// Bounds of a request.
    package var limits = HTTP1Limits()
    /// How long a request may take to arrive, and an ended connection to take its answer.
    package var requestTimeout = Duration.seconds(30)
    /// How long a connection may rest between requests.
    package var idleTimeout = Duration.seconds(75)
    /// Most connections of one loop; further ones are closed at once.
    package var connectionsPerLoop = 20_000

    /// The usual bounds.
    package init() {}
  }

  private let configuration: Configuration
  private let group: EventLoopGroup
  private let handler: Handler
  private let listeners = Mutex<[Listener]>([])
  private let rooms: [Room]

  /// Makes a server; `listen` starts it.
  package init(
    configuration: Configuration = Configuration(), group: EventLoopGroup,
    handler: @escaping Handler
  ) {
    self.configuration = configuration
    self.group = group
    self.handler = handler
    rooms = group.loops.map { Room(loop: $0) }
  }

  /// Listens on an address and returns it with the port that the kernel chose.
  ///
  /// Throws `ReactorError` when the address cannot be bound.
  package func listen(on address: SocketAddress) throws(ReactorError) -> SocketAddress {
    let listener = try Listener(address, group: group) { [self] descriptor, peer, loop in
      guard let room = rooms.first(where: { $0.loop === loop }) else { return }
      room.add(descriptor, peer, configuration, handler)
    }
    listeners.withLock { $0.append(listener) }
    return listener.address
  }

  /// Stops listening and closes every connection; callable from any thread, returns at once.
  package func close() {
    for listener in listeners.withLock({ $0 }) { listener.close() }
    for room in rooms { room.loop.perform { room.closeAll() } }
  }
}

/// The connections of one loop.
// @unchecked: every method is called on the loop.
private final class Room: @unchecked Sendable {
  let loop: EventLoop
  private var connections: [ObjectIdentifier: (HTTP1Connection, Socket)] = [:]
  private var isClosed = false

  init(loop: EventLoop) { self.loop = loop }

  func add(
    _ descriptor: Descriptor, _ peer: SocketAddress?, _ configuration: HTTP1Server.Configuration,
    _ handler: @escaping HTTP1Server.Handler
  ) {
    guard !isClosed, connections.count < configuration.connectionsPerLoop else { return }
    let socket = Socket(descriptor, peer: peer, loop: loop)
    let connection = HTTP1Connection(
      socket, configuration: configuration, handler: handler,
      onClose: { [weak self] in self?.connections[ObjectIdentifier($0)] = nil })
    connections[ObjectIdentifier(connection)] = (connection, socket)
    do {
      try connection.start()
    } catch {
      socket.close()
      connections[ObjectIdentifier(connection)] = nil
    }
  }

  func closeAll() {
    isClosed = true
    for (_, socket) in Array(connections.values) { socket.close() }
  }
}

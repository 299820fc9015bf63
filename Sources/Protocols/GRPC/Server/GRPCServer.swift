package import HTTP2
package import Reactor
package import TLS

/// The bounds and hooks of a server.
package struct ServerConfiguration: Sendable {
  package var http2 = HTTP2Configuration()
  /// Bytes of one request message, as it is sent and when it is decompressed.
  package var maxRequestBytes = 4_194_304
  /// Whether answers go compressed to clients that take gzip, where a handler says nothing else.
  package var compressesResponses = false
  /// Connections over all loops; more are closed at once.
  package var maxConnections = 65_536
  /// Around every call; told of its beginning in this order, of its end in the other.
  package var interceptors: [any ServerInterceptor] = []
  /// Connections of one IPv4 address or one IPv6 network of 64 bits; more are closed at once.
  package var maxConnectionsPerAddress = 1024
  /// Connections that have not introduced themselves, TLS and SETTINGS included, shared by the
  /// loops; when there are more the oldest are closed.
  package var maxHandshakes = 256
  /// Bytes of requests in memory, all connections together. When it is reached, those that hold
  /// more than 64 KiB get no more room: streams wait, and calls that have to keep more fail with
  /// RESOURCE_EXHAUSTED.
  package var maxRequestBufferBytes = 33_554_432
  /// Bytes of answers that wait for clients to read them, all connections together. When it is
  /// reached, those that hold more than 64 KiB get no new answers until they have read theirs.
  package var maxAnswerBufferBytes = 33_554_432
  /// Whose pages may call by gRPC-Web, over TLS or from this machine; nil for nobody, then gRPC-Web
  /// is not spoken.
  package var webOrigins: WebOrigins?
  /// Counts what becomes of connections; nil when nobody asks.
  package var metrics: ConnectionMetrics?
  /// Called on a loop when a handler throws what is not an `RPCError`; the client learns nothing.
  package var unexpectedError: @Sendable (MethodDescriptor, any Error) -> Void = { _, _ in }
  /// Called on a loop when a peer does not come to speak HTTP/2 with us, with the reason in words:
  /// its certificate, its protocol, its version of TLS. Anybody can cause it at any rate.
  package var handshakeFailed: @Sendable (SocketAddress?, String) -> Void = { _, _ in }
  /// Called on a loop when a connection is closed for a bound, with the bound in words. Anybody can
  /// cause it at any rate.
  package var connectionRefused: @Sendable (SocketAddress?, String) -> Void = { _, _ in }
  /// Called on a loop when a page of an origin that may not call asks or calls, with that origin,
  /// which may be any text. Anybody can cause it at any rate.
  package var originRefused: @Sendable (SocketAddress?, String) -> Void = { _, _ in }
  /// How often the interceptors are asked whether open calls may go on; nil for never.
  package var callCheckInterval: Duration?

  package init() {}
}

/// What all connections of a server share.
final class ServerShared: Sendable {
  let configuration: ServerConfiguration
  /// Who hears of calls that begin, and of those that end; nil when nobody does.
  let beginnings: InterceptorChain?
  let ends: InterceptorChain?
  let router: Router
  let doors: Doors
  let ledgers: HTTP2Ledgers

  init(configuration: ServerConfiguration, router: Router) {
    self.configuration = configuration
    beginnings = .ofBeginnings(configuration.interceptors)
    ends = .ofEnds(configuration.interceptors)
    self.router = router
    doors = Doors(
      maxConnections: configuration.maxConnections,
      maxPerAddress: configuration.maxConnectionsPerAddress)
    ledgers = HTTP2Ledgers(
      inbound: ByteLedger(limitBytes: configuration.maxRequestBufferBytes),
      outbound: ByteLedger(limitBytes: configuration.maxAnswerBufferBytes))
  }
}

/// A gRPC server over HTTP/2, with TLS or without; it may be used from any thread.
package final class GRPCServer: Sendable {
  private let shared: ServerShared
  private let group: EventLoopGroup
  let homes: [ServerHome]
  /// Its number, unique in the process.
  package let id = EntityID.next()
  private let listeners = Locked<[(id: Int, listener: Listener)]>([])

  package init(
    configuration: ServerConfiguration = ServerConfiguration(), router: Router,
    group: EventLoopGroup
  ) {
    let shared = ServerShared(configuration: configuration, router: router)
    self.shared = shared
    self.group = group
    homes = group.loops.map {
      ServerHome(shared: shared, loop: $0, share: group.loops.count)
    }
    guard configuration.callCheckInterval != nil else { return }
    for home in homes { home.loop.execute { home.scheduleCheck() } }
  }

  /// Connections that are open now.
  package var connectionCount: Int { shared.doors.count }

  /// Serves on one more address.
  ///
  /// - Parameters:
  ///   - tls: encrypts the connections of this address; nil for cleartext.
  ///   - sharesPort: whether another process may listen on the same port, as a new server does
  ///     while the old one drains.
  /// - Returns: the bound address, with the port that the kernel chose.
  /// - Throws: `ReactorError` when the address cannot be bound.
  @discardableResult
  package func listen(
    on address: SocketAddress, tls: TLSContext? = nil, sharesPort: Bool = false
  ) throws(ReactorError) -> SocketAddress {
    let homes = homes
    let listener = try Listener(address, group: group, sharesPort: sharesPort) {
      descriptor, peer, loop in
      homes.first { $0.loop === loop }?.accept(descriptor, peer, tls)
    }
    listeners.withLock { $0.append((EntityID.next(), listener)) }
    return listener.address
  }

  var listenerSnapshots: [ServerSnapshot.Listener] {
    listeners.withLock { $0.map { .init(id: $0.id, address: $0.listener.address) } }
  }

  /// Stops accepting, lets open calls end, and cuts those that are left after `grace`: they end
  /// with UNAVAILABLE.
  ///
  /// - Returns: how many were cut.
  @discardableResult
  package func drain(grace: Duration) async -> Int {
    let open = listeners.withLock { listeners in
      defer { listeners = [] }
      return listeners
    }
    // Who is told to go elsewhere must not come back here.
    for (_, listener) in open { await listener.closeAndWait() }
    return await withTaskGroup { tasks in
      for home in homes {
        tasks.addTask(executorPreference: home.loop) { await home.drain(grace: grace) }
      }
      return await tasks.reduce(0, +)
    }
  }
}

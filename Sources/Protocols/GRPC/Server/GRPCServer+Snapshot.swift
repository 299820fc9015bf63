package import HTTP2
package import Reactor
import Synchronization

/// A server as it is at one moment.
package struct ServerSnapshot: Sendable {
  /// An address that it serves.
  package struct Listener: Sendable {
    /// Its number.
    package let id: Int
    /// Where it is bound.
    package let address: SocketAddress
  }

  /// Its number.
  package let id: Int
  /// What its connections came to, closed ones too.
  package let counts: ConnectionCounts
  /// The addresses that it serves.
  package let listeners: [Listener]
}

/// The number of a connection, and who is at its other end.
package struct ConnectionReference: Sendable {
  /// Its number.
  package let id: Int
  /// The peer's end; nil for an unnamed socket.
  package let peer: SocketAddress?
}

extension GRPCServer {
  /// The server as it is now.
  package func snapshot() async -> ServerSnapshot {
    var counts = ConnectionCounts()
    for home in homes { counts.add(await home.onLoop { $0.counts }) }
    return ServerSnapshot(id: id, counts: counts, listeners: listenerSnapshots)
  }

  /// The `limit` connections with the lowest numbers from `first` on, in order, and whether there
  /// are no more.
  package func connections(
    from first: Int, limit: Int
  ) async -> (found: [ConnectionReference], isAll: Bool) {
    var found: [ConnectionReference] = []
    for home in homes {
      found += await home.onLoop { $0.connections(from: first, limit: limit + 1) }
    }
    found.sort { $0.id < $1.id }
    return (Array(found.prefix(limit)), found.count <= limit)
  }

  /// A connection by its number; nil when it is closed.
  package func connection(_ id: Int) async -> ConnectionSnapshot? {
    for home in homes {
      let found = await home.onLoop { home in
        home.connections.values.first { $0.id == id }?.snapshot
      }
      if let found { return found }
    }
    return nil
  }
}

extension ServerHome {
  fileprivate var counts: ConnectionCounts {
    var counts = past
    for connection in connections.values { counts.add(connection.counts) }
    return counts
  }

  fileprivate func connections(from first: Int, limit: Int) -> [ConnectionReference] {
    let found = connections.values.filter { $0.id >= first }.sorted { $0.id < $1.id }
    return found.prefix(limit).map { ConnectionReference(id: $0.id, peer: $0.socket.peer) }
  }

  fileprivate func onLoop<Answer: Sendable>(
    _ body: @escaping @Sendable (ServerHome) -> Answer
  ) async -> Answer {
    await withUnsafeContinuation { continuation in
      loop.perform { continuation.resume(returning: body(self)) }
    }
  }
}

package import APIBindings
package import GRPC
import HTTP2
import Reactor
import Synchronization

/// `grpc.channelz.v1.Channelz`: the server, its listeners and its connections, and what went over
/// them; it may be used from any thread.
///
/// A process has no channels to show: a server's calls to others belong to none of its own.
/// https://github.com/grpc/proposal/blob/master/A14-channelz.md
package final class ChannelzService: ChannelzProvider {
  /// Connections in an answer, when the client asks for any number or for more.
  private static let longestPage = 100

  private struct Subject {
    weak var server: GRPCServer?
  }

  private let subject = Mutex(Subject())
  private let name: String
  private let clock: ChannelzClock

  /// Shows a server under a name, once `show` was called.
  package init(name: String) {
    self.name = name
    clock = ChannelzClock()
  }

  /// The server to show; its routes hold this service, so it is not held.
  package func show(_ server: GRPCServer) { subject.withLock { $0.server = server } }

  private func server() throws(RPCError) -> GRPCServer {
    guard let server = subject.withLock({ $0.server }) else {
      throw RPCError(.unavailable, "the server starts or stops")
    }
    return server
  }

  private static func missing(_ kind: String, _ id: Int64) -> RPCError {
    RPCError(.notFound, "there is no \(kind) \(id)")
  }

  private func description(_ server: ServerSnapshot) -> ChannelzServer {
    ChannelzServer(
      ref: .init(serverId: Int64(server.id), name: name),
      data: ChannelzServerData(
        trace: .init(creationTimestamp: clock.start),
        callsStarted: Int64(server.counts.streamsStarted),
        callsSucceeded: Int64(server.counts.callsSucceeded),
        callsFailed: Int64(server.counts.callsFailed),
        lastCallStartedTimestamp: server.counts.lastStreamStarted.map(clock.timestamp)),
      listenSocket: server.listeners.map {
        .init(socketId: Int64($0.id), name: "\($0.address)")
      })
  }

  // MARK: Servers

  package func getServers(
    _ request: ChannelzGetServersRequest.View, _ context: ServerContext
  ) throws -> Reply<ChannelzGetServersResponse> {
    let server = try server()
    guard request.startServerId <= server.id else { return .message(.init(end: true)) }
    return .later { .init(server: [self.description(await server.snapshot())], end: true) }
  }

  package func getServer(
    _ request: ChannelzGetServerRequest.View, _ context: ServerContext
  ) throws -> Reply<ChannelzGetServerResponse> {
    let server = try server(request.serverId)
    return .later { .init(server: self.description(await server.snapshot())) }
  }

  package func getServerSockets(
    _ request: ChannelzGetServerSocketsRequest.View, _ context: ServerContext
  ) throws -> Reply<ChannelzGetServerSocketsResponse> {
    let server = try server(request.serverId)
    guard request.startSocketId >= 0, request.maxResults >= 0 else {
      let field = request.startSocketId < 0 ? "start_socket_id" : "max_results"
      throw RPCError.invalidArgument(field: field, reason: "must not be negative")
    }
    let first = Int(request.startSocketId)
    let wanted = request.maxResults == 0 ? Self.longestPage : Int(request.maxResults)
    let limit = min(wanted, Self.longestPage)
    return .later {
      let (found, isAll) = await server.connections(from: first, limit: limit)
      return ChannelzGetServerSocketsResponse(
        socketRef: found.map {
          .init(socketId: Int64($0.id), name: $0.peer.map { "\($0)" } ?? "unnamed")
        }, end: isAll)
    }
  }

  private func server(_ id: Int64) throws(RPCError) -> GRPCServer {
    let server = try server()
    guard server.id == id else { throw Self.missing("server", id) }
    return server
  }

  // MARK: Sockets

  package func getSocket(
    _ request: ChannelzGetSocketRequest.View, _ context: ServerContext
  ) throws -> Reply<ChannelzGetSocketResponse> {
    let (server, id) = (try server(), request.socketId)
    return .later {
      if let connection = await server.connection(Int(id)) {
        return .init(socket: ChannelzSocket(connection, self.clock))
      }
      let listener = await server.snapshot().listeners.first { $0.id == id }
      guard let listener else { throw Self.missing("socket", id) }
      return .init(
        socket: ChannelzSocket(
          ref: .init(socketId: id, name: "\(listener.address)"), data: .init(),
          local: .init(listener.address)))
    }
  }

  // MARK: Channels

  package func getTopChannels(
    _ request: ChannelzGetTopChannelsRequest.View, _ context: ServerContext
  ) throws -> Reply<ChannelzGetTopChannelsResponse> {
    .message(.init(end: true))
  }

  package func getChannel(
    _ request: ChannelzGetChannelRequest.View, _ context: ServerContext
  ) throws -> Reply<ChannelzGetChannelResponse> {
    throw Self.missing("channel", request.channelId)
  }

  package func getSubchannel(
    _ request: ChannelzGetSubchannelRequest.View, _ context: ServerContext
  ) throws -> Reply<ChannelzGetSubchannelResponse> {
    throw Self.missing("subchannel", request.subchannelId)
  }
}

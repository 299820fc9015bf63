import APIBindings
import GRPC
import Reactor
import Testing

@testable import GRPCServices

@Suite("channelz")
struct ChannelzTests {
  @Test("the server is shown with its calls, its listener and its connections")
  func server() async throws {
    try await withServices { channel in
      let (client, health) = (ChannelzClient(channel), HealthClient(channel))
      _ = try await health.check(.init())
      _ = try? await health.check(.init(service: "nobody"))
      let servers = try await client.getServers(.init())
      #expect(servers.end && servers.server.count == 1)
      let server = try #require(servers.server.first)
      let id = try #require(server.ref?.serverId)
      #expect(server.ref?.name == "test")
      // The call that asks has begun and has not ended.
      #expect(server.data?.callsStarted == 3)
      #expect(server.data?.callsSucceeded == 1)
      #expect(server.data?.callsFailed == 1)
      #expect(server.data?.trace?.creationTimestamp?.seconds ?? 0 > 1_700_000_000)
      #expect(server.listenSocket.count == 1)
      let listener = try #require(server.listenSocket.first)
      let listening = try await client.getSocket(.init(socketId: listener.socketId)).socket
      #expect(listening?.ref == listener && listening?.remote == nil)
      let sockets = try await client.getServerSockets(.init(serverId: id))
      #expect(sockets.end && sockets.socketRef.count == 1)
      let again = try await client.getServer(.init(serverId: id)).server
      #expect(again?.ref == server.ref)
    }
  }

  @Test("a connection is shown with its ends, messages and windows")
  func socket() async throws {
    try await withServices { channel in
      let client = ChannelzClient(channel)
      let server = try #require(try await client.getServers(.init()).server.first)
      let sockets = try await client.getServerSockets(
        .init(serverId: server.ref?.serverId ?? 0))
      let reference = try #require(sockets.socketRef.first)
      let socket = try #require(
        try await client.getSocket(.init(socketId: reference.socketId)).socket)
      #expect(socket.ref == reference)
      let data = try #require(socket.data)
      #expect(data.streamsStarted == 3 && data.streamsSucceeded == 2 && data.streamsFailed == 0)
      #expect(data.messagesReceived == 3 && data.messagesSent == 2)
      #expect(data.localFlowControlWindow?.value ?? 0 > 0)
      #expect(data.remoteFlowControlWindow?.value ?? 0 > 0)
      #expect(socket.security == nil)
      guard case .tcpipAddress(let local) = socket.local?.address,
        case .tcpipAddress(let remote) = socket.remote?.address
      else {
        Issue.record("the ends have no addresses")
        return
      }
      #expect(local.ipAddress == [127, 0, 0, 1] && remote.ipAddress == [127, 0, 0, 1])
      #expect("127.0.0.1:\(remote.port)" == reference.name)
    }
  }

  @Test("connections come in pages, in the order of their numbers")
  func pages() async throws {
    try await withServices { channel in
      let client = ChannelzClient(channel)
      let server = try #require(try await client.getServers(.init()).server.first?.ref?.serverId)
      let first = try await client.getServerSockets(.init(serverId: server, maxResults: 1))
      #expect(first.end && first.socketRef.count == 1)
      let next = (first.socketRef.first?.socketId ?? 0) + 1
      let rest = try await client.getServerSockets(.init(serverId: server, startSocketId: next))
      #expect(rest.end && rest.socketRef.isEmpty)
      let later = try await client.getServers(.init(startServerId: server + 1))
      #expect(later.end && later.server.isEmpty)
      let refused = await #expect(throws: RPCError.self) {
        _ = try await client.getServerSockets(.init(serverId: server, maxResults: -1))
      }
      #expect(refused?.detail(RPCBadRequest.self)?.fieldViolations.first?.field == "max_results")
    }
  }

  @Test("what does not exist is NOT_FOUND, and there are no channels")
  func missing() async throws {
    try await withServices { channel in
      let client = ChannelzClient(channel)
      let top = try await client.getTopChannels(.init())
      #expect(top.end && top.channel.isEmpty)
      await #expect(throws: RPCError(.notFound, "there is no channel 1")) {
        _ = try await client.getChannel(.init(channelId: 1))
      }
      await #expect(throws: RPCError(.notFound, "there is no subchannel 1")) {
        _ = try await client.getSubchannel(.init(subchannelId: 1))
      }
      for id in [-1, .max] as [Int64] {
        await #expect(throws: RPCError(.notFound, "there is no socket \(id)")) {
          _ = try await client.getSocket(.init(socketId: id))
        }
        await #expect(throws: RPCError(.notFound, "there is no server \(id)")) {
          _ = try await client.getServer(.init(serverId: id))
        }
      }
    }
  }

  @Test("times of day follow from the monotonic clock")
  func clock() {
    let clock = ChannelzClock()
    let now = MonotonicTime.now()
    let (recent, old) = (clock.timestamp(now), clock.timestamp(now.advanced(by: .seconds(-90))))
    #expect((89...91).contains(recent.seconds - old.seconds))
    #expect((0..<1_000_000_000).contains(old.nanos))
    #expect(abs(recent.seconds - clock.start.seconds) <= 1)
  }
}

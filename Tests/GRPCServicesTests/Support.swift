import APIBindings
import GRPC
import Reactor
import Testing

@testable import GRPCServices

/// A server with the standard services alone, and a channel to it, for as long as the body runs.
func withServices(
  _ services: StandardServices = StandardServices(of: "test", beside: Router()),
  interceptors: [any ServerInterceptor] = [],
  _ body: (ClientChannel) async throws -> Void
) async throws {
  var router = Router()
  services.register(in: &router)
  let group = try EventLoopGroup(count: 1)
  let loop = try EventLoop(name: "client")
  var configuration = ServerConfiguration()
  configuration.interceptors = interceptors
  let server = GRPCServer(configuration: configuration, router: router, group: group)
  services.channelz.show(server)
  let address = try server.listen(on: .parse("127.0.0.1:0"))
  let channel = ClientChannel(target: "\(address)", loop: loop)
  do {
    try await body(channel)
  } catch {
    Issue.record(error)
  }
  await channel.close()
  await server.drain(grace: .zero)
  loop.shutdown()
  group.shutdown()
}

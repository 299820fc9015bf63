import APIBindings
package import GRPC

/// The services that every gRPC server has beside its own.
package struct StandardServices: Sendable {
  /// Whether the server and its services want calls.
  package let health: HealthService
  /// What went over its connections; the server that it shows has to be named.
  package let channelz: ChannelzService
  private let reflection: ReflectionService

  /// Services of a server of this name with these routes; `maxWatchers` bounds the watches of its
  /// health.
  package init(of name: String, beside router: Router, maxWatchers: Int = 1_024) {
    let own = [
      HealthMethods.all, ServerReflectionMethods.all, ReflectionAlphaServerReflectionMethods.all,
      ChannelzMethods.all,
    ]
    var services: [String] = []
    for method in router.methods + own.joined() where services.last != method.service {
      services.append(method.service)
    }
    health = HealthService(services: services, maxWatchers: maxWatchers)
    channelz = ChannelzService(name: name)
    reflection = ReflectionService(services: services)
  }

  /// Routes their methods.
  package func register(in router: inout Router) {
    router.register(health: health)
    router.register(channelz: channelz)
    router.register(serverReflection: reflection)
    let reflection = reflection
    router.serve(
      ReflectionAlphaServerReflectionMethods.serverReflectionInfo,
      bidirectionalStreaming: { try await reflection.serverReflectionInfo($0, $1) })
  }
}

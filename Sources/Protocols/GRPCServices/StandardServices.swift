import APIBindings
package import GRPC

/// The services that every gRPC server has beside its own.
package struct StandardServices: Sendable {
  /// Whether the server and its services want calls.
  package let health: HealthService
  private let reflection: ReflectionService

  /// Services of a server with these routes; `maxWatchers` bounds the watches of its health.
  package init(beside router: Router, maxWatchers: Int = 1_024) {
    var services: [String] = []
    for method in router.methods where services.last != method.service {
      services.append(method.service)
    }
    services += [HealthMethods.all, ServerReflectionMethods.all]
      .compactMap(\.first?.service)
    services += ReflectionAlphaServerReflectionMethods.all.prefix(1).map(\.service)
    health = HealthService(services: services, maxWatchers: maxWatchers)
    reflection = ReflectionService(services: services)
  }

  /// Routes their methods.
  package func register(in router: inout Router) {
    router.register(health: health)
    router.register(serverReflection: reflection)
    let reflection = reflection
    router.serve(
      ReflectionAlphaServerReflectionMethods.serverReflectionInfo,
      bidirectionalStreaming: { try await reflection.serverReflectionInfo($0, $1) })
  }
}

import ArgumentParser
import GRPC

/// What the transport's bounds are changed by.
struct LimitOptions: ParsableArguments {
  @Option(
    name: .long,
    help: .init(
      "A bound of the transport, such as max-connections=1000; repeatable. '--limit help' lists "
        + "all of them with their defaults.", valueName: "name=value"))
  var limit: [String] = []

  /// Whether the bounds are to be listed, and nothing else done.
  var wantsHelp: Bool { limit.contains("help") }

  /// The defaults, changed by the environment, then by the flags.
  func configuration(
    _ environment: Environment
  ) throws(StartupError) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    try TransportLimits.apply(environment.list("LIMITS") ?? [], to: &configuration)
    try TransportLimits.apply(limit, to: &configuration)
    return configuration
  }
}

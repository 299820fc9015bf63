import HTTP1
package import Reactor

/// An OpenAI-compatible server that takes the time that a stated model says and writes nonsense.
///
/// Every answer carries `x-benchfront-simulated: 1`, and `/v1/models` says
/// `owned_by: "benchfront-simengine"`: agents mark what they measure here as simulated.
///
/// A request may override the model by header fields: `x-benchfront-quantization`,
/// `x-benchfront-hardware`, `x-benchfront-max-batch`, `x-benchfront-sim-ttft-ms`,
/// `x-benchfront-sim-itl-ms` and `x-benchfront-sim` (a `Misbehaviour`).
package final class SimulatedServer: Sendable {
  /// What it is told at its start.
  package struct Configuration: Sendable {
    /// Name of the model that it claims to serve.
    package var modelName = "simulated"
    /// How long things take.
    package var model = ServiceTimeModel()
    /// What every request meets unless it asks for another.
    package var misbehaviour: Misbehaviour?
    /// One request of so many misbehaves so; at least 1.
    package var misbehaviourPeriod = 1

    /// The usual settings.
    package init() {}
  }

  /// Version of its model of time, which it reports as an engine does.
  package static let version = "simengine-1"

  private let server: HTTP1Server

  /// Makes a server that lives on `group`, whose loops each form a batch of their own; `listen`
  /// starts it.
  package init(configuration: Configuration, group: EventLoopGroup) {
    let engines = group.loops.map { Batcher(loop: $0, configuration: configuration) }
    server = HTTP1Server(group: group) { exchange in
      guard let engine = engines.first(where: { $0.loop === exchange.loop }) else { return }
      engine.handle(exchange)
    }
  }

  /// Listens on an address and returns it with the port that the kernel chose.
  ///
  /// Throws `ReactorError` when the address cannot be bound.
  package func listen(on address: SocketAddress) throws(ReactorError) -> SocketAddress {
    try server.listen(on: address)
  }

  /// Stops listening and closes every connection; callable from any thread.
  package func close() { server.close() }
}

import APIBindings
import BenchmarkControlService
import BenchmarkDomain
import CatalogService
import Economics
import GRPC
package import Logging
package import Reactor
import RecommendService
import SQLiteStorage
import Storage

/// A running server: its store, its loops and its three services.
package final class Server: Sendable {
  /// The bound addresses, in the settings' order, with the ports that the kernel chose.
  package let addresses: [SocketAddress]
  /// The loops that serve.
  package let loops: EventLoopGroup
  private let store: SQLiteStore
  private let controller: BenchmarkController
  private let transport: GRPCServer
  private let grace: Duration
  private let logger: Logger

  private init(
    addresses: [SocketAddress], parts: Parts, transport: GRPCServer, grace: Duration
  ) {
    self.addresses = addresses
    self.transport = transport
    self.grace = grace
    loops = parts.loops
    store = parts.store
    controller = parts.controller
    logger = parts.logger
  }

  /// Opens the store, seeds an empty catalog, takes up the runs that were under way, and serves.
  ///
  /// Throws a sentence for people and leaves nothing behind.
  package static func start(
    _ settings: ServerSettings, logger: Logger
  ) async throws(StartupError) -> Server {
    try settings.check()
    let parts = try await Parts.open(settings, logger)
    do {
      var configuration = ServerConfiguration()
      configuration.unexpectedError = { method, error in
        logger.error(
          "a handler failed", metadata: ["method": "\(method.path)", "error": "\(error)"])
      }
      let transport = GRPCServer(
        configuration: configuration, router: parts.router, group: parts.loops)
      let addresses = try settings.listen.map { address in
        do { return try transport.listen(on: address) } catch {
          throw StartupError(.unavailable, "\(error)")
        }
      }
      return Server(
        addresses: addresses, parts: parts, transport: transport, grace: settings.drainGrace)
    } catch {
      await parts.close()
      throw error as? StartupError ?? StartupError(.unavailable, "\(error)")
    }
  }

  /// Lets open calls end within the grace period, cuts the rest, and closes the store.
  package func stop() async {
    logger.info("draining", metadata: ["grace": "\(grace)"])
    await controller.stop()
    await transport.drain(grace: grace)
    await Parts(store: store, loops: loops, controller: controller, logger: logger).close()
    logger.info("stopped")
  }
}

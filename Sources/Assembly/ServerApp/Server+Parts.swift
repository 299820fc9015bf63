import APIBindings
import BenchmarkControlService
import BenchmarkDomain
import CatalogService
import Economics
import GRPC
import GRPCServices
import Logging
import Reactor
import RecommendService
import SQLiteStorage
import Storage
import Telemetry

extension Server {
  /// What a server is made of, less its sockets.
  struct Parts {
    let store: SQLiteStore
    let loops: EventLoopGroup
    let controller: BenchmarkController
    let checkpointing: Checkpointing
    let registry: MetricRegistry
    let storeMetrics: StoreMetrics
    let logger: Logger
  }
}

extension Server.Parts {
  /// Opens what a server needs; leaves nothing open when it throws.
  static func open(
    _ settings: ServerSettings, _ logger: Logger
  ) async throws(StartupError) -> Server.Parts {
    let store: SQLiteStore
    do { store = try SQLiteStore(folder: settings.dataFolder) } catch {
      throw StartupError(storage: error, folder: settings.dataFolder)
    }
    do {
      try await Self.seed(store, logger)
      let loops = try EventLoopGroup(count: settings.loopCount)
      let registry = MetricRegistry()
      let controller = BenchmarkController(
        catalog: store, runs: store,
        settings: ControlSettings(leaseDuration: settings.leaseDuration),
        version: Product.version,
        clock: SQLiteStore.systemClock, metrics: ControlMetrics(registry)
      ) { message in
        logger.info("\(message)")
      }
      await controller.start()
      let checkpointing = Checkpointing()
      checkpointing.start(logger) { try await store.checkpoint() }
      let storeMetrics = StoreMetrics(registry)
      registry.observed("benchfront_store_queue_writes", help: "Writes that wait for the store.") {
        [.init(Double(store.waitingWriteCount))]
      }
      // Nobody else looks at them.
      if !settings.metricsListen.isEmpty { storeMetrics.start { try await store.counts() } }
      return Server.Parts(
        store: store, loops: loops, controller: controller, checkpointing: checkpointing,
        registry: registry, storeMetrics: storeMetrics, logger: logger)
    } catch {
      // The first error is the one to tell.
      try? store.close()
      throw StartupError(storage: error, folder: settings.dataFolder)
    }
  }

  /// Every method of the three services and of gRPC's own, and those.
  var routes: (Router, StandardServices) {
    var router = Router()
    let recommend = RecommendEndpoint(catalog: store, metrics: RankingMetrics(registry))
    router.register(
      catalog: CatalogEndpoint(
        catalog: store, runs: store, dataChanged: { recommend.invalidate() }))
    router.register(recommend: recommend)
    router.register(benchmarkControl: controller)
    let standard = StandardServices(of: "benchfront-server", beside: router)
    standard.register(in: &router)
    return (router, standard)
  }

  /// Ends the background work, the loops and the store; to be called off the loops.
  func close() async {
    await controller.stop()
    await checkpointing.stop()
    await storeMetrics.stop()
    loops.shutdown()
    do { try store.close() } catch {
      logger.error("the store did not close", metadata: ["error": "\(error)"])
    }
  }

  /// Gives an empty catalog its first models, hardware, engines and prices, in one transaction.
  private static func seed(_ store: SQLiteStore, _ logger: Logger) async throws {
    let known = try await store.hardware(page: PageRequest(size: 1))
    guard known.items.isEmpty else { return }
    let bundle = ImportBundle(
      models: SeedCatalog.models, hardware: SeedCatalog.hardware, engines: SeedCatalog.engines,
      prices: SeedPrices.entries, results: [])
    _ = try await store.store(bundle)
    logger.info(
      "seeded an empty catalog",
      metadata: [
        "models": "\(bundle.models.count)", "hardware": "\(bundle.hardware.count)",
        "engines": "\(bundle.engines.count)", "prices": "\(bundle.prices.count)",
      ])
  }
}

extension StartupError {
  init(storage error: any Error, folder: String) {
    switch error {
    case let error as StartupError: self = error
    case let error as StorageError:
      self.init(.unavailable, "the data folder '\(folder)' cannot be used: \(error.message)")
    default: self.init(.unavailable, "the server cannot start: \(error)")
    }
  }
}

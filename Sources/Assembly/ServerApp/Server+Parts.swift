import APIBindings
import BenchmarkControlService
import BenchmarkDomain
import CatalogService
import Economics
import GRPC
import GRPCServices
import Logging
import PostgresStorage
import Reactor
import RecommendService
import SQLiteStorage
import Storage
import Telemetry

extension Server {
  /// What a server is made of, less its sockets.
  struct Parts {
    let store: ServerStore
    let shared: SharedState?
    let loops: EventLoopGroup
    let controller: BenchmarkController
    let recommend: RecommendEndpoint
    let follower: ReplicaFollower
    let checkpointing: Checkpointing
    let audit: AuditTrail
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
    let loops: EventLoopGroup
    do { loops = try EventLoopGroup(count: settings.loopCount) } catch {
      throw StartupError(.unavailable, error.message)
    }
    let store: ServerStore
    do throws(StartupError) { store = try await ServerStore.open(settings, loops) } catch {
      loops.shutdown()
      throw error
    }
    do {
      try await Self.seed(store.catalog, logger)
    } catch {
      // The first error is the one to tell.
      try? await store.close()
      loops.shutdown()
      throw StartupError(storage: error, of: "what is stored")
    }
    let parts = Server.Parts(settings, store, loops, logger)
    await parts.start(settings)
    return parts
  }

  private init(
    _ settings: ServerSettings, _ store: ServerStore, _ loops: EventLoopGroup, _ logger: Logger
  ) {
    let shared = settings.redis.map { SharedState($0, loops) }
    let registry = MetricRegistry()
    let audit = AuditTrail(store.audit, registry, logger)
    let controller = BenchmarkController(
      catalog: store.catalog, runs: store.runs,
      settings: ControlSettings(leaseDuration: settings.leaseDuration), version: Product.version,
      clock: SQLiteStore.systemClock, metrics: ControlMetrics(registry),
      relay: { shared?.signals.publish(RunSignal(runID: $0, commitNumber: 0)) },
      agentGot: { caller, subject in
        audit.add(
          AuditedCall(
            by: caller, method: BenchmarkControlMethods.agentSession, subject: subject, code: .ok))
      },
      log: { logger.info("\($0)") })
    let recommend = RecommendEndpoint(
      catalog: store.catalog, metrics: RankingMetrics(registry), shared: shared?.answers)
    self.init(
      store: store, shared: shared, loops: loops, controller: controller, recommend: recommend,
      follower: ReplicaFollower(controller, dataMoved: { recommend.invalidate() }),
      checkpointing: Checkpointing(), audit: audit, registry: registry,
      storeMetrics: StoreMetrics(registry, logger), logger: logger)
  }

  /// Begins the background work.
  private func start(_ settings: ServerSettings) async {
    await shared?.start(registry)
    audit.start()
    await controller.start()
    switch store {
    case .sqlite(let store):
      checkpointing.start(logger) { try await store.checkpoint() }
      registry.observed("benchfront_store_queue_writes", help: "Writes that wait for the store.") {
        [.init(Double(store.waitingWriteCount))]
      }
    case .postgres(let store): await follower.follow(store.changes())
    }
    if let signals = shared?.signals { await follower.follow(signals) }
    // Nobody else looks at them.
    guard !settings.metricsListen.isEmpty else { return }
    if case .postgres(let store) = store { storeMetrics.showPools { await store.poolStatus() } }
    let runs = store.runs
    storeMetrics.start { try await runs.counts() }
  }

  /// Every method of the three services and of gRPC's own, and those.
  var routes: (Router, StandardServices) {
    var router = Router()
    let recommend = recommend
    router.register(
      catalog: CatalogEndpoint(
        catalog: store.catalog, runs: store.runs, audit: store.audit,
        dataChanged: { recommend.invalidate() }))
    router.register(recommend: recommend)
    router.register(benchmarkControl: controller)
    let standard = StandardServices(of: "benchfront-server", beside: router)
    standard.register(in: &router)
    return (router, standard)
  }

  /// Ends the background work, the loops and the store; to be called off the loops.
  func close() async {
    await follower.stop()
    await controller.stop()
    await checkpointing.stop()
    await storeMetrics.stop()
    await shared?.stop()
    await audit.stop()
    do { try await store.close() } catch {
      logger.error("the store did not close", metadata: ["error": "\(error)"])
    }
    loops.shutdown()
  }

  /// Gives an empty catalog its first models, hardware, engines and prices, in one transaction.
  private static func seed(_ store: any CatalogStore, _ logger: Logger) async throws {
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

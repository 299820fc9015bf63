import APIBindings
import BenchmarkControlService
import BenchmarkDomain
import CatalogService
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
    let storeWatch = OutageWatch()
    let upkeepWatch = OutageWatch()
    /// Where the control plane says what an operator should know.
    let notes: RepeatGate
    let logger: Logger
  }
}

extension Server.Parts {
  /// Opens what a server needs, and begins its background work; leaves nothing open when it throws,
  /// and the probes as they are.
  static func open(
    _ settings: ServerSettings, _ probes: Probes, _ logger: Logger
  ) async throws(StartupError) -> Server.Parts {
    let opening = StoreOpening(settings: settings, probes: probes, logger: logger)
    let parts = Server.Parts(settings, try await opening.open(), probes, logger)
    await parts.start(settings, probes)
    return parts
  }

  private init(
    _ settings: ServerSettings, _ store: ServerStore, _ probes: Probes, _ logger: Logger
  ) {
    let (loops, registry) = (probes.loops, probes.registry)
    let shared = settings.redis.map { SharedState($0, loops) }
    let audit = AuditTrail(store.audit, registry, logger)
    let notes = RepeatGate(logger)
    let recommend = RecommendEndpoint(
      catalog: store.catalog, metrics: RankingMetrics(registry), shared: shared?.answers)
    let controller = BenchmarkController(
      catalog: store.catalog, runs: store.runs,
      settings: ControlSettings(leaseDuration: settings.leaseDuration), version: Product.version,
      clock: SQLiteStore.systemClock, metrics: ControlMetrics(registry),
      relay: { shared?.signals.publish(RunSignal(runID: $0, commitNumber: 0)) },
      writing: { phase, modelID in
        switch phase {
        case .begins: recommend.beginWrite(of: modelID)
        case .ends: recommend.endWrite(of: modelID)
        }
      },
      agentGot: { caller, subject in
        audit.add(
          AuditedCall(
            by: caller, method: BenchmarkControlMethods.agentSession, subject: subject, code: .ok))
      },
      log: { notes.note($0) })
    self.init(
      store: store, shared: shared, loops: loops, controller: controller, recommend: recommend,
      follower: ReplicaFollower(controller, dataMoved: { recommend.noteChange() }),
      checkpointing: Checkpointing(), audit: audit, registry: registry,
      storeMetrics: StoreMetrics(registry), notes: notes, logger: logger)
  }

  /// Begins the background work.
  private func start(_ settings: ServerSettings, _ probes: Probes) async {
    await shared?.start(registry, logger)
    audit.start()
    await controller.start()
    let watched = store.watched
    storeWatch.start(OutageLog("the store", logger)) {
      await watched.look()
    } tell: { [controller] outage in
      probes.gauges.show(outage)
      probes.readiness.show(outage)
      controller.noteStore(fails: outage.map { !$0.isPartial } ?? false)
    }
    switch store {
    case .sqlite(let store):
      checkpointing.start(logger) { try await store.checkpoint() }
      registry.observed("benchfront_store_queue_writes", help: "Writes that wait for the store.") {
        [.init(Double(store.waitingWriteCount))]
      }
      watchUpkeep { store.upkeepFailure }
    case .postgres(let store):
      await follower.follow(store.changes())
      watchUpkeep { store.upkeepFailure }
    }
    if let signals = shared?.signals { await follower.follow(signals) }
    // Nobody else looks at them.
    guard !settings.metricsListen.isEmpty else { return }
    if case .postgres(let store) = store { storeMetrics.showPools { await store.poolStatus() } }
    let runs = store.runs
    storeMetrics.start { try await runs.counts() }
  }

  /// Says when partitions cannot be made ahead, or what is old cannot be dropped, which nobody else
  /// notices for weeks.
  private func watchUpkeep(_ failure: @escaping @Sendable () -> StorageError?) {
    registry.observed(
      "benchfront_store_upkeep_failing",
      help: "1 when partitions of samples could not be made, or old samples dropped, last."
    ) {
      [.init(failure() == nil ? 0 : 1)]
    }
    upkeepWatch.start(OutageLog("the upkeep of stored samples", logger, .warning)) {
      failure().map { StoreOutage($0.cause ?? .failing, $0.message) }
    }
  }

  /// Every method of the three services and of gRPC's own, and those.
  var routes: (Router, StandardServices) {
    var router = Router()
    let recommend = recommend
    router.register(
      catalog: CatalogEndpoint(
        catalog: store.catalog, runs: store.runs, audit: store.audit,
        dataChanged: { recommend.invalidate($0) }))
    router.register(recommend: recommend)
    router.register(benchmarkControl: controller)
    let standard = StandardServices(of: "benchfront-server", beside: router)
    standard.register(in: &router)
    return (router, standard)
  }

  /// Looks at the store no more; what waits for a store that hangs says nothing of it from now on.
  func stopWatching() async {
    notes.close()
    async let metrics: Void = storeMetrics.stop()
    async let watch: Void = storeWatch.stop()
    async let upkeep: Void = upkeepWatch.stop()
    _ = await (metrics, watch, upkeep)
  }

  /// Ends the background work and the store; to be called off the loops, which have to run still.
  func close() async {
    await stopWatching()
    await follower.stop()
    await controller.stop()
    await checkpointing.stop()
    await shared?.stop()
    await audit.stop()
    do { try await store.close() } catch {
      logger.error("the store did not close", metadata: ["error": "\(error)"])
    }
  }
}

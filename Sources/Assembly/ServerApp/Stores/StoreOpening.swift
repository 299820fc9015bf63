import BenchmarkDomain
import Economics
import Logging
import PostgresStorage
import Reactor
import Storage

/// Opens a server's store, and waits for a database that is not there yet.
struct StoreOpening {
  /// First and longest pause between two attempts.
  static let pauses: ClosedRange<Duration> = .milliseconds(250) ... .seconds(2)

  let settings: ServerSettings
  let probes: Probes
  let logger: Logger

  /// Opens what the settings name, brought to this version and with its first catalog; again and
  /// again while a database cannot be used, within the time that the settings give it.
  ///
  /// - Throws: a sentence for people: what will not mend itself, such as a schema that is newer,
  ///   is told at once.
  func open() async throws(StartupError) -> ServerStore {
    let begin = MonotonicTime.now()
    var backoff = Backoff(Self.pauses)
    var log = OutageLog("the database", logger, .warning)
    var waits = false
    while true {
      do {
        let store = try await opened()
        log.looked(nil, at: .now())
        return store
      } catch {
        guard let outage = outage(of: error), !Task.isCancelled, isWorthWaiting(since: begin) else {
          throw StartupError(storage: error, of: place)
        }
        log.looked(outage, at: .now())
        if !waits { tellThatItWaits() }
        waits = true
        probes.gauges.show(outage)
        probes.readiness.show(outage)
      }
      // Who is told to stop waits no longer: the next attempt ends at once.
      try? await Task.sleep(for: backoff.next())
    }
  }

  private func tellThatItWaits() {
    let limit = settings.databaseWait.map { "\($0.components.seconds) s at most" }
    logger.notice(
      "waiting for the database, and serving nothing else than probes meanwhile",
      metadata: ["database_wait": "\(limit ?? "until it can be used")"])
  }

  private var place: String {
    settings.postgres == nil ? "the data folder '\(settings.dataFolder)'" : "the database"
  }

  private func isWorthWaiting(since begin: MonotonicTime) -> Bool {
    guard let limit = settings.databaseWait else { return true }
    return MonotonicTime.now().duration(since: begin) < limit
  }

  /// What keeps a database from being used for now; nil for what waiting does not mend.
  private func outage(of error: any Error) -> StoreOutage? {
    guard settings.postgres != nil, let error = error as? StorageError,
      error.code == .unavailable || error.code == .full || error.code == .conflict
    else { return nil }
    return StoreOutage(error.cause ?? .failing, error.message)
  }

  private func opened() async throws -> ServerStore {
    let store = try await ServerStore.open(settings, probes.loops)
    do { try await seed(store.catalog) } catch {
      // The first error is the one to tell.
      try? await store.close()
      throw error
    }
    return store
  }

  /// Gives an empty catalog its first models, hardware, engines and prices, in one transaction; of
  /// several servers that do so at once, one has done it.
  private func seed(_ store: any CatalogStore) async throws {
    let known = try await store.hardware(page: PageRequest(size: 1))
    guard known.items.isEmpty else { return }
    let bundle = ImportBundle(
      models: SeedCatalog.models, hardware: SeedCatalog.hardware, engines: SeedCatalog.engines,
      prices: SeedPrices.entries, results: [])
    guard try await store.store(bundle).newHardwareCount > 0 else { return }
    logger.info(
      "seeded an empty catalog",
      metadata: [
        "models": "\(bundle.models.count)", "hardware": "\(bundle.hardware.count)",
        "engines": "\(bundle.engines.count)", "prices": "\(bundle.prices.count)",
      ])
  }
}

package import BenchmarkDomain
package import Storage
import Telemetry

/// What the sessions of a process share.
package struct ControlPlane: Sendable {
  /// Runs, batches and samples.
  package let runs: any RunStore
  /// Models and hardware.
  package let catalog: any CatalogStore
  /// Bounds and periods.
  package let settings: ControlSettings
  /// The wall clock.
  package let clock: @Sendable () -> WallTime
  /// Makes a UUID version 7.
  package let makeID: @Sendable () -> String
  /// What it does, in numbers.
  package let metrics: ControlMetrics
  /// Wakes watchers and idle agents.
  package let signals: RunSignals
  /// Commits samples.
  package let ingest: SampleIngest
  /// Bounds the samples in memory.
  let room: SampleRoom
  /// Writes results.
  package let results: ResultWriter
  /// Hands out batches.
  package let desk: LeaseDesk
  /// Walks over matrices.
  package let planning: PlannerThreads

  /// Builds the plane on a store; `metrics` count what it does, `relay` hears of each run that
  /// something was done to, `writing` of the writes of each model's results, `log` what an operator
  /// should know.
  package init(
    runs: any RunStore, catalog: any CatalogStore, settings: ControlSettings, version: String,
    clock: @escaping @Sendable () -> WallTime, makeID: @escaping @Sendable () -> String,
    metrics: ControlMetrics = ControlMetrics(MetricRegistry()),
    relay: @escaping @Sendable (String) -> Void = { _ in },
    writing: @escaping @Sendable (WritePhase, _ modelID: String) -> Void = { _, _ in },
    log: @escaping @Sendable (String) -> Void
  ) {
    self.metrics = metrics
    self.runs = runs
    self.catalog = catalog
    self.settings = settings
    self.clock = clock
    self.makeID = makeID
    signals = RunSignals(relay: relay)
    ingest = SampleIngest(store: runs, settings: settings, metrics: metrics, log: log)
    room = SampleRoom(limit: settings.sampleRoomBytes, gauge: metrics.waitingBytes)
    results = ResultWriter(
      runs: runs, catalog: catalog, signals: signals, toolVersion: version, writing: writing)
    desk = LeaseDesk(
      runs: runs, catalog: catalog, signals: signals, settings: settings, log: log)
    planning = PlannerThreads(
      limit: settings.planningLimit, queueLimit: settings.planningQueueLimit)
  }
}

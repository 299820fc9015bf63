import Logging
import Reactor
import RedisCache
import RedisClient
import Storage
import Synchronization
import Telemetry

/// What the servers of one database share beside it; it may be lost at any time.
struct SharedState: Sendable {
  let answers: RedisAnswerCache
  let signals: RedisRunSignals
  private let watch = OutageWatch()
  private let isAway = AwayFlag()

  /// Nothing is connected before `start`.
  init(_ url: RedisURL, _ loops: EventLoopGroup) {
    let configuration = RedisConfiguration(url)
    answers = RedisAnswerCache(configuration, loop: loops.next())
    signals = RedisRunSignals(configuration, loop: loops.next())
  }

  /// Begins to connect; Redis need not be there.
  func start(_ registry: MetricRegistry, _ logger: Logger) async {
    show(in: registry)
    await answers.start()
    let (answers, isAway) = (answers, isAway)
    watch.start(OutageLog("Redis", logger, .warning)) {
      await answers.look()
    } tell: {
      isAway.set($0 != nil)
    }
  }

  func stop() async {
    await watch.stop()
    await signals.stop()
    await answers.stop()
  }

  private func show(in registry: MetricRegistry) {
    let (answers, isAway) = (answers, isAway)
    registry.observedCounter(
      "benchfront_shared_cache_calls_total",
      help: "Look-ups and stores of answers in Redis, by what became of them.", labels: ["outcome"]
    ) {
      let counters = answers.counters
      return [
        ("hit", counters.hits), ("miss", counters.misses), ("stored", counters.stores),
        ("error", counters.errors), ("refused", counters.refused),
        ("oversized", counters.oversized), ("expired_wait", counters.expiredWaits),
      ].map { .init(Double($0.1), labels: [$0.0]) }
    }
    registry.observed(
      "benchfront_shared_cache_available",
      help: "1 while Redis takes calls, 0 while it cannot be reached or fails."
    ) {
      [.init(answers.counters.state == .closed && !isAway.value ? 1 : 0)]
    }
  }
}

/// Whether the last look at Redis found something wrong.
private final class AwayFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  var value: Bool { flag.load(ordering: .relaxed) }

  func set(_ value: Bool) { flag.store(value, ordering: .relaxed) }
}

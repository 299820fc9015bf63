import Reactor
import RedisCache
import RedisClient
import Telemetry

/// What the servers of one database share beside it; it may be lost at any time.
struct SharedState: Sendable {
  let answers: RedisAnswerCache
  let signals: RedisRunSignals

  /// Nothing is connected before `start`.
  init(_ url: RedisURL, _ loops: EventLoopGroup) {
    let configuration = RedisConfiguration(url)
    answers = RedisAnswerCache(configuration, loop: loops.next())
    signals = RedisRunSignals(configuration, loop: loops.next())
  }

  /// Begins to connect; Redis need not be there.
  func start(_ registry: MetricRegistry) async {
    show(in: registry)
    await answers.start()
  }

  func stop() async {
    await signals.stop()
    await answers.stop()
  }

  private func show(in registry: MetricRegistry) {
    let answers = answers
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
      help: "1 while calls go to Redis, 0 while its circuit breaker keeps them away."
    ) {
      [.init(answers.counters.state == .closed ? 1 : 0)]
    }
  }
}

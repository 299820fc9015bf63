package import RedisClient

/// What a shared cache has seen since its start.
package struct RedisCacheCounters: Sendable, Hashable {
  /// Answers found.
  package var hits = 0
  /// Look-ups of answers that were not there.
  package var misses = 0
  /// Calls that failed, took too long, or found something that is not ours.
  package var errors = 0
  /// Calls that were not made, because the circuit breaker was open.
  package var refused = 0
  /// Answers stored.
  package var stores = 0
  /// Answers too large to be stored.
  package var oversized = 0
  /// Waits for another replica that were given up.
  package var expiredWaits = 0
  /// What the circuit breaker does with callers now.
  package var state = CircuitBreaker.State.closed
  /// How often the circuit breaker has opened.
  package var openings = 0

  /// Nothing seen.
  package init() {}
}

import Reactor

/// Holds a channel to a rate of calls; more fail with RESOURCE_EXHAUSTED and the time to wait,
/// without leaving the process.
package final class ClientRateLimitInterceptor: ClientInterceptor {
  private let rate: Double
  private let now: @Sendable () -> UInt64
  private let bucket: Locked<TokenBucket>

  /// Allows `rate` calls a second with bursts of `burst`.
  package init(
    rate: Double, burst: Int,
    now: @escaping @Sendable () -> UInt64 = { MonotonicTime.now().nanoseconds }
  ) {
    (self.rate, self.now) = (rate, now)
    bucket = Locked(TokenBucket(rate: rate, burst: burst))
  }

  package func callBegins(_ call: ClientCallInfo) throws(RPCError) {
    let now = now()
    guard let wait = bucket.withLock({ $0.take(at: now) }) else { return }
    throw RPCError(
      .resourceExhausted, "this client makes at most \(rate.formattedRate) calls a second",
      retryAfter: .nanoseconds(Int64(clamping: wait)))
  }
}

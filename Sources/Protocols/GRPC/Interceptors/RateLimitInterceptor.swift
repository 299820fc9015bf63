import Reactor

/// Holds each caller to a rate of calls; more are RESOURCE_EXHAUSTED, with the time to wait as
/// `grpc-retry-pushback-ms`.
package final class RateLimitInterceptor: ServerInterceptor {
  private let rate: Double
  private let burst: Int
  private let capacity: Int
  private let now: @Sendable () -> UInt64
  private let refusing: @Sendable (RPCError) -> RPCError
  private let buckets = Locked<[String: TokenBucket]>([:])

  /// Allows `rate` calls a second with bursts of `burst` to each caller; at most `capacity` callers
  /// are told apart, and who comes when all places are taken is held to one common rate. `refusing`
  /// may add details to a refusal.
  package init(
    rate: Double, burst: Int, capacity: Int = 16_384,
    now: @escaping @Sendable () -> UInt64 = { MonotonicTime.now().nanoseconds },
    refusing: @escaping @Sendable (RPCError) -> RPCError = { $0 }
  ) {
    (self.rate, self.burst, self.capacity, self.now) = (rate, burst, capacity, now)
    self.refusing = refusing
  }

  package var hearsOfEnds: Bool { false }

  package func callBegan(_ context: ServerContext) throws(RPCError) {
    guard let wait = take(Self.caller(context), at: now()) else { return }
    throw refusing(
      RPCError(
        .resourceExhausted, "more than \(rate.formattedRate) calls a second come from one address",
        retryAfter: .nanoseconds(Int64(clamping: wait))))
  }

  /// A caller is known by its address without the port.
  private static func caller(_ context: ServerContext) -> String {
    switch context.peer {
    case .ipv4(let bytes, _): "4" + bytes.map(String.init).joined(separator: ".")
    // One network of a provider's customer has 2^64 addresses.
    case .ipv6(let bytes, _, _): "6" + bytes.prefix(8).map(String.init).joined(separator: ".")
    case .unix, nil: "local"
    }
  }

  private func take(_ caller: String, at now: UInt64) -> UInt64? {
    buckets.withLock { buckets in
      if buckets[caller] == nil, buckets.count >= capacity {
        buckets = buckets.filter { !$0.value.isFull(at: now) }
      }
      let isKnown = buckets[caller] != nil || buckets.count < capacity
      let key = isKnown ? caller : "others"
      return buckets[key, default: TokenBucket(rate: rate, burst: burst)].take(at: now)
    }
  }
}

extension Double {
  /// "5", "0.1".
  var formattedRate: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}

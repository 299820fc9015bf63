/// Why a store, or a cache, does not do its part; the raw values name it in metrics.
package enum OutageCause: String, Sendable, Hashable, CaseIterable {
  /// It cannot be reached, or says nothing.
  case unreachable
  /// It does not take this server's credentials, or does not let it do what it must.
  case refused
  /// It reads and does not write.
  case readOnly = "read_only"
  /// It has no room for more.
  case full
  /// It gives no further connections.
  case tooManyConnections = "too_many_connections"
  /// It is too slow: every connection is taken for longer than calls wait, or statements run into
  /// the limit of their time.
  case overloaded
  /// It does not have the tables of this version.
  case wrongSchema = "wrong_schema"
  /// It fails for another reason, such as a disk that does.
  case failing
}

/// What a look at a store found wrong with it.
package struct StoreOutage: Error, Sendable, Hashable {
  /// What kind.
  package var cause: OutageCause
  /// One sentence for those who run the server: it may name addresses and files, never a
  /// credential.
  package var reason: String
  /// Whether calls are answered still, as long as what they need is there already.
  package var isPartial: Bool

  /// Makes one.
  package init(_ cause: OutageCause, _ reason: String, isPartial: Bool = false) {
    (self.cause, self.reason, self.isPartial) = (cause, reason, isPartial)
  }
}

/// A store that can be looked at by those who watch over the server.
package protocol WatchedStore: Sendable {
  /// Finds out within some seconds whether the store answers, and whether it takes writes where
  /// the last look or a write since then had reason to doubt it; nil when all is well.
  func look() async -> StoreOutage?
}

/// Remembers that writing failed, until a trial has shown that it works again. What succeeds
/// meanwhile shows nothing: on a full disk a row can often be changed where none can be added.
package struct WriteTrouble: Sendable {
  /// How long no write has to have failed before a trial counts; longer than writers pause.
  package static let quietTime = Duration.seconds(3)

  private var outage: StoreOutage?
  private var last: ContinuousClock.Instant?

  /// Nothing has failed.
  package init() {}

  /// A write failed, for a reason that others would meet too; one that says no more than that
  /// leaves a reason that is known.
  package mutating func failed(_ outage: StoreOutage, at now: ContinuousClock.Instant) {
    if outage.cause != .failing || self.outage == nil { self.outage = outage }
    last = now
  }

  /// What to tell, and whether it is time to try.
  package func state(
    at now: ContinuousClock.Instant
  ) -> (outage: StoreOutage?, wantsTrial: Bool) {
    guard let outage, let last else { return (nil, false) }
    return (outage, now - last >= Self.quietTime)
  }

  /// A trial that began at `begin` went well: unless a write has failed since, all is well.
  package mutating func wentWell(begun begin: ContinuousClock.Instant) {
    if let last, last < begin { (outage, self.last) = (nil, nil) }
  }
}

/// Keeps leases from expiring while the store fails: agents cannot renew them then, and have a
/// lease's time to do so once it is back.
struct OutageWatch {
  /// What to do behind a look at the store.
  enum Next: Equatable {
    /// Take expired leases back.
    case sweep
    /// The store is back: give agents the time of a lease.
    case waitForAgents
    /// It fails still.
    case lookAgain
  }

  private let leaseDuration: Duration
  private var wasAway = false

  init(leaseDuration: Duration) { self.leaseDuration = leaseDuration }

  /// Judges a look. A store that takes half a lease to answer has kept agents waiting as long.
  mutating func looked(hasAnswered: Bool, took duration: Duration) -> Next {
    guard hasAnswered, duration < leaseDuration / 2 else {
      wasAway = true
      return .lookAgain
    }
    defer { wasAway = false }
    return wasAway ? .waitForAgents : .sweep
  }
}

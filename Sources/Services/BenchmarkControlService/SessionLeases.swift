import BenchmarkDomain

/// The leases of one session's agent, and the segments that it announced under each. Pure.
struct SessionLeases {
  private struct Announcement: Hashable {
    let executionID: String
    let segment: UInt32
  }

  private var announced: [Fence: Set<Announcement>] = [:]

  /// Every lease.
  var fences: [Fence] { Array(announced.keys) }

  /// Segments that were announced, of all leases together.
  var announcedCount: Int { announced.values.reduce(0) { $0 + $1.count } }

  /// True while the agent has the lease, as far as this session knows.
  func contains(_ fence: Fence) -> Bool { announced[fence] != nil }

  /// Adds a lease; one that is there stays as it is.
  mutating func insert(_ fence: Fence) {
    if announced[fence] == nil { announced[fence] = [] }
  }

  /// Forgets a lease and what was announced under it.
  mutating func remove(_ fence: Fence) { announced[fence] = nil }

  /// Remembers a segment under a lease that the agent has.
  mutating func announce(_ segment: UInt32, of executionID: String, under fence: Fence) {
    announced[fence]?.insert(Announcement(executionID: executionID, segment: segment))
  }

  /// True when the segment was announced under the lease.
  func isAnnounced(_ segment: UInt32, of executionID: String, under fence: Fence) -> Bool {
    announced[fence]?.contains(Announcement(executionID: executionID, segment: segment)) == true
  }
}

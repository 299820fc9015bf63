/// Bounds and periods of the control plane; each has a safe default.
package struct ControlSettings: Sendable {
  /// Time after an agent's last message at which its lease ends.
  package var leaseDuration: Duration = .seconds(30)
  /// How often an agent should say something.
  package var heartbeatInterval: Duration = .seconds(5)
  /// Samples that an agent may send and not have acknowledged.
  package var sampleCredit: UInt32 = 4_096
  /// Messages that may wait for an agent to read them; twice what its credit makes.
  package var outboxLimit: Int = 8_192
  /// Segments that an agent may announce in a session under leases that it has.
  package var announcedSegmentLimit: Int = 10_000
  /// How soon an agent without work asks again.
  package var retryWorkAfter: Duration = .seconds(5)
  /// How often expired leases are looked for.
  package var sweepInterval: Duration = .seconds(2)
  /// Sample messages that share one transaction at most.
  package var commitGroupLimit: Int = 1_024
  /// Bytes of samples that share one transaction at most.
  package var commitGroupBytes: Int = 8_388_608
  /// Bytes of samples that are worth a transaction of their own beside one that is under way.
  package var commitBesideBytes: Int = 1_048_576
  /// Bytes of samples in memory that are not committed, of all agents together; then agents wait.
  package var sampleRoomBytes: Int = 67_108_864
  /// Shortest and longest pause before a failed commit is tried again.
  package var commitRetry: ClosedRange<Duration> = .milliseconds(100)...(.seconds(2))
  /// Configurations that a run may have.
  package var maximumConfigurations: Int = 1_000_000
  /// Matrices that are walked over at a time.
  package var planningLimit: Int = 2
  /// Matrices that may wait to be walked over.
  package var planningQueueLimit: Int = 16
  /// How often a watcher looks into the store when nothing wakes it.
  package var watchPollInterval: Duration = .seconds(1)
  /// Commits that a watcher reads at once.
  package var watchPageLimit: Int = 512

  /// Makes the defaults.
  package init() {}

  /// Makes settings around a lease duration: an agent speaks six times in it, and an expired lease
  /// is found within half of it.
  package init(leaseDuration: Duration) {
    self.leaseDuration = leaseDuration
    heartbeatInterval = min(heartbeatInterval, leaseDuration / 6)
    sweepInterval = min(sweepInterval, leaseDuration / 2)
  }
}

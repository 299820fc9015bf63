/// One stretch of an execution on one agent's monotonic clock.
package struct Segment: Sendable, Hashable {
  /// The execution's id.
  package var executionID: String
  /// Number, from 0.
  package var number: UInt32
  /// Agent that measured.
  package var agentID: String
  /// Wall clock at its nanosecond 0, as the agent says.
  package var wallClockAnchor: WallTime

  /// Makes a segment.
  package init(executionID: String, number: UInt32, agentID: String, wallClockAnchor: WallTime) {
    self.executionID = executionID
    self.number = number
    self.agentID = agentID
    self.wallClockAnchor = wallClockAnchor
  }
}

/// Names a lease: every write under it carries the token, and a superseded one is refused.
package struct Fence: Sendable, Hashable {
  /// The batch's id.
  package var batchID: String
  /// The lease's token.
  package var token: Int64

  /// Makes a fence.
  package init(batchID: String, token: Int64) {
    self.batchID = batchID
    self.token = token
  }
}

/// One thing that happened to a run, under one commit number.
package struct RunCommit: Sendable, Hashable {
  /// What happened.
  package enum Event: Sendable, Hashable {
    /// Samples of one execution were committed.
    case samples(executionID: String, configurationID: ConfigurationID, [RequestSample])
    /// An execution's state changed; `agentID` has it.
    case execution(
      id: String, configuration: Configuration, state: ExecutionState, failure: String,
      agentID: String)
    /// The run or a batch of it changed; the run after it.
    case run(Run)
  }

  /// The run's commit number, from 1, without gaps.
  package var number: Int64
  /// When it was committed, by the store's clock.
  package var committedAt: WallTime
  /// What happened.
  package var event: Event

  /// Makes a commit.
  package init(number: Int64, committedAt: WallTime, event: Event) {
    self.number = number
    self.committedAt = committedAt
    self.event = event
  }
}

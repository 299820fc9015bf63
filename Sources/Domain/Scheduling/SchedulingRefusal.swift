/// Why a rule does not allow a transition; nothing changes.
package enum SchedulingRefusal: Error, Sendable, Equatable {
  /// The batch is not waiting: another agent was first.
  case batchNotPending
  /// The run has ended or was cancelled.
  case runEnded
  /// The batch holds no such execution.
  case unknownExecution(String)
  /// The execution has ended already.
  case executionEnded(String)
  /// A segment number that was used before.
  case segmentUsed(UInt32)
  /// A segment number that was used before, with another engine or other weights.
  case engineChanged(String)
  /// Requests are missing that the result would need.
  case requestsMissing(Int)
  /// The agent's inventory does not fit the batch.
  case unfitAgent
}

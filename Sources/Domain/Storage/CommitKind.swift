/// What kind of event a row of the commit log holds; the numbers are stored and never change.
package enum CommitKind: UInt8, Sendable {
  /// Samples of an execution were committed.
  case samples = 1
  /// An execution's state changed.
  case execution
  /// A run or a batch of it changed.
  case run
}

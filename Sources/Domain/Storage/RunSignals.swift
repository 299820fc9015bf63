/// Says that a run has new commits; whoever cares reads them from the store.
package struct RunSignal: Sendable, Hashable {
  /// The run's id.
  package var runID: String
  /// Its newest commit number, as far as the sender knows; 0 when it does not.
  package var commitNumber: Int64

  /// Makes a signal.
  package init(runID: String, commitNumber: Int64) {
    self.runID = runID
    self.commitNumber = commitNumber
  }
}

/// What is heard of other replicas.
package enum RunSignalEvent: Sendable, Hashable {
  /// A run has new commits. Signals of one's own are heard too, and some may come twice.
  case signal(RunSignal)
  /// Signals come from now on; what was said before is unknown, so that watchers read the store.
  case resumed
  /// Nothing comes until they are resumed; watchers look at the store by themselves meanwhile.
  case interrupted
}

/// Wakes the watchers of other replicas. It may lose signals at any time; the store has the truth.
/// Callable from any thread.
package protocol RunSignals: Sendable {
  /// Tells every replica, soon; it neither waits nor fails.
  func publish(_ signal: RunSignal)
  /// Hears every replica until `stop`. The handler must not block.
  func start(_ handler: @escaping @Sendable (RunSignalEvent) -> Void) async
  /// Ends hearing and telling.
  func stop() async
}

/// A batch with what the rules of `Scheduling` read and write, under one transaction.
package struct BatchAggregate: Sendable, Hashable {
  /// The run; counters and state may change.
  package var run: Run
  /// The batch; lease and state may change, the store moves its version.
  package var batch: Batch
  /// Newest attempt of each configuration of the batch, by index. Bitmaps are read-only here.
  package var executions: [Execution]
  /// Segments that begin.
  package var newSegments: [Segment] = []
  /// Results that executions end with; each moves the data version.
  package var newResults: [BenchmarkResult] = []
  /// The store's clock at the transaction.
  package let now: WallTime

  /// Makes an aggregate.
  package init(run: Run, batch: Batch, executions: [Execution], now: WallTime) {
    self.run = run
    self.batch = batch
    self.executions = executions
    self.now = now
  }
}

package import Reactor

/// What a caller may say about one call.
package struct CallOptions: Sendable {
  package var metadata: Metadata
  /// How long the caller waits; the server learns it too. Nil for as long as it takes.
  package var timeout: Duration?
  /// When the caller stops waiting, if that is before the timeout.
  package var deadline: MonotonicTime?
  /// Whether the call waits for a connection instead of failing when none can be had.
  package var waitForReady: Bool
  /// How messages to the server are coded, where that makes them smaller.
  package var compression: Compression
  /// Whether making the call twice has the effect of making it once, so that it may be tried again;
  /// nil for what its method says.
  package var isIdempotent: Bool?
  /// The trace that the call is part of, for channels with `ClientTracingInterceptor`.
  package var trace: TraceContext?

  package init(
    metadata: Metadata = Metadata(), timeout: Duration? = nil, deadline: MonotonicTime? = nil,
    waitForReady: Bool = false, compression: Compression = .identity,
    isIdempotent: Bool? = nil, trace: TraceContext? = nil
  ) {
    self.metadata = metadata
    self.timeout = timeout
    self.deadline = deadline
    self.waitForReady = waitForReady
    self.compression = compression
    self.isIdempotent = isIdempotent
    self.trace = trace
  }

  /// Options of a call that serves another: it ends at the other's deadline, or before, and is part
  /// of its trace.
  ///
  /// A call that is made in the task of a handler is cancelled together with that task.
  package init(inheriting context: ServerContext, timeout: Duration? = nil) {
    self.init(timeout: timeout, deadline: context.deadline, trace: context.trace)
  }

  /// The earlier of both ends, for a call that begins at `now`.
  func deadline(from now: MonotonicTime) -> MonotonicTime? {
    let ends = [timeout.map { now.advanced(by: $0) }, deadline]
    return ends.compactMap { $0 }.min()
  }
}

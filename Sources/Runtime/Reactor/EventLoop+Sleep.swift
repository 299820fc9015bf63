extension EventLoop {
  /// Suspends the calling task for a time; callable from any thread.
  ///
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  package func sleep(for duration: Duration) async throws {
    let sleeper = Sleeper()
    let deadline = now().advanced(by: duration)
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        self.perform { sleeper.begin(continuation, on: self, until: deadline) }
      }
    } onCancel: {
      self.execute { sleeper.cancel() }
    }
  }

  /// Runs `work` at once when the caller is on the loop, otherwise enqueues it.
  package func perform(_ work: @escaping @Sendable () -> Void) {
    if isCurrent { work() } else { execute(work) }
  }
}

/// One suspended sleep.
// @unchecked: every method is called on the loop that the sleep was begun on.
private final class Sleeper: @unchecked Sendable {
  private var continuation: CheckedContinuation<Void, any Error>?
  private var timer: Timer?
  private var isCancelled = false

  func begin(
    _ continuation: CheckedContinuation<Void, any Error>, on loop: EventLoop,
    until deadline: MonotonicTime
  ) {
    if isCancelled {
      continuation.resume(throwing: CancellationError())
      return
    }
    self.continuation = continuation
    timer = loop.schedule(at: deadline) { [self] in end(.success(())) }
  }

  func cancel() {
    isCancelled = true
    timer?.cancel()
    end(.failure(CancellationError()))
  }

  private func end(_ result: Result<Void, any Error>) {
    let waiting = continuation
    continuation = nil
    timer = nil
    waiting?.resume(with: result)
  }
}

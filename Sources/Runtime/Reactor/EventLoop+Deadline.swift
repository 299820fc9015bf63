extension EventLoop {
  /// The value of `body`, or `error` when it takes too long: then it is left to end by itself;
  /// callable from any thread.
  package func value<Value: Sendable>(
    by deadline: MonotonicTime, orElse error: any Error,
    of body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      let first = FirstOutcome(continuation)
      perform {
        first.timer = self.schedule(at: deadline) { first.set(.failure(error)) }
        Task(executorPreference: self) {
          let result: Result<Value, any Error>
          do { result = .success(try await body()) } catch { result = .failure(error) }
          self.perform { first.set(result) }
        }
      }
    }
  }
}

/// Answers once.
// @unchecked: every method is called on one loop.
private final class FirstOutcome<Value: Sendable>: @unchecked Sendable {
  private var continuation: CheckedContinuation<Value, any Error>?
  var timer: Timer?

  init(_ continuation: CheckedContinuation<Value, any Error>) { self.continuation = continuation }

  func set(_ result: Result<Value, any Error>) {
    timer?.cancel()
    timer = nil
    continuation?.resume(with: result)
    continuation = nil
  }
}

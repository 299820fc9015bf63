import Glibc

/// Runs something that blocks on a thread of its own, so that no loop waits for it.
///
/// - Throws: `ReactorError` when no thread can be had.
package func onOwnThread<Value: Sendable>(
  _ body: @escaping @Sendable () -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    BlockingCall(body: body, continuation: continuation).start()
  }
}

private final class BlockingCall<Value: Sendable>: Sendable {
  private let body: @Sendable () -> Value
  private let continuation: CheckedContinuation<Value, any Error>

  init(
    body: @escaping @Sendable () -> Value, continuation: CheckedContinuation<Value, any Error>
  ) {
    self.body = body
    self.continuation = continuation
  }

  func start() {
    var thread = pthread_t()
    // The C function must not know the generic type: it gets a closure.
    let run: () -> Void = { [self] in continuation.resume(returning: body()) }
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(ThreadBody(run)).toOpaque())
    guard code == 0 else {
      return continuation.resume(throwing: ReactorError.system("pthread_create", code))
    }
    pthread_detach(thread)
  }
}

private final class ThreadBody {
  let run: () -> Void
  init(_ run: @escaping () -> Void) { self.run = run }
}

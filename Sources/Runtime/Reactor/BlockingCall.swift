import Glibc

/// Runs something that blocks on a thread of its own, so that no loop waits for it.
///
/// - Throws: `ReactorError` when no thread can be had.
package func onOwnThread<Value: Sendable>(
  _ body: @escaping @Sendable () -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    do {
      try startOnOwnThread { continuation.resume(returning: body()) }
    } catch { continuation.resume(throwing: error) }
  }
}

/// Starts something that blocks on a thread of its own; nobody waits for its end.
///
/// - Throws: `ReactorError` when no thread can be had; `body` was not called then.
package func startOnOwnThread(_ body: @escaping @Sendable () -> Void) throws(ReactorError) {
  var thread = pthread_t()
  let argument = Unmanaged.passRetained(ThreadBody(body))
  let code = pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
      return nil
    }, argument.toOpaque())
  guard code == 0 else {
    argument.release()
    throw .system("pthread_create", code)
  }
  pthread_detach(thread)
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

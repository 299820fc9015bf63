import Reactor
import Synchronization

/// Runs `body` on the loop and waits for its result.
func on<Value: Sendable>(
  _ loop: EventLoop, _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    loop.execute { continuation.resume(with: Result(catching: body)) }
  }
}

/// Runs `body` with a loop of its own.
func withLoop<Value: Sendable>(
  _ body: @Sendable (EventLoop) async throws -> Value
) async throws -> Value {
  let loop = try EventLoop(name: "test")
  defer { loop.shutdown() }
  return try await body(loop)
}

/// A value that several threads may change.
final class Shared<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  init(_ value: Value) { storage = Mutex(value) }

  var value: Value { storage.withLock { $0 } }

  @discardableResult
  func update<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
    storage.withLock { value in body(&value) }
  }
}

/// An event that a test can wait for.
final class Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func fire() { continuation.yield() }

  func wait() async {
    for await _ in stream { return }
  }
}

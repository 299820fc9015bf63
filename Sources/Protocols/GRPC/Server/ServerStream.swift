/// The messages of a streaming call, as its handler sees them; it may be used from any task.
package final class ServerStream: Sendable {
  package let context: ServerContext
  private let call: ServerCall

  init(call: ServerCall, context: ServerContext) {
    self.call = call
    self.context = context
  }

  /// The next message of the client, nil after the last; one task at a time.
  ///
  /// The peer may send on only as messages are taken.
  /// - Throws: `RPCError` when the call is over, `CancellationError` when the task is cancelled.
  package func next() async throws -> [UInt8]? {
    if context.eventLoop.isCurrent { return try await call.next() }
    return try await withTaskExecutorPreference(context.eventLoop) { try await call.next() }
  }

  /// The bytes that the next message takes in memory, nil after the last; one task at a time, and
  /// none that waits in `next`. The message stays where it is, and keeps the peer from sending more
  /// than its window: who has to make room for it does that before `next`.
  /// - Throws: `RPCError` when the call is over, `CancellationError` when the task is cancelled.
  package func arrival() async throws -> Int? {
    if context.eventLoop.isCurrent { return try await call.arrival() }
    return try await withTaskExecutorPreference(context.eventLoop) { try await call.arrival() }
  }

  /// Sends a message; it suspends while the peer's window is closed.
  ///
  /// - Throws: `RPCError` when the call is over, `CancellationError` when the task is cancelled.
  package func send(_ message: [UInt8]) async throws {
    if context.eventLoop.isCurrent { return try await call.send(message) }
    try await withTaskExecutorPreference(context.eventLoop) { try await call.send(message) }
  }
}

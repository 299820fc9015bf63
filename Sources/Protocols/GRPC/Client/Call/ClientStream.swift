/// A streaming call, as its caller sees it; it may be used from any task.
///
/// Dropping it cancels the call.
package final class ClientStream: Sendable {
  private let call: ClientCall

  init(call: ClientCall) {
    self.call = call
  }

  deinit {
    let call = call
    call.loop.perform { call.cancel(RPCError(.cancelled, "the caller dropped the call")) }
  }

  /// Sends a message; it suspends while the peer's window is closed. Not after `finish`.
  ///
  /// - Parameter compressed: whether it is compressed if the options of the call are for that.
  /// - Throws: `RPCError` when the call is over, `CancellationError` when the task is cancelled.
  package func send(_ message: [UInt8], compressed: Bool = true) async throws {
    let call = call
    if call.loop.isCurrent { return try await call.send(message, compressed: compressed) }
    try await withTaskExecutorPreference(call.loop) {
      try await call.send(message, compressed: compressed)
    }
  }

  /// Tells the server that no more messages follow.
  package func finish() {
    let call = call
    call.loop.perform { call.finishSending() }
  }

  /// The next message of the server, nil when the call has ended with OK; one task at a time.
  ///
  /// - Throws: `RPCError` when the call has ended otherwise, `CancellationError` when the task is
  ///   cancelled (which leaves the call open).
  package func next() async throws -> [UInt8]? {
    let call = call
    if call.loop.isCurrent { return try await call.next() }
    return try await withTaskExecutorPreference(call.loop) { try await call.next() }
  }

  /// Gives the call up; the server is told.
  package func cancel() {
    let call = call
    call.loop.perform { call.cancel(RPCError(.cancelled, "the caller cancelled the call")) }
  }

  /// Gives up the call, and with it its connection and all other calls there: whoever is behind it
  /// does not answer. The channel tries its other servers before that one.
  ///
  /// - Parameter reason: what the caller of `next` sees.
  package func abandonConnection(_ reason: RPCError) {
    let call = call
    call.loop.perform { call.abandonConnection(reason) }
  }

  /// What the server sent before its first message; empty until that has come.
  package var initialMetadata: Metadata {
    get async { await onLoop { $0.initialMetadata } }
  }

  /// What the server sent with the status; empty until the call has ended.
  package var trailingMetadata: Metadata {
    get async { await onLoop { $0.trailingMetadata } }
  }

  /// Whether the message that was received last came compressed.
  package var isResponseCompressed: Bool {
    get async { await onLoop { $0.isResponseCompressed } }
  }

  private func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable (ClientCall) -> Value
  ) async -> Value {
    let call = call
    return await withUnsafeContinuation { continuation in
      call.loop.perform { continuation.resume(returning: body(call)) }
    }
  }
}

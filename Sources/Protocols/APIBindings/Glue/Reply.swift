package import GRPC

/// What a unary handler answers.
package enum Reply<Message: APIMessage> {
  /// The answer.
  case message(Message)
  /// The answer, encoded already.
  case encoded([UInt8])
  /// Work that has to wait; it runs as a task that prefers the connection's loop. The request's
  /// view stays valid for as long as it is kept.
  case later(@Sendable () async throws -> Message)
  /// Likewise, when its outcome is encoded already.
  case laterEncoded(@Sendable () async throws -> [UInt8])

  var unaryReply: UnaryReply {
    switch self {
    case .message(let message): .message(message.encoded())
    case .encoded(let bytes): .message(bytes)
    case .later(let work): .later { try await work().encoded() }
    case .laterEncoded(let work): .later(work)
    }
  }
}

/// A message that a reader of its own took, or else the bindings.
package enum ReceivedMessage<Value, Message: APIMessage> {
  /// What the reader made of it.
  case read(Value)
  /// What it left.
  case decoded(Message.View)
}

/// The messages of a client's stream, as its handler reads them; it may be used from any task.
package struct RequestStream<Message: APIMessage>: Sendable {
  let stream: ServerStream

  /// The call; used on its loop only, where the handler runs.
  package var context: ServerContext { stream.context }

  /// The bytes that the next message takes in memory before it is decoded, nil after the last.
  /// The message stays with the transport until `next`.
  ///
  /// Throws as `next`.
  package func arrival() async throws -> Int? { try await stream.arrival() }

  /// The next message, nil after the last; one task at a time. The client may send on only as
  /// messages are taken.
  ///
  /// Throws `RPCError`: INVALID_ARGUMENT for a message that cannot be decoded, else when the call
  /// is over; `CancellationError` when the task is cancelled.
  package func next() async throws -> Message.View? {
    guard let bytes = try await stream.next() else { return nil }
    return try bytes.withUnsafeBytes { try Message.received($0) }
  }

  /// The next message as `read` takes it from its bytes, and decoded where that gives nil: for
  /// messages of which there are so many that one kind is worth a reader of its own.
  ///
  /// Throws as `next`.
  package func next<Value>(
    reading read: ([UInt8]) -> Value?
  ) async throws -> ReceivedMessage<Value, Message>? {
    guard let bytes = try await stream.next() else { return nil }
    if let value = read(bytes) { return .read(value) }
    return .decoded(try bytes.withUnsafeBytes { try Message.received($0) })
  }
}

/// The way back to a client, as a handler writes it; it may be used from any task.
package struct ResponseStream<Message: APIMessage>: Sendable {
  let stream: ServerStream

  /// The call; used on its loop only, where the handler runs.
  package var context: ServerContext { stream.context }

  /// Sends a message; suspends while the client's window is closed.
  ///
  /// Throws `RPCError` when the call is over, `CancellationError` when the task is cancelled.
  package func send(_ message: Message) async throws { try await stream.send(message.encoded()) }

  /// Sends a message that is encoded already.
  package func send(encoded bytes: [UInt8]) async throws { try await stream.send(bytes) }
}

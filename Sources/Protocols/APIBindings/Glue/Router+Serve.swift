package import GRPC

// What the generated registrations call: the four kinds of method between bytes and messages.
extension Router {
  /// A view of the request, the handler, the encoded answer: all on the connection's loop, without
  /// a task unless the handler asks for one.
  package mutating func serve<Request: MessageView, Response>(
    _ method: MethodDescriptor,
    unary handler: @escaping @Sendable (Request, ServerContext) throws -> Reply<Response>
  ) {
    register(
      method,
      .unary { bytes, context in
        try handler(try Request.Owned.received(bytes), context).unaryReply
      })
  }

  mutating func serve<Request, Response: APIMessage>(
    _ method: MethodDescriptor,
    clientStreaming handler: @escaping @Sendable (RequestStream<Request>) async throws -> Response
  ) {
    register(
      method,
      .streaming { stream in
        try await stream.send(try await handler(RequestStream(stream: stream)).encoded())
      })
  }

  mutating func serve<Request: MessageView, Response>(
    _ method: MethodDescriptor,
    serverStreaming handler:
      @escaping @Sendable (Request, ResponseStream<Response>) async throws -> Void
  ) {
    register(
      method,
      .streaming { stream in
        let requests = RequestStream<Request.Owned>(stream: stream)
        guard let request = try await requests.next() else {
          throw RPCError(.invalidArgument, "the call ended without its request")
        }
        try await handler(request, ResponseStream(stream: stream))
      })
  }

  /// Routes a method of both streams; also for one whose messages are another method's.
  package mutating func serve<Request, Response>(
    _ method: MethodDescriptor,
    bidirectionalStreaming handler:
      @escaping @Sendable (RequestStream<Request>, ResponseStream<Response>) async throws -> Void
  ) {
    register(
      method,
      .streaming { stream in
        try await handler(RequestStream(stream: stream), ResponseStream(stream: stream))
      })
  }
}

extension APIMessage {
  /// Decodes what a client sent; throws INVALID_ARGUMENT naming the field.
  static func received(_ bytes: UnsafeRawBufferPointer) throws(RPCError) -> View {
    do throws(DecodingFailure) {
      return try decode(bytes)
    } catch {
      throw .invalidArgument(field: error.field, reason: error.reason.sentence)
    }
  }

  /// Decodes what a server sent; its fault is INTERNAL.
  static func answered(_ bytes: [UInt8]) throws(RPCError) -> Self {
    do throws(DecodingFailure) {
      return try Self(decoding: bytes)
    } catch {
      throw RPCError(.internalError, "the server's answer cannot be read: \(error)")
    }
  }
}

package import GRPC

// What the generated clients call, and what they hand back.
extension ClientChannel {
  /// A unary call.
  func call<Request: APIMessage, Response: APIMessage>(
    _ method: MethodDescriptor, _ request: Request, _ options: CallOptions
  ) async throws -> Response {
    try .answered(await unary(method, request.encoded(), options: options))
  }

  /// A call with one request and many answers.
  func read<Request: APIMessage, Response>(
    _ method: MethodDescriptor, _ request: Request, _ options: CallOptions
  ) async throws -> ResponseReader<Response> {
    let stream = try await stream(method, options: options)
    try await stream.send(request.encoded())
    stream.finish()
    return ResponseReader(stream)
  }
}

/// The answers of a server's stream. Dropping it cancels the call.
package struct ResponseReader<Response: APIMessage>: Sendable, AsyncSequence, AsyncIteratorProtocol
{
  private let stream: ClientStream

  init(_ stream: ClientStream) { self.stream = stream }

  /// The next answer, nil when the call has ended with OK; throws `RPCError` when otherwise.
  package func next() async throws -> Response? {
    try await stream.next().map { bytes throws(RPCError) in try Response.answered(bytes) }
  }

  /// Gives the call up; the server is told.
  package func cancel() { stream.cancel() }

  package func makeAsyncIterator() -> ResponseReader { self }
}

/// A call with many requests and one answer. Dropping it cancels the call.
package struct ClientUpload<Request: APIMessage, Response: APIMessage>: Sendable {
  private let stream: ClientStream

  init(_ stream: ClientStream) { self.stream = stream }

  /// Sends a request; suspends while the server's window is closed. A server that has answered
  /// already makes this throw: `finish` then says what it answered.
  package func send(_ request: Request) async throws { try await stream.send(request.encoded()) }

  /// Ends the requests and waits for the answer; throws `RPCError` when there is none.
  package func finish() async throws -> Response {
    stream.finish()
    guard let bytes = try await stream.next() else {
      throw RPCError(.unimplemented, "the server ended the call without an answer")
    }
    let response = try Response.answered(bytes)
    // The status comes behind the answer, and may still be an error.
    guard try await stream.next() == nil else {
      throw RPCError(.unimplemented, "the server answered more than once")
    }
    return response
  }

  /// Gives the call up; the server is told.
  package func cancel() { stream.cancel() }
}

/// A call with many requests and many answers. Dropping it cancels the call.
package struct ClientCall<Request: APIMessage, Response: APIMessage>: Sendable {
  private let stream: ClientStream

  init(_ stream: ClientStream) { self.stream = stream }

  /// Sends a request; suspends while the server's window is closed. Not after `finish`.
  package func send(_ request: Request) async throws { try await stream.send(request.encoded()) }

  /// Ends the requests; answers may go on.
  package func finish() { stream.finish() }

  /// The next answer, nil when the call has ended with OK; throws `RPCError` when otherwise.
  package func next() async throws -> Response? {
    try await stream.next().map { bytes throws(RPCError) in try Response.answered(bytes) }
  }

  /// Gives the call up; the server is told.
  package func cancel() { stream.cancel() }

  /// Gives up the call and its connection, whose server does not answer; see `ClientStream`.
  package func abandonConnection(_ reason: RPCError) { stream.abandonConnection(reason) }
}

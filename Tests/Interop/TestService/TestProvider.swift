// The bindings of this target reach into APIBindings as tests do, so they are for debug builds.
#if DEBUG
import APIBindings
import GRPC
import Reactor

/// The server of the interoperability tests: what it must do stands in the published description.
///
/// https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md#server
struct TestProvider: TestServiceProvider {
  private static let maxPayloadBytes = 16_777_216

  func emptyCall(_ request: Empty.View, _ context: ServerContext) throws -> Reply<Empty> {
    .message(Empty())
  }

  func unaryCall(
    _ request: SimpleRequest.View, _ context: ServerContext
  ) throws -> Reply<SimpleResponse> {
    try echoMetadata(context)
    try check(request.expectCompressed, context)
    try echo(request.responseStatus)
    context.compressesResponses = request.responseCompressed?.value
    return .message(
      SimpleResponse(payload: try payload(request.responseType, request.responseSize)))
  }

  func cacheableUnaryCall(
    _ request: SimpleRequest.View, _ context: ServerContext
  ) throws -> Reply<SimpleResponse> {
    try context.addInitialMetadata("cache-control", "max-age=60, public")
    let time = MonotonicTime.now().nanoseconds
    return .message(SimpleResponse(payload: Payload(body: Array("\(time)".utf8))))
  }

  func streamingInputCall(
    _ requests: RequestStream<StreamingInputCallRequest>
  ) async throws -> StreamingInputCallResponse {
    var sum = 0
    while let request = try await requests.next() {
      try check(request.expectCompressed, requests.context)
      sum += request.payload?.body.bytes.count ?? 0
    }
    return StreamingInputCallResponse(aggregatedPayloadSize: Int32(clamping: sum))
  }

  func streamingOutputCall(
    _ request: StreamingOutputCallRequest.View,
    _ responses: ResponseStream<StreamingOutputCallResponse>
  ) async throws {
    try echoMetadata(responses.context)
    try await answer(request, responses)
  }

  func fullDuplexCall(
    _ requests: RequestStream<StreamingOutputCallRequest>,
    _ responses: ResponseStream<StreamingOutputCallResponse>
  ) async throws {
    try echoMetadata(responses.context)
    while let request = try await requests.next() { try await answer(request, responses) }
  }

  func halfDuplexCall(
    _ requests: RequestStream<StreamingOutputCallRequest>,
    _ responses: ResponseStream<StreamingOutputCallResponse>
  ) async throws {
    try echoMetadata(responses.context)
    var held: [StreamingOutputCallRequest.View] = []
    while let request = try await requests.next() {
      guard held.count < 1_000 else { throw RPCError(.resourceExhausted, "too many requests") }
      held.append(request)
    }
    for request in held { try await answer(request, responses) }
  }

  func unimplementedCall(_ request: Empty.View, _ context: ServerContext) throws -> Reply<Empty> {
    throw RPCError(.unimplemented, "nobody implements this")
  }

  // MARK: Features

  private func answer(
    _ request: StreamingOutputCallRequest.View,
    _ responses: ResponseStream<StreamingOutputCallResponse>
  ) async throws {
    try echo(request.responseStatus)
    for wanted in request.responseParameters {
      if wanted.intervalUs > 0 {
        try await responses.context.eventLoop.sleep(for: .microseconds(Int64(wanted.intervalUs)))
      }
      if let isWished = wanted.compressed?.value {
        responses.context.compressesResponses = isWished
      }
      try await responses.send(
        StreamingOutputCallResponse(payload: try payload(request.responseType, wanted.size)))
    }
  }

  private func payload(_ type: PayloadType, _ size: Int32) throws -> Payload {
    guard type == .compressable, (0...Int32(Self.maxPayloadBytes)).contains(size) else {
      throw RPCError(.invalidArgument, "no such payload: type \(type), \(size) bytes")
    }
    return Payload(type: type, body: [UInt8](repeating: 0, count: Int(size)))
  }

  private func check(_ expected: BoolValue.View?, _ context: ServerContext) throws {
    guard let expected, expected.value != context.isRequestCompressed else { return }
    throw RPCError(
      .invalidArgument, "the message is \(expected.value ? "not " : "")compressed")
  }

  private func echo(_ status: EchoStatus.View?) throws {
    guard let status, status.code != 0 else { return }
    throw RPCError(StatusCode(rawValue: Int(status.code)) ?? .unknown, status.message.string)
  }

  private func echoMetadata(_ context: ServerContext) throws {
    let (initial, trailing) = ("x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin")
    if let value = context.metadata.first(initial) {
      try context.addInitialMetadata(initial, value)
    }
    if let value = context.metadata.firstBinary(trailing) {
      try context.addTrailingMetadata(trailing, binary: value)
    }
  }
}
#endif

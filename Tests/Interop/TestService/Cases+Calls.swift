#if DEBUG
import APIBindings
import GRPC

// Payloads in all four kinds of call, cancellation, deadlines.
extension Cases {
  func emptyUnary() async throws {
    _ = try await client.emptyCall(Empty())
  }

  func largeUnary() async throws {
    try check(try await client.unaryCall(large).payload, size: 314_159)
  }

  func clientStreaming() async throws {
    let call = try await client.streamingInputCall()
    for size in [27_182, 8, 1_828, 45_904] {
      try await call.send(StreamingInputCallRequest(payload: zeros(size)))
    }
    let sum = try await call.finish().aggregatedPayloadSize
    try check(sum == 74_922, "the sum is \(sum)")
  }

  func serverStreaming() async throws {
    let sizes: [Int32] = [31_415, 9, 2_653, 58_979]
    let call = try await client.streamingOutputCall(output(sizes))
    for size in sizes { try check(try await call.next()?.payload, size: Int(size)) }
    try check(try await call.next() == nil, "there are more answers than four")
  }

  func pingPong() async throws {
    let call = try await client.fullDuplexCall()
    for (answer, payload) in [(31_415, 27_182), (9, 8), (2_653, 1_828), (58_979, 45_904)] {
      try await call.send(output([Int32(answer)], payload: payload))
      try check(try await call.next()?.payload, size: answer)
    }
    call.finish()
    try check(try await call.next() == nil, "there are more answers than four")
  }

  func emptyStream() async throws {
    let call = try await client.fullDuplexCall()
    call.finish()
    try check(try await call.next() == nil, "there is an answer to nothing")
  }

  func cancelAfterBegin() async throws {
    let call = try await client.streamingInputCall()
    call.cancel()
    try await expect(.cancelled) { _ = try await call.finish() }
  }

  func cancelAfterFirstResponse() async throws {
    let call = try await client.fullDuplexCall()
    try await call.send(output([31_415], payload: 27_182))
    try check(try await call.next()?.payload, size: 31_415)
    call.cancel()
    try await expect(.cancelled) { _ = try await call.next() }
  }

  func timeoutOnSleepingServer() async throws {
    try await expect(.deadlineExceeded) {
      let call = try await client.fullDuplexCall(options: CallOptions(timeout: .milliseconds(1)))
      try await call.send(output([], payload: 27_182))
      _ = try await call.next()
    }
  }

  func unimplementedMethod() async throws {
    try await expect(.unimplemented) { _ = try await client.unimplementedCall(Empty()) }
  }

  func unimplementedService() async throws {
    let other = UnimplementedServiceClient(channel)
    try await expect(.unimplemented) { _ = try await other.unimplementedCall(Empty()) }
  }

  /// Without a proxy that keeps the first answer, there is nothing to compare.
  func cacheableUnary() async throws {
    var options = CallOptions()
    try options.metadata.append("x-user-ip", "1.2.3.4")
    let request = SimpleRequest(payload: Payload(body: Array("1234567890".utf8)))
    for _ in 0..<2 {
      let answer = try await client.cacheableUnaryCall(request, options: options)
      try check(answer.payload?.body.isEmpty == false, "the answer has no time stamp")
    }
  }

  func statuses(_ message: String) async throws {
    let wanted = EchoStatus(code: 2, message: message)
    try await expect(.unknown, message) {
      _ = try await client.unaryCall(SimpleRequest(responseStatus: wanted))
    }
    try await expect(.unknown, message) {
      let call = try await client.fullDuplexCall()
      try await call.send(StreamingOutputCallRequest(responseStatus: wanted))
      call.finish()
      _ = try await call.next()
    }
  }
}
#endif

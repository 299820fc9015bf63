#if DEBUG
import APIBindings
import GRPC

// Metadata and compression: cases that look behind the messages.
extension Cases {
  func customMetadata() async throws {
    let (initial, trailing) = ("x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin")
    var options = CallOptions()
    try options.metadata.append(initial, "test_initial_metadata_value")
    try options.metadata.append(trailing, binary: [0xAB, 0xAB, 0xAB])
    let calls: [(MethodDescriptor, [UInt8])] = [
      (TestServiceMethods.unaryCall, large.encoded()),
      (TestServiceMethods.fullDuplexCall, output([314_159], payload: 271_828).encoded()),
    ]
    for (method, request) in calls {
      let call = try await channel.stream(method, options: options)
      try await call.send(request)
      call.finish()
      try check(try await call.next() != nil, "\(method.name) does not answer")
      try check(try await call.next() == nil, "\(method.name) answers twice")
      let text = await call.initialMetadata.first(initial)
      try check(text == "test_initial_metadata_value", "\(method.name) echoes \(text ?? "nothing")")
      let bytes = await call.trailingMetadata.firstBinary(trailing)
      try check(bytes == [0xAB, 0xAB, 0xAB], "\(method.name) echoes \(bytes ?? [])")
    }
  }

  /// One answer to one request, and whether it came compressed.
  private func unary(
    _ request: SimpleRequest, compressed: Bool
  ) async throws -> (SimpleResponse, isCompressed: Bool) {
    let call = try await channel.stream(
      TestServiceMethods.unaryCall, options: CallOptions(compression: .gzip))
    try await call.send(request.encoded(), compressed: compressed)
    call.finish()
    guard let bytes = try await call.next() else { throw CaseFailure("there is no answer") }
    let isCompressed = await call.isResponseCompressed
    try check(try await call.next() == nil, "there are two answers")
    return (try SimpleResponse(decoding: bytes), isCompressed)
  }

  func clientCompressedUnary() async throws {
    var request = large
    request.expectCompressed = BoolValue(value: true)
    if probes {
      try await expect(.invalidArgument) { _ = try await unary(request, compressed: false) }
    }
    for isCompressed in [true, false] {
      request.expectCompressed = BoolValue(value: isCompressed)
      let answer = try await unary(request, compressed: isCompressed).0
      try check(answer.payload, size: 314_159)
    }
  }

  func serverCompressedUnary() async throws {
    for wish in [true, false] {
      var request = large
      request.responseCompressed = BoolValue(value: wish)
      let (answer, isCompressed) = try await unary(request, compressed: false)
      try check(answer.payload, size: 314_159)
      try check(isCompressed == wish, "the answer is \(isCompressed ? "" : "not ")compressed")
    }
  }

  func clientCompressedStreaming() async throws {
    let requests = [(27_182, true), (45_904, false)].map { size, isCompressed in
      (
        StreamingInputCallRequest(
          payload: zeros(size), expectCompressed: BoolValue(value: isCompressed)
        ).encoded(), isCompressed
      )
    }
    let options = CallOptions(compression: .gzip)
    if probes {
      let probe = try await channel.stream(
        TestServiceMethods.streamingInputCall, options: options)
      try await expect(.invalidArgument) {
        try await probe.send(requests[0].0, compressed: false)
        probe.finish()
        _ = try await probe.next()
      }
    }
    let call = try await channel.stream(TestServiceMethods.streamingInputCall, options: options)
    for (request, isCompressed) in requests {
      try await call.send(request, compressed: isCompressed)
    }
    call.finish()
    let sum = try await call.next().map {
      try StreamingInputCallResponse(decoding: $0).aggregatedPayloadSize
    }
    try check(sum == 73_086, "the sum is \(sum ?? -1)")
    try check(try await call.next() == nil, "there are two answers")
  }

  func serverCompressedStreaming() async throws {
    let wanted: [(size: Int, isCompressed: Bool)] = [(31_415, true), (92_653, false)]
    let request = StreamingOutputCallRequest(
      responseParameters: wanted.map {
        ResponseParameters(
          size: Int32($0.size), compressed: BoolValue(value: $0.isCompressed))
      })
    let call = try await channel.stream(TestServiceMethods.streamingOutputCall)
    try await call.send(request.encoded())
    call.finish()
    for (size, wish) in wanted {
      guard let bytes = try await call.next() else { throw CaseFailure("an answer is missing") }
      try check(try StreamingOutputCallResponse(decoding: bytes).payload, size: size)
      let isCompressed = await call.isResponseCompressed
      try check(isCompressed == wish, "the answer is \(isCompressed ? "" : "not ")compressed")
    }
    try check(try await call.next() == nil, "there are three answers")
  }
}
#endif

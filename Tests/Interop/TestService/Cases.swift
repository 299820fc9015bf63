#if DEBUG
import APIBindings
import GRPC

/// Why a case did not pass.
struct CaseFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// The cases of the published description, as a client runs them.
///
/// https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md#client
struct Cases: Sendable {
  let channel: ClientChannel
  /// Whether the server can tell if a request was compressed.
  let probes: Bool

  var client: TestServiceClient { TestServiceClient(channel) }

  static let all: [String: @Sendable (Cases) async throws -> Void] = [
    "empty_unary": { try await $0.emptyUnary() },
    "large_unary": { try await $0.largeUnary() },
    "client_streaming": { try await $0.clientStreaming() },
    "server_streaming": { try await $0.serverStreaming() },
    "ping_pong": { try await $0.pingPong() },
    "empty_stream": { try await $0.emptyStream() },
    "cancel_after_begin": { try await $0.cancelAfterBegin() },
    "cancel_after_first_response": { try await $0.cancelAfterFirstResponse() },
    "timeout_on_sleeping_server": { try await $0.timeoutOnSleepingServer() },
    "custom_metadata": { try await $0.customMetadata() },
    "status_code_and_message": { try await $0.statuses("test status message") },
    "special_status_message": {
      try await $0.statuses("\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n")
    },
    "unimplemented_method": { try await $0.unimplementedMethod() },
    "unimplemented_service": { try await $0.unimplementedService() },
    "cacheable_unary": { try await $0.cacheableUnary() },
    "client_compressed_unary": { try await $0.clientCompressedUnary() },
    "client_compressed_streaming": { try await $0.clientCompressedStreaming() },
    "server_compressed_unary": { try await $0.serverCompressedUnary() },
    "server_compressed_streaming": { try await $0.serverCompressedStreaming() },
  ]

  func check(_ condition: Bool, _ text: String) throws {
    if !condition { throw CaseFailure(text) }
  }

  func check(_ payload: Payload?, size: Int) throws {
    let body = payload?.body ?? []
    try check(body.count == size, "the payload has \(body.count) bytes instead of \(size)")
    try check(body.allSatisfy { $0 == 0 }, "the payload is not zero")
  }

  /// The status that `body` ends with, OK when it throws nothing.
  func status(_ body: () async throws -> Void) async throws -> RPCError {
    do {
      try await body()
      return RPCError(.ok, "")
    } catch let error as RPCError {
      return error
    }
  }

  func expect(
    _ code: StatusCode, _ message: String? = nil, _ body: () async throws -> Void
  ) async throws {
    let error = try await status(body)
    try check(error.code == code, "\(error) instead of \(code)")
    if let message {
      try check(error.message == message, "'\(error.message)' instead of '\(message)'")
    }
  }

  func zeros(_ count: Int) -> Payload { Payload(body: [UInt8](repeating: 0, count: count)) }

  var large: SimpleRequest { SimpleRequest(responseSize: 314_159, payload: zeros(271_828)) }

  func output(_ sizes: [Int32], payload: Int? = nil) -> StreamingOutputCallRequest {
    StreamingOutputCallRequest(
      responseParameters: sizes.map { ResponseParameters(size: $0) },
      payload: payload.map { zeros($0) })
  }
}
#endif

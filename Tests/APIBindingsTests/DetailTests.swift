import GRPC
import Testing

@testable import APIBindings

@Suite("rich errors")
struct DetailTests {
  @Test("details are read as they were added, by their type")
  func details() {
    let error = RPCError(.unavailable, "busy").because("STORE_BUSY").retry(after: .seconds(1.5))
    #expect(error.code == .unavailable && error.message == "busy")
    #expect(error.detail(RPCErrorInfo.self)?.reason == "STORE_BUSY")
    #expect(error.detail(RPCErrorInfo.self)?.domain == "benchfront")
    #expect(
      error.detail(RPCRetryInfo.self)?.retryDelay
        == ProtobufDuration(seconds: 1, nanos: 500_000_000))
    #expect(error.detail(RPCBadRequest.self) == nil)
    #expect(RPCError(.notFound, "gone").detail(RPCErrorInfo.self) == nil)
  }

  @Test("a bound that was passed is named with its owner and what it allows")
  func quota() {
    let error = RPCError(.resourceExhausted, "more than 5 calls a second", retryAfter: .seconds(1))
      .over(quota: "calls-per-second", of: "client address", value: 5).tellingRetry
    #expect(
      error.detail(RPCQuotaFailure.self)?.violations == [
        .init(
          subject: "client address", description: "more than 5 calls a second",
          quotaId: "calls-per-second", quotaValue: 5)
      ])
    #expect(error.detail(RPCRetryInfo.self)?.retryDelay == ProtobufDuration(seconds: 1))
  }

  @Test("a field that is refused is named in the details")
  func field() {
    let error = RPCError.invalidArgument(field: "a.b[3]", reason: "must not be empty")
    #expect(error.code == .invalidArgument && error.message == "a.b[3] must not be empty")
    #expect(
      error.detail(RPCBadRequest.self)?.fieldViolations
        == [.init(field: "a.b[3]", description: "must not be empty")])
    let whole = RPCError.invalidArgument(field: "", reason: "is cut off")
    #expect(whole.message == "the request is cut off")
  }

  @Test("the details repeat the message, also one that is cut or cannot be carried")
  func message() throws {
    let texts = [
      "", "a\0b", String(repeating: "é", count: 5_000), String(repeating: "x", count: 999),
    ]
    for text in texts {
      let error = RPCError(.internalError, text).because("R")
      let status = try RPCStatus(decoding: #require(error.details))
      #expect(status.message == error.message)
      #expect(status.code == 13)
      #expect(error.message.utf8.count <= 1_003)
    }
    let whole = RPCError(.internalError, "short", with: [])
    #expect(whole.message == "short")
  }

  @Test("details that are no details are none")
  func garbage() {
    let error = RPCError(.internalError, "m", details: [0xff, 0xff])
    #expect(error.detail(RPCErrorInfo.self) == nil)
    let status = RPCStatus(details: [
      ProtobufAny(typeUrl: "type.googleapis.com/google.rpc.ErrorInfo", value: [0xff])
    ])
    #expect(
      RPCError(.internalError, "m", details: status.encoded()).detail(RPCErrorInfo.self) == nil)
  }
}

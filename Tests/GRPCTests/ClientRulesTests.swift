import GRPC
import HTTP2
import Reactor
import Testing

@Suite("Servers that break the rules of gRPC, and the client's own")
struct ClientRulesTests {
  private static let headers = HeaderFields([
    ":status": "200", "content-type": "application/grpc",
  ])
  private static let ok = HeaderFields(["grpc-status": "0"])

  private func unary(
    _ response: RawResponse, options: CallOptions = .init()
  ) async throws -> RPCError? {
    let failure = Shared<RPCError?>(nil)
    try await withRawServer(response) { channel in
      let error = await rpcError {
        _ = try await channel.unary(Methods.echo, [1], options: options)
      }
      failure.update { $0 = error }
    }
    return failure.value
  }

  @Test(
    "an HTTP error is mapped to a status",
    arguments: [
      ("400", StatusCode.internalError), ("401", .unauthenticated), ("403", .permissionDenied),
      ("404", .unimplemented), ("429", .unavailable), ("502", .unavailable), ("503", .unavailable),
      ("504", .unavailable), ("500", .unknown), ("418", .unknown), ("200", .unknown),
    ])
  func httpStatus(status: String, code: StatusCode) async throws {
    let page = RawResponse(
      headers: HeaderFields([":status": status, "content-type": "text/html"]), body: [1, 2],
      trailers: HeaderFields(["x": "y"]))
    #expect(try await unary(page)?.code == code)
  }

  @Test(
    "a reset is mapped to a status",
    arguments: [
      (0, StatusCode.internalError), (1, .internalError), (2, .internalError),
      (3, .internalError), (6, .internalError), (8, .cancelled), (9, .internalError),
      (10, .internalError), (11, .resourceExhausted), (12, .permissionDenied),
    ] as [(UInt32, StatusCode)])
  func reset(code: UInt32, status: StatusCode) async throws {
    let response = RawResponse(
      headers: Self.headers, reset: HTTP2ErrorCode(rawValue: code))
    #expect(try await unary(response)?.code == status)
  }

  @Test("a stream that is always refused is UNAVAILABLE")
  func refused() async throws {
    #expect(try await unary(RawResponse(reset: .refusedStream))?.code == .unavailable)
  }

  @Test("a unary answer of no message or two is UNIMPLEMENTED")
  func cardinality() async throws {
    let none = RawResponse(headers: Self.headers, trailers: Self.ok)
    #expect(try await unary(none)?.code == .unimplemented)
    let two = RawResponse(
      headers: Self.headers, body: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], trailers: Self.ok)
    #expect(try await unary(two)?.code == .unimplemented)
    let trailersOnly = RawResponse(
      headers: HeaderFields([
        ":status": "200", "content-type": "application/grpc", "grpc-status": "0",
      ]))
    #expect(try await unary(trailersOnly)?.code == .unimplemented)
  }

  @Test("half a message, an unknown encoding and an unannounced flag are INTERNAL")
  func brokenMessages() async throws {
    let half = RawResponse(headers: Self.headers, body: [0, 0, 0, 0, 2, 1], trailers: Self.ok)
    #expect(try await unary(half)?.code == .internalError)
    try await withRawServer(half) { channel in
      let call = try await channel.stream(Methods.chat)
      call.finish()
      let error = await rpcError { _ = try await call.next() }
      #expect(error?.code == .internalError)
    }
    var headers = Self.headers
    let flagged = RawResponse(headers: headers, body: [1, 0, 0, 0, 1, 1], trailers: Self.ok)
    #expect(try await unary(flagged)?.code == .internalError)
    headers.append("grpc-encoding", "snappy")
    let snappy = RawResponse(headers: headers, body: [1, 0, 0, 0, 1, 1], trailers: Self.ok)
    #expect(try await unary(snappy)?.code == .internalError)
  }

  @Test("a message cut short behind many others is found out")
  func cutShortLate() async throws {
    let many = [UInt8](repeating: 0, count: 5 * 200) + [0, 0, 0, 0, 2, 1]
    let response = RawResponse(headers: Self.headers, body: many, trailers: Self.ok)
    try await withRawServer(response) { channel in
      let call = try await channel.stream(Methods.chat)
      call.finish()
      for _ in 0..<200 { #expect(try await call.next() == []) }
      for _ in 0..<2 {
        let error = await rpcError { _ = try await call.next() }
        #expect(error?.code == .internalError)
      }
    }
  }

  @Test("a status without or with an unknown number is an error, one alone is enough")
  func statuses() async throws {
    for (status, code) in [
      ("5", StatusCode.notFound), ("99", .unknown), ("x", .unknown), ("-1", .unknown),
      ("", .unknown),
    ] {
      let response = RawResponse(
        headers: HeaderFields([
          ":status": "200", "content-type": "application/grpc", "grpc-status": status,
        ]))
      #expect(try await unary(response)?.code == code)
    }
    let none = RawResponse(
      headers: Self.headers, body: [0, 0, 0, 0, 0], trailers: HeaderFields(["x": "y"]))
    #expect(try await unary(none)?.code == .internalError)
  }

  @Test("details that state another code are dropped, the status stays")
  func contradiction() async throws {
    for (details, isKept) in [("CAUSAm5v", true), ("CAc", false), ("CA", false), ("!", false)] {
      var trailers = HeaderFields(["grpc-status": "5", "grpc-message": "no"])
      trailers.append("grpc-status-details-bin", details)
      let error = try await unary(RawResponse(headers: Self.headers, trailers: trailers))
      #expect(error?.code == .notFound)
      #expect(error?.message == "no")
      #expect((error?.details != nil) == isKept, "\(details)")
    }
    try await withFixture { (fixture) async throws in
      let answer = try await sendRaw(fixture, path: "/test.Echo/Liar")
      #expect(answer.status == "5")
      #expect(answer.headers.first("grpc-status-details-bin") == nil)
    }
  }

  @Test("metadata larger than the server takes is RESOURCE_EXHAUSTED, without the connection")
  func metadataBound() async throws {
    var configuration = ServerConfiguration()
    configuration.http2.maxHeaderListBytes = 2_000
    try await withFixture(server: configuration) { (fixture) async throws in
      _ = try await fixture.channel.unary(Methods.echo, [1])
      var options = CallOptions()
      try options.metadata.append("filler", String(repeating: "x", count: 2_000))
      let error = await rpcError {
        _ = try await fixture.channel.unary(Methods.echo, [1], options: options)
      }
      #expect(error?.code == .resourceExhausted)
      #expect(try await fixture.channel.unary(Methods.echo, [2]) == [2])
      #expect(fixture.server.connectionCount == 1)
    }
  }

  @Test("a send after finish, and after the end, is an error")
  func sendAfterEnd() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.chat)
      try await call.send([1])
      call.finish()
      #expect(await rpcError { try await call.send([2]) }?.code == .failedPrecondition)
      #expect(try await call.next() == [1])
      #expect(try await call.next() == nil)
      #expect(await rpcError { try await call.send([3]) }?.code == .failedPrecondition)
      let failed = try await fixture.channel.stream(Methods.missing)
      #expect(await rpcError { _ = try await failed.next() }?.code == .unimplemented)
      #expect(await rpcError { try await failed.send([3]) }?.code == .unimplemented)
    }
  }

  @Test("a call that serves another ends at the other's deadline")
  func inheritedDeadline() async throws {
    try await withFixture { (fixture) async throws in
      let codes = Shared<[StatusCode?]>([])
      let done = Signal()
      var router = Router()
      router.register(
        Methods.later,
        .unary { _, context in
          let options = CallOptions(inheriting: context, timeout: .seconds(3600))
          return .later {
            let error = await rpcError {
              _ = try await fixture.channel.unary(Methods.hang, [], options: options)
            }
            codes.update { $0.append(error?.code) }
            done.fire()
            return []
          }
        })
      let front = GRPCServer(router: router, group: fixture.group)
      let address = try front.listen(on: SocketAddress.parse("127.0.0.1:0"))
      let channel = ClientChannel(target: address.description, loop: fixture.clientLoop)
      let error = await rpcError {
        _ = try await channel.unary(
          Methods.later, [], options: CallOptions(timeout: .milliseconds(200)))
      }
      #expect(error?.code == .deadlineExceeded)
      await done.wait()
      let inner = codes.value.first ?? nil
      #expect(inner == .deadlineExceeded || inner == .cancelled)
      await channel.close()
      await front.drain(grace: .zero)
    }
  }

  @Test("at its deadline a call whose answers nobody reads is reset with CANCEL")
  func deadlineOfBlockedStream() async throws {
    try await withFixture { (fixture) async throws in
      var configuration = HTTP2Configuration()
      configuration.streamWindowBytes = 1_000
      let answer = try await sendRaw(
        fixture, path: "/test.Echo/Count", extra: ["grpc-timeout": "50m"],
        body: [0, 0, 0, 0, 2, 20, 200], http2: configuration, reads: false)
      #expect(answer.reset == .cancel)
      #expect(answer.status == nil)
    }
  }
}

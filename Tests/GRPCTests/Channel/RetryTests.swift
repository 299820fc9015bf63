import HTTP2
import Reactor
import Testing

@testable import GRPC

/// A server whose answers a test scripts, by the number of the attempt.
private func withScript(
  _ configuration: ClientConfiguration = Fleet.configuration(.pickFirst),
  _ script: @escaping @Sendable (Int, ServerStream) async throws -> Void,
  _ body: (ClientChannel, Shared<Int>) async throws -> Void
) async throws {
  let group = try EventLoopGroup(count: 1)
  let loop = try EventLoop(name: "client")
  let attempts = Shared(0)
  var router = Router()
  let handler = MethodHandler.streaming { stream in
    attempts.update { $0 += 1 }
    try await script(attempts.value, stream)
  }
  router.register(Methods.which, handler)
  router.register(Methods.total, handler)
  let server = GRPCServer(router: router, group: group)
  let address = try server.listen(on: SocketAddress.parse("127.0.0.1:0"))
  let channel = ClientChannel(
    target: address.description, loop: loop, configuration: configuration)
  let result: Result<Void, any Error>
  do { result = .success(try await body(channel, attempts)) } catch { result = .failure(error) }
  await channel.close()
  await server.drain(grace: .zero)
  loop.shutdown()
  group.shutdown()
  try result.get()
}

@Suite("Calls that are tried again")
struct RetryTests {
  private static let gone = RPCError(.unavailable, "gone for now")

  /// A configuration whose retries lose no time.
  private static func configuration(
    _ change: (inout ClientConfiguration) -> Void = { _ in }
  ) -> ClientConfiguration {
    var configuration = Fleet.configuration(.pickFirst)
    configuration.retryPolicy?.initialBackoff = .milliseconds(1)
    change(&configuration)
    return configuration
  }

  @Test("one that is idempotent succeeds in the end, or fails after its last attempt")
  func idempotent() async throws {
    try await withScript(Self.configuration()) { attempt, stream in
      _ = try await stream.next()
      if attempt != 4 { throw Self.gone }
      try await stream.send([7])
    } _: { (channel, attempts) async throws in
      #expect(try await channel.unary(Methods.which, []) == [7])
      #expect(attempts.value == 4)
      let error = await rpcError { _ = try await channel.unary(Methods.which, []) }
      #expect(error == Self.gone)
      #expect(attempts.value == 8)
    }
  }

  @Test("one that is not idempotent is not, whatever its method says")
  func notIdempotent() async throws {
    try await withScript(Self.configuration()) { _, _ in
      throw Self.gone
    } _: { (channel, attempts) async throws in
      var options = CallOptions()
      options.isIdempotent = false
      let error = await rpcError {
        _ = try await channel.unary(Methods.which, [], options: options)
      }
      #expect(error == Self.gone)
      #expect(attempts.value == 1)
    }
  }

  @Test("the messages of a stream are sent again, until the server has begun to answer")
  func streaming() async throws {
    try await withScript(Self.configuration()) { attempt, stream in
      var sum = 0
      while let message = try await stream.next() { sum += message.count }
      if attempt == 1 { throw Self.gone }
      try await stream.send([UInt8(sum)])
      if attempt == 3 { throw Self.gone }
    } _: { (channel, attempts) async throws in
      var options = CallOptions()
      options.isIdempotent = true
      for expected in [nil, StatusCode.unavailable] {
        let call = try await channel.stream(Methods.total, options: options)
        for size in [3, 0, 4] { try await call.send([UInt8](repeating: 1, count: size)) }
        call.finish()
        #expect(try await call.next() == [7])
        let error = await rpcError { () async throws in
          #expect(try await call.next() == nil)
        }
        #expect(error?.code == expected)
      }
      #expect(attempts.value == 3)
    }
  }

  @Test("a message that is sent while the next attempt waits goes with it")
  func sentBetween() async throws {
    try await withScript(Self.configuration()) { attempt, stream in
      var sum = 0
      if attempt == 1 { throw Self.gone }
      while let message = try await stream.next() { sum += message.count }
      try await stream.send([UInt8(sum)])
    } _: { (channel, attempts) async throws in
      var options = CallOptions()
      options.isIdempotent = true
      let call = try await channel.stream(Methods.total, options: options)
      for _ in 0..<50 { try await call.send([1]) }
      call.finish()
      #expect(try await call.next() == [50])
      #expect(attempts.value == 2)
    }
  }

  @Test("a request that is too large to keep is sent once")
  func buffer() async throws {
    let small = Self.configuration { $0.maxRetryBytesPerCall = 10 }
    let crowded = Self.configuration { $0.maxRetryBytes = 10 }
    for configuration in [small, crowded] {
      try await withScript(configuration) { _, stream in
        while try await stream.next() != nil {}
        throw Self.gone
      } _: { (channel, attempts) async throws in
        let large = await rpcError {
          _ = try await channel.unary(Methods.which, [UInt8](repeating: 0, count: 11))
        }
        #expect(large == Self.gone)
        #expect(attempts.value == 1)
        var options = CallOptions()
        options.isIdempotent = true
        let call = try await channel.stream(Methods.total, options: options)
        for _ in 0..<3 { try await call.send([1, 2, 3, 4]) }
        call.finish()
        #expect(await rpcError { _ = try await call.next() } == Self.gone)
        #expect(attempts.value == 2)
        _ = await rpcError {
          _ = try await channel.unary(Methods.which, [UInt8](repeating: 0, count: 10))
        }
        #expect(attempts.value == 6)
        #expect(await keptBytes(channel) == 0)
      }
    }
  }

  private func keptBytes(_ channel: ClientChannel) async -> Int {
    let core = channel.core
    return await withUnsafeContinuation { continuation in
      core.loop.perform { continuation.resume(returning: core.keptBytes) }
    }
  }

  @Test("the server's wait is kept")
  func pushBack() async throws {
    try await withScript(Self.configuration()) { attempt, stream in
      var error = Self.gone
      error.retryAfter = .milliseconds(60)
      if attempt == 1 { throw error }
      _ = try await stream.next()
      try await stream.send([1])
    } _: { (channel, attempts) async throws in
      let start = MonotonicTime.now()
      #expect(try await channel.unary(Methods.which, []) == [1])
      #expect(MonotonicTime.now().duration(since: start) >= .milliseconds(60))
      #expect(attempts.value == 2)
    }
  }

  @Test("a server that wants no retry gets none")
  func refusal() async throws {
    try await withScript(Self.configuration()) { _, _ in
      var error = Self.gone
      error.forbidsRetry = true
      throw error
    } _: { (channel, attempts) async throws in
      let error = await rpcError { _ = try await channel.unary(Methods.which, []) }
      #expect(error?.forbidsRetry == true)
      #expect(attempts.value == 1)
    }
  }

  @Test("a wait that cannot be read is a refusal", arguments: ["x", "-1", "", "99999999999"])
  func unreadable(text: String) async throws {
    let trailers = HeaderFields([
      ":status": "200", "content-type": "application/grpc", "grpc-status": "14",
      "grpc-retry-pushback-ms": text,
    ])
    let seen = Shared<[HeaderFields]>([])
    try await withRawServer(RawResponse(headers: trailers, seen: seen)) { (channel) async throws in
      let error = await rpcError { _ = try await channel.unary(Methods.which, []) }
      #expect(error?.code == .unavailable)
      #expect(seen.value.count == 1)
    }
  }

  @Test("each further attempt says how many were before")
  func metadata() async throws {
    let trailers = HeaderFields([
      ":status": "200", "content-type": "application/grpc", "grpc-status": "14",
      "grpc-retry-pushback-ms": "0",
    ])
    let seen = Shared<[HeaderFields]>([])
    try await withRawServer(RawResponse(headers: trailers, seen: seen)) { (channel) async throws in
      _ = await rpcError { _ = try await channel.unary(Methods.which, []) }
      let counts = seen.value.map { $0.first("grpc-previous-rpc-attempts") }
      #expect(counts == [nil, "1", "2", "3"])
    }
  }

  @Test("when too many attempts fail there are no more retries until calls succeed")
  func budget() async throws {
    let broken = Shared(true)
    let configuration = Self.configuration {
      $0.retryThrottle = RetryThrottle(maxTokens: 4, ratio: 1)
    }
    try await withScript(configuration) { _, stream in
      if broken.value { throw Self.gone }
      _ = try await stream.next()
      try await stream.send([1])
    } _: { (channel, attempts) async throws in
      for expected in [2, 3, 4] {
        #expect(await rpcError { _ = try await channel.unary(Methods.which, []) } == Self.gone)
        #expect(attempts.value == expected)
      }
      broken.update { $0 = false }
      for _ in 0..<4 { _ = try await channel.unary(Methods.which, []) }
      broken.update { $0 = true }
      _ = await rpcError { _ = try await channel.unary(Methods.which, []) }
      #expect(attempts.value == 10)
    }
  }

  @Test("the deadline ends the wait for another attempt, and says what was wrong")
  func deadline() async throws {
    let configuration = Self.configuration {
      $0.retryPolicy?.initialBackoff = .seconds(36_000_000)
      $0.retryPolicy?.maxBackoff = .seconds(36_000_000)
    }
    try await withScript(configuration) { _, _ in
      throw Self.gone
    } _: { (channel, attempts) async throws in
      let error = await rpcError {
        _ = try await channel.unary(
          Methods.which, [], options: CallOptions(timeout: .seconds(1)))
      }
      #expect(error?.code == .deadlineExceeded)
      #expect(error?.message.contains("gone for now") == true)
      #expect(attempts.value == 1)
    }
  }

  @Test("cancelling the task ends the wait for another attempt")
  func cancelled() async throws {
    let configuration = Self.configuration {
      $0.retryPolicy?.initialBackoff = .seconds(36_000_000)
      $0.retryPolicy?.maxBackoff = .seconds(36_000_000)
    }
    let failing = Signal()
    try await withScript(configuration) { _, _ in
      failing.fire()
      throw Self.gone
    } _: { (channel, _) async throws in
      let task = Task { try await channel.unary(Methods.which, []) }
      await failing.wait()
      task.cancel()
      #expect(await rpcError { _ = try await task.value }?.code == .cancelled)
    }
  }

  @Test("closing the channel ends the wait for another attempt, and so does a full waiting room")
  func closed() async throws {
    let configuration = Self.configuration {
      $0.retryPolicy?.initialBackoff = .seconds(36_000_000)
      $0.retryPolicy?.maxBackoff = .seconds(36_000_000)
      $0.maxPendingCalls = 1
    }
    try await withScript(configuration) { _, _ in
      throw Self.gone
    } _: { (channel, attempts) async throws in
      // With a connection nobody waits for one.
      _ = await rpcError {
        var options = CallOptions()
        options.isIdempotent = false
        _ = try await channel.unary(Methods.which, [], options: options)
      }
      let ended = Shared<[String]>([])
      let signal = Signal()
      let tasks = (0..<2).map { _ in
        Task {
          let error = await rpcError { _ = try await channel.unary(Methods.which, []) }
          ended.update { $0.append(error?.message ?? "") }
          signal.fire()
        }
      }
      // One of both finds no place to wait in.
      await signal.wait()
      #expect(ended.value == ["gone for now"])
      #expect(attempts.value == 3)
      await channel.close()
      for task in tasks { await task.value }
      #expect(ended.value == ["gone for now", "the channel is closed"])
    }
  }
}

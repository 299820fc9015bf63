import GRPC
import HTTP2
import Reactor
import Testing

@Suite("Calls between our client and our server")
struct CallTests {
  @Test("a unary call returns the answer, from the handler and from its task")
  func unary() async throws {
    try await withFixture { (fixture) async throws in
      for method in [Methods.echo, Methods.later] {
        for size in [0, 1, 256, 100_000, 4_194_304] {
          let message = differingBytes(size)
          let answer = try await fixture.channel.unary(method, message)
          let isSame = answer == message
          #expect(isSame)
        }
      }
    }
  }

  @Test("many calls run at once, more than the server's stream limit")
  func many() async throws {
    var configuration = ServerConfiguration()
    configuration.http2.maxConcurrentStreams = 50
    try await withFixture(server: configuration) { (fixture) async throws in
      let sum = try await withThrowingTaskGroup(of: Int.self) { group in
        for index in 0..<2000 {
          group.addTask {
            let method = index % 3 == 0 ? Methods.later : Methods.echo
            let answer = try await fixture.channel.unary(
              method, [UInt8(index & 255), UInt8(index >> 8)])
            return Int(answer[0]) | Int(answer[1]) << 8
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(sum == 2000 * 1999 / 2)
    }
  }

  @Test("a status keeps its code, its message, its details and its metadata")
  func status() async throws {
    try await withFixture { (fixture) async throws in
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.fail, [1]) }
      #expect(error?.code == .notFound)
      #expect(error?.message == "no 100% 'ü' here\n")
      #expect(error?.details == notFoundDetails)
      #expect(error?.metadata.first("reason") == "because")
    }
  }

  @Test("an unexpected error of a handler is UNKNOWN to the client and told to the hook")
  func unexpected() async throws {
    try await withFixture { (fixture) async throws in
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.fail, []) }
      #expect(error?.code == .unknown)
      #expect(error?.message.contains("Unexpected") == false)
      #expect(fixture.witness.unexpected.value == 1)
    }
  }

  @Test("metadata crosses in both directions, text and binary")
  func metadata() async throws {
    try await withFixture { (fixture) async throws in
      var options = CallOptions()
      try options.metadata.append("name", "a value, with a comma")
      try options.metadata.append("blob-bin", binary: [0, 255, 1])
      try options.metadata.append("blob-bin", binary: [])
      let call = try await fixture.channel.stream(Methods.metadata, options: options)
      try await call.send([])
      call.finish()
      #expect(try await call.next() == [])
      #expect(try await call.next() == nil)
      #expect(await call.initialMetadata.first("got-name") == "a value, with a comma")
      let values = await call.trailingMetadata.all("got-blob-bin")
      #expect(values == [.binary([0, 255, 1]), .binary([])])
    }
  }

  @Test("client streaming adds up what was sent")
  func clientStreaming() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.total)
      for size in 0..<500 { try await call.send([UInt8](repeating: 1, count: size * 10)) }
      call.finish()
      #expect(try await call.next() == Array("1247500".utf8))
      #expect(try await call.next() == nil)
    }
  }

  @Test("server streaming delivers every message in order")
  func serverStreaming() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.count)
      try await call.send([20, 200])
      call.finish()
      var next = 0
      while let message = try await call.next() {
        #expect(message.count == 20_000 && message.last == UInt8(next))
        next += 1
      }
      #expect(next == 200)
    }
  }

  @Test("a bidirectional call takes turns, and many run beside each other")
  func chat() async throws {
    try await withFixture { (fixture) async throws in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<20 {
          group.addTask {
            let call = try await fixture.channel.stream(Methods.chat)
            for index in 0..<100 {
              try await call.send([UInt8(index)])
              let answer = try await call.next()
              #expect(answer == [UInt8(index)])
            }
            call.finish()
            #expect(try await call.next() == nil)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("a method that does not exist is UNIMPLEMENTED")
  func unimplemented() async throws {
    try await withFixture { (fixture) async throws in
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.missing, []) }
      #expect(error?.code == .unimplemented)
      #expect(error?.message.contains("/test.Echo/Missing") == true)
    }
  }

  @Test("a unix socket serves as well")
  func unixSocket() async throws {
    try await withFixture { (fixture) async throws in
      let path = "unix:/tmp/grpc-\(UInt32.random(in: 0 ... .max)).sock"
      try fixture.server.listen(on: SocketAddress.parse(path))
      let channel = ClientChannel(target: path, loop: fixture.clientLoop)
      #expect(try await channel.unary(Methods.echo, [1, 2]) == [1, 2])
      await channel.close()
    }
  }
}

@Suite("Bounds, deadlines and cancellation")
struct LimitTests {
  @Test("a request over the limit is RESOURCE_EXHAUSTED, and so is an answer")
  func messageSize() async throws {
    try await withFixture { (fixture) async throws in
      let large = [UInt8](repeating: 0, count: 4_194_305)
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.echo, large) }
      #expect(error?.code == .resourceExhausted)
      #expect(error?.message.contains("4194304") == true)
    }
    var configuration = ClientConfiguration()
    configuration.maxResponseBytes = 10
    try await withFixture(client: configuration) { (fixture) async throws in
      let error = await rpcError {
        _ = try await fixture.channel.unary(Methods.echo, [UInt8](repeating: 0, count: 11))
      }
      #expect(error?.code == .resourceExhausted)
    }
  }

  @Test("a deadline ends the call on the client and cancels the handler's task")
  func deadline() async throws {
    try await withFixture { (fixture) async throws in
      for method in [Methods.hang, Methods.deaf] {
        let before = fixture.witness.started.value
        var timeout = Duration.milliseconds(50)
        // On a busy machine the deadline may pass before the handler has begun.
        while fixture.witness.started.value == before {
          timeout *= 2
          let options = CallOptions(timeout: timeout)
          let error = await rpcError {
            let call = try await fixture.channel.stream(method, options: options)
            try await call.send([])
            call.finish()
            _ = try await call.next()
          }
          #expect(error?.code == .deadlineExceeded)
        }
        await fixture.witness.cancelled.wait()
      }
    }
  }

  @Test("a call that expires before it has sent anything leaves the connection as it was")
  func expiredAtOnce() async throws {
    try await withFixture { (fixture) async throws in
      _ = try await fixture.channel.unary(Methods.echo, [])
      for timeout in [Duration.zero, .nanoseconds(1), .microseconds(100), .milliseconds(1)] {
        let options = CallOptions(timeout: timeout)
        for method in [Methods.hang, Methods.deaf, Methods.chat] {
          let error = await rpcError {
            let call = try await fixture.channel.stream(method, options: options)
            while try await call.next() != nil {}
          }
          #expect(error?.code == .deadlineExceeded)
        }
        #expect(try await fixture.channel.unary(Methods.echo, [1]) == [1])
        let call = try await fixture.channel.stream(Methods.chat)
        try await call.send([2])
        #expect(try await call.next() == [2])
      }
    }
  }

  @Test("a cancelled call cancels the handler's task", arguments: [Methods.hang, Methods.deaf])
  func cancellation(method: MethodDescriptor) async throws {
    try await withFixture { (fixture) async throws in
      let task = Task {
        let call = try await fixture.channel.stream(method)
        try await call.send([])
        call.finish()
        await fixture.witness.hanging.wait()
        call.cancel()
        _ = try await call.next()
      }
      let error = await rpcError { try await task.value }
      #expect(error?.code == .cancelled)
      await fixture.witness.cancelled.wait()
    }
  }

  @Test("cancelling the task of a unary call cancels the call")
  func taskCancellation() async throws {
    try await withFixture { (fixture) async throws in
      let task = Task { _ = try await fixture.channel.unary(Methods.hang, []) }
      await fixture.witness.hanging.wait()
      task.cancel()
      let error = await rpcError { try await task.value }
      #expect(error?.code == .cancelled)
      await fixture.witness.cancelled.wait()
    }
  }

  @Test("a call that its caller drops is cancelled")
  func dropped() async throws {
    try await withFixture { (fixture) async throws in
      do {
        let call = try await fixture.channel.stream(Methods.deaf)
        try await call.send([1])
        await fixture.witness.hanging.wait()
      }
      await fixture.witness.cancelled.wait()
    }
  }

  @Test("a handler that does not read stops the client's send")
  func backpressureToClient() async throws {
    var configuration = ServerConfiguration()
    configuration.http2.streamWindowBytes = 100_000
    try await withFixture(server: configuration) { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.deaf)
      let sent = Shared(0)
      let task = Task {
        while true {
          try await call.send([UInt8](repeating: 0, count: 10_000))
          sent.update { $0 += 1 }
        }
      }
      await fixture.witness.hanging.wait()
      while sent.value < 10 { try await fixture.clientLoop.sleep(for: .milliseconds(1)) }
      try await fixture.clientLoop.sleep(for: .milliseconds(50))
      // The window, the queue of the stream, and the message that filled it.
      #expect(sent.value * 10_000 <= 100_000 + 65_536 + 20_000)
      call.cancel()
      let error = await rpcError { try await task.value }
      #expect(error?.code == .cancelled)
    }
  }

  @Test("a message that waits for the window when its caller finishes is sent all the same")
  func finishBehindWaitingMessage() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.total)
      let large = [UInt8](repeating: 1, count: 2_000_000)
      try await withTaskExecutorPreference(fixture.clientLoop) {
        try await call.send(large)
        let second = Task(executorPreference: fixture.clientLoop) { try await call.send(large) }
        await Task.yield()
        call.finish()
        try await second.value
      }
      #expect(try await call.next() == Array("4000000".utf8))
      let error = await rpcError { try await call.send([1]) }
      #expect(error?.code == .failedPrecondition)
    }
  }

  @Test("a client that does not read stops the handler's send")
  func backpressureToServer() async throws {
    var configuration = ClientConfiguration()
    configuration.http2.streamWindowBytes = 100_000
    try await withFixture(client: configuration) { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.count)
      try await call.send([10, 255])
      call.finish()
      #expect(try await call.next() != nil)
      try await fixture.clientLoop.sleep(for: .milliseconds(50))
      #expect(fixture.witness.sent.value < 30)
      var rest = 1
      while try await call.next() != nil { rest += 1 }
      #expect(rest == 255)
    }
  }

  @Test("a cancelled read throws and leaves the call as it was")
  func cancelledRead() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.chat)
      let reading = Task { try await call.next() }
      try await fixture.clientLoop.sleep(for: .milliseconds(1))
      reading.cancel()
      await #expect(throws: CancellationError.self) { try await reading.value }
      try await call.send([5])
      #expect(try await call.next() == [5])
    }
  }
}

@Suite("Connections of a channel")
struct ChannelTests {
  private func deadTarget() throws -> String {
    let group = try EventLoopGroup(count: 1)
    defer { group.shutdown() }
    let listener = try Listener(SocketAddress.parse("127.0.0.1:0"), group: group) { _, _, _ in }
    defer { listener.close() }
    return listener.address.description
  }

  @Test("without a server a call is UNAVAILABLE, at once and again")
  func unavailable() async throws {
    let loop = try EventLoop(name: "client")
    defer { loop.shutdown() }
    let channel = ClientChannel(target: try deadTarget(), loop: loop)
    for _ in 0..<2 {
      let error = await rpcError { _ = try await channel.unary(Methods.echo, []) }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("127.0.0.1") == true)
    }
    await channel.close()
  }

  @Test("a call that waits for readiness survives until the server comes")
  func waitForReady() async throws {
    let target = try deadTarget()
    let loop = try EventLoop(name: "client")
    var configuration = ClientConfiguration()
    configuration.backoff.first = .milliseconds(5)
    let channel = ClientChannel(target: target, loop: loop, configuration: configuration)
    let failed = await rpcError { _ = try await channel.unary(Methods.echo, []) }
    #expect(failed?.code == .unavailable)
    let task = Task {
      try await channel.unary(Methods.echo, [7], options: CallOptions(waitForReady: true))
    }
    try await loop.sleep(for: .milliseconds(10))
    let group = try EventLoopGroup(count: 1)
    let server = GRPCServer(router: makeRouter(Witness()), group: group)
    try server.listen(on: SocketAddress.parse(target))
    #expect(try await task.value == [7])
    await channel.close()
    await server.drain(grace: .zero)
    loop.shutdown()
    group.shutdown()
  }

  @Test("a waiting call still ends at its deadline")
  func waitForReadyDeadline() async throws {
    let loop = try EventLoop(name: "client")
    defer { loop.shutdown() }
    let channel = ClientChannel(target: try deadTarget(), loop: loop)
    let error = await rpcError {
      _ = try await channel.unary(
        Methods.echo, [], options: CallOptions(timeout: .milliseconds(20), waitForReady: true))
    }
    #expect(error?.code == .deadlineExceeded)
    await channel.close()
  }

  @Test("draining lets an open call end, then the channel connects to the next server")
  func drain() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.chat)
      try await call.send([1])
      #expect(try await call.next() == [1])
      let drained = Signal()
      let draining = Task {
        await fixture.server.drain(grace: .seconds(60))
        drained.fire()
      }
      try await fixture.clientLoop.sleep(for: .milliseconds(20))
      try await call.send([2])
      #expect(try await call.next() == [2])
      let error = await rpcError { _ = try await fixture.channel.unary(Methods.echo, []) }
      #expect(error?.code == .unavailable)
      call.finish()
      #expect(try await call.next() == nil)
      await drained.wait()
      await draining.value
      #expect(fixture.server.connectionCount == 0)
      let next = GRPCServer(router: makeRouter(Witness()), group: fixture.group)
      try next.listen(on: fixture.address)
      let answer = try await fixture.channel.unary(
        Methods.echo, [3], options: CallOptions(waitForReady: true))
      #expect(answer == [3])
      await fixture.channel.close()
      await next.drain(grace: .zero)
    }
  }

  @Test("calls left over after the grace are cut, and their clients learn it")
  func drainCuts() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.deaf)
      await fixture.witness.hanging.wait()
      #expect(await fixture.server.drain(grace: .milliseconds(10)) == 1)
      await fixture.witness.cancelled.wait()
      let error = await rpcError { _ = try await call.next() }
      #expect(error == RPCError(.unavailable, "the server stopped before the call ended"))
    }
  }

  @Test("loops are freed when the server is drained and the channel is closed")
  func freed() async throws {
    weak var server: EventLoop?
    weak var client: EventLoop?
    try await withFixture { (fixture) async throws in
      server = fixture.group.loops[0]
      client = fixture.clientLoop
      _ = try await fixture.channel.unary(Methods.later, [])
      _ = await rpcError {
        _ = try await fixture.channel.unary(
          Methods.hang, [], options: CallOptions(timeout: .milliseconds(5)))
      }
      let call = try await fixture.channel.stream(Methods.chat)
      try await call.send([1])
      _ = try await call.next()
    }
    #expect(server == nil)
    #expect(client == nil)
  }

  @Test("a closed channel refuses calls and ends open ones")
  func closed() async throws {
    try await withFixture { (fixture) async throws in
      let call = try await fixture.channel.stream(Methods.deaf)
      await fixture.channel.close()
      let open = await rpcError { _ = try await call.next() }
      #expect(open?.code == .unavailable)
      let later = await rpcError { _ = try await fixture.channel.unary(Methods.echo, []) }
      #expect(later?.code == .unavailable)
    }
  }

  @Test("a peer that does not speak HTTP/2 is UNAVAILABLE")
  func wrongProtocol() async throws {
    let group = try EventLoopGroup(count: 1)
    let loop = try EventLoop(name: "client")
    let listener = try Listener(SocketAddress.parse("127.0.0.1:0"), group: group) {
      let socket = Socket($0, peer: $1, loop: $2)
      let greeter = Greeter()
      // The loop holds the socket until it is closed.
      try? socket.start(greeter)
      socket.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
      socket.closeAfterFlush()
    }
    let channel = ClientChannel(target: listener.address.description, loop: loop)
    let error = await rpcError { _ = try await channel.unary(Methods.echo, []) }
    #expect(error?.code == .unavailable)
    await channel.close()
    listener.close()
    loop.shutdown()
    group.shutdown()
  }
}

private final class Greeter: SocketDelegate {
  func socketReceived(_ bytes: RawSpan) {}
  func socketDrained() {}
  func socketClosed(_ closure: SocketClosure) {}
}

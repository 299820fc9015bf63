import HTTP2
import Reactor
import Testing

@testable import GRPC

/// Handlers that a test holds back, and how many have begun.
private final class Gate: Sendable {
  private struct State: Sendable {
    var isOpen = false
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  private let state = Shared(State())
  let begun = Shared(0)
  let signal = Signal()

  /// Waits without regard to cancellation.
  func pass() async {
    begun.update { $0 += 1 }
    signal.fire()
    await withUnsafeContinuation { continuation in
      if state.value.isOpen { return continuation.resume() }
      state.update { $0.waiting.append(continuation) }
    }
  }

  func open() {
    let waiting = state.value.waiting
    state.update { $0 = State(isOpen: true) }
    for continuation in waiting { continuation.resume() }
  }

  func waitForHandlers(_ count: Int) async {
    while begun.value < count { await signal.wait() }
  }
}

/// A server with one loop and channels to it.
private final class House: Sendable {
  let group: EventLoopGroup
  let clientLoop: EventLoop
  let server: GRPCServer
  let address: SocketAddress

  init(_ router: Router, _ configure: (inout ServerConfiguration) -> Void = { _ in }) throws {
    var configuration = ServerConfiguration()
    configure(&configuration)
    group = try EventLoopGroup(count: 1)
    clientLoop = try EventLoop(name: "client")
    server = GRPCServer(configuration: configuration, router: router, group: group)
    address = try server.listen(on: SocketAddress.parse("127.0.0.1:0"))
  }

  func channel(_ configure: (inout ClientConfiguration) -> Void = { _ in }) -> ClientChannel {
    var configuration = ClientConfiguration()
    configure(&configuration)
    return ClientChannel(
      target: address.description, loop: clientLoop, configuration: configuration)
  }

  func stop() async {
    await server.drain(grace: .zero)
    clientLoop.shutdown()
    group.shutdown()
  }
}

@Suite("Bounds of a server")
struct BoundsTests {
  private static func router(_ gate: Gate) -> Router {
    var router = Router()
    router.register(
      Methods.hang,
      .unary { _, _ in
        .later {
          await gate.pass()
          return []
        }
      })
    router.register(
      Methods.echo,
      .unary { bytes, _ in
        gate.begun.update { $0 += 1 }
        return .message(Array(bytes))
      })
    return router
  }

  @Test("handlers that run on after their call have a bound, and then new streams are refused")
  func abandonedHandlers() async throws {
    let gate = Gate()
    let house = try House(Self.router(gate)) { $0.http2.maxAbandonedHandlers = 3 }
    let channel = house.channel()
    let calls = (0..<3).map { _ in Task { try await channel.unary(Methods.hang, []) } }
    await gate.waitForHandlers(3)
    for call in calls { call.cancel() }
    for call in calls { _ = await call.result }
    let refused = await rpcError { _ = try await channel.unary(Methods.echo, [1]) }
    #expect(refused?.code == .unavailable)
    gate.open()
    var isServed = false
    while !isServed {
      isServed = await rpcError { _ = try await channel.unary(Methods.echo, [1]) } == nil
    }
    await channel.close()
    await house.stop()
  }

  @Test("handlers do not begin while their client reads no answers")
  func unreadAnswers() async throws {
    let gate = Gate()
    let house = try House(Self.router(gate)) { $0.http2.connectionQueueBytes = 150_000 }
    let deaf = house.channel { $0.http2.streamWindowBytes = 0 }
    let message = [UInt8](repeating: 1, count: 50_000)
    let options = CallOptions(timeout: .milliseconds(300))
    await withTaskGroup(of: RPCError?.self) { tasks in
      for _ in 0..<20 {
        tasks.addTask {
          await rpcError { _ = try await deaf.unary(Methods.echo, message, options: options) }
        }
      }
      for await error in tasks { #expect(error?.code == .deadlineExceeded) }
    }
    #expect(gate.begun.value < 10)
    let reader = house.channel()
    #expect(try await reader.unary(Methods.echo, message) == message)
    await deaf.close()
    await reader.close()
    await house.stop()
  }

  @Test("requests that fill the memory without being complete are RESOURCE_EXHAUSTED")
  func incompleteRequests() async throws {
    let house = try House(Self.router(Gate())) { $0.http2.connectionBufferBytes = 100_000 }
    let channel = house.channel()
    let stream = try await channel.stream(Methods.total)
    let message = [UInt8](repeating: 1, count: 400_000)
    let error = await rpcError { _ = try await channel.unary(Methods.echo, message) }
    #expect(error?.code == .resourceExhausted)
    let small = try await channel.unary(Methods.echo, [1])
    #expect(small == [1])
    stream.cancel()
    await channel.close()
    await house.stop()
  }

  @Test("a message that never becomes complete ends its call")
  func slowMessage() async throws {
    var configuration = ServerConfiguration()
    configuration.http2.messageTimeout = .milliseconds(20)
    try await withFixture(server: configuration) { fixture in
      let answer = try await sendRaw(fixture, body: [0, 0, 0, 0, 9, 1], finishes: false)
      #expect(answer.status == "4")
    }
  }

  @Test("one address has a bound of its own, and others are let in")
  func perAddress() {
    let doors = Doors(maxConnections: 5, maxPerAddress: 2)
    let (here, there) = (
      SocketAddress.ipv4([127, 0, 0, 1], port: 1), SocketAddress.ipv4([127, 0, 0, 2], port: 1)
    )
    #expect(doors.enter(here) == nil && doors.enter(.ipv4([127, 0, 0, 1], port: 2)) == nil)
    #expect(doors.enter(here) == .address)
    #expect([there, .unix(""), .unix("")].allSatisfy { doors.enter($0) == nil })
    #expect(doors.enter(there) == .all)
    doors.leave(here)
    #expect(doors.enter(here) == nil)
    #expect(doors.count == 5)
  }

  @Test("who is closed for a bound is told of with the bound")
  func refusals() async throws {
    let told = Shared<[String]>([])
    let refused = Signal()
    var configuration = ServerConfiguration()
    configuration.maxConnectionsPerAddress = 1
    configuration.connectionRefused = { _, bound in
      told.update { $0.append(bound) }
      refused.fire()
    }
    try await withFixture(server: configuration) { fixture in
      _ = try await fixture.channel.unary(Methods.echo, [1])
      let second = ClientChannel(target: fixture.address.description, loop: fixture.clientLoop)
      #expect(await rpcError { _ = try await second.unary(Methods.echo, [1]) } != nil)
      await refused.wait()
      #expect(told.value.first == "max-connections-per-address is reached: 1")
      await second.close()
    }
  }

  @Test("addresses of one IPv6 network count as one")
  func network() {
    let doors = Doors(maxConnections: 9, maxPerAddress: 1)
    var host = [UInt8](repeating: 1, count: 16)
    #expect(doors.enter(.ipv6(host, port: 1, scope: 0)) == nil)
    host[15] = 9
    #expect(doors.enter(.ipv6(host, port: 1, scope: 0)) == .address)
    host[0] = 9
    #expect(doors.enter(.ipv6(host, port: 1, scope: 0)) == nil)
  }

  @Test("a client that pings too often is told so, and doubles its interval")
  func tooManyPings() async throws {
    let gate = Gate()
    let house = try House(Self.router(gate)) { $0.http2.maxPingStrikes = 1 }
    let channel = house.channel { $0.http2.keepaliveInterval = .milliseconds(5) }
    let error = await rpcError { _ = try await channel.unary(Methods.hang, []) }
    #expect(error?.code == .unavailable)
    let core = channel.core
    let interval = await withCheckedContinuation { continuation in
      core.loop.execute { continuation.resume(returning: core.http2.keepaliveInterval) }
    }
    #expect(interval == .milliseconds(10))
    gate.open()
    await channel.close()
    await house.stop()
  }
}

@Suite("The end of a server")
struct DrainTests {
  @Test("a handler that does not return and a client that stays do not hold a server")
  func stubborn() async throws {
    let gate = Gate()
    var router = Router()
    router.register(
      Methods.hang,
      .unary { _, _ in
        .later {
          await gate.pass()
          return []
        }
      })
    let house = try House(router)
    let channel = house.channel()
    let call = Task { await rpcError { _ = try await channel.unary(Methods.hang, []) } }
    await gate.waitForHandlers(1)
    await house.server.drain(grace: .milliseconds(10))
    #expect(await call.value?.code == .unavailable)
    #expect(house.server.connectionCount == 0)
    gate.open()
    await channel.close()
    await house.stop()
  }

  @Test("servers that follow one another on an address fail no call")
  func rollingRestart() async throws {
    let group = try EventLoopGroup(count: 2)
    let clientLoop = try EventLoop(name: "client")
    let witness = Witness()
    func start(_ address: SocketAddress) throws -> (GRPCServer, SocketAddress) {
      let server = GRPCServer(router: makeRouter(witness), group: group)
      return (server, try server.listen(on: address, sharesPort: true))
    }
    let (first, address) = try start(SocketAddress.parse("127.0.0.1:0"))
    let channels = (0..<4).map { _ in ClientChannel(target: address.description, loop: clientLoop) }
    let isOver = Shared(false)
    let calls = Shared(0)
    let failures = await withTaskGroup(of: [RPCError].self) { tasks in
      for index in 0..<16 {
        tasks.addTask {
          var failures: [RPCError] = []
          while !isOver.value {
            let error = await rpcError {
              let method = index % 4 == 0 ? Methods.later : Methods.echo
              _ = try await channels[index % 4].unary(method, [UInt8(index)])
            }
            calls.update { $0 += 1 }
            if let error { failures.append(error) }
          }
          return failures
        }
      }
      var old = first
      for _ in 0..<5 {
        let before = calls.value
        while calls.value < before + 200 { await Task.yield() }
        do {
          let (new, _) = try start(address)
          await old.drain(grace: .seconds(5))
          old = new
        } catch { Issue.record(error) }
      }
      isOver.update { $0 = true }
      let failures = await tasks.reduce(into: []) { $0 += $1 }
      await old.drain(grace: .seconds(5))
      return failures
    }
    #expect(failures == [])
    #expect(calls.value > 1000)
    for channel in channels { await channel.close() }
    clientLoop.shutdown()
    group.shutdown()
  }
}

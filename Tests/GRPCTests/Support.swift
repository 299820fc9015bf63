import GRPC
import HTTP2
import Reactor
import TLS
import Testing

/// A value that several threads may change.
final class Shared<Value: Sendable>: Sendable {
  private let storage: Locked<Value>

  init(_ value: Value) { storage = Locked(value) }

  var value: Value { storage.withLock { $0 } }

  func update(_ body: @Sendable (inout Value) -> Void) {
    storage.withLock { value in body(&value) }
  }
}

/// An event that a test can wait for.
final class Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func fire() { continuation.yield() }

  func wait() async {
    for await _ in stream { return }
  }
}

/// Bytes whose period is no power of two, made without a step for each.
func differingBytes(_ count: Int) -> [UInt8] {
  var bytes = [UInt8](0...250)
  while bytes.count < count { bytes += bytes }
  return [UInt8](bytes.prefix(count))
}

/// The methods of the test server.
enum Methods {
  static let echo = MethodDescriptor(service: "test.Echo", name: "Unary", kind: .unary)
  static let later = MethodDescriptor(service: "test.Echo", name: "Later", kind: .unary)
  static let fail = MethodDescriptor(service: "test.Echo", name: "Fail", kind: .unary)
  static let metadata = MethodDescriptor(service: "test.Echo", name: "Metadata", kind: .unary)
  static let hang = MethodDescriptor(service: "test.Echo", name: "Hang", kind: .unary)
  static let total = MethodDescriptor(service: "test.Echo", name: "Total", kind: .clientStreaming)
  static let count = MethodDescriptor(service: "test.Echo", name: "Count", kind: .serverStreaming)
  static let chat = MethodDescriptor(
    service: "test.Echo", name: "Chat", kind: .bidirectionalStreaming)
  static let deaf = MethodDescriptor(
    service: "test.Echo", name: "Deaf", kind: .bidirectionalStreaming)
  static let whoAmI = MethodDescriptor(service: "test.Echo", name: "WhoAmI", kind: .unary)
  static let verbose = MethodDescriptor(service: "test.Echo", name: "Verbose", kind: .unary)
  static let liar = MethodDescriptor(service: "test.Echo", name: "Liar", kind: .unary)
  /// Answers compressed if the first byte of the request is 1.
  static let wish = MethodDescriptor(service: "test.Echo", name: "Wish", kind: .unary)
  static let flags = MethodDescriptor(
    service: "test.Echo", name: "Flags", kind: .bidirectionalStreaming)
  /// Answers how many messages it had read when its loop came to do something else.
  static let greedy = MethodDescriptor(
    service: "test.Echo", name: "Greedy", kind: .clientStreaming)
  /// Answers to each message how large it was said to be, and how large it was.
  static let sizes = MethodDescriptor(
    service: "test.Echo", name: "Sizes", kind: .bidirectionalStreaming)
  /// Looks at the first message, and takes nothing until it is cancelled.
  static let looking = MethodDescriptor(
    service: "test.Echo", name: "Looking", kind: .bidirectionalStreaming)
  static let missing = MethodDescriptor(service: "test.Echo", name: "Missing", kind: .unary)
}

/// What the handlers of the test server have seen.
final class Witness: Sendable {
  let cancelled = Signal()
  let hanging = Signal()
  let started = Shared(0)
  let sent = Shared(0)
  let unexpected = Shared(0)
  let handshakeFailures = Shared<[String]>([])
  let handshakeFailed = Signal()
}

struct Unexpected: Error {}

/// A google.rpc.Status with the code NOT_FOUND and a message.
let notFoundDetails: [UInt8] = [8, 5, 18, 2, 110, 111]

func makeRouter(_ witness: Witness) -> Router {
  var router = Router()
  addUnary(to: &router, witness)
  addStreaming(to: &router, witness)
  addIdentity(to: &router)
  return router
}

private func addUnary(to router: inout Router, _ witness: Witness) {
  router.register(Methods.echo, .unary { bytes, _ in .message(Array(bytes)) })
  router.register(
    Methods.later,
    .unary { bytes, context in
      let copy = Array(bytes)
      return .later {
        try await context.eventLoop.sleep(for: .microseconds(10))
        return copy
      }
    })
  router.register(
    Methods.fail,
    .unary { bytes, context in
      try context.addTrailingMetadata("reason", "because")
      if bytes.isEmpty { throw Unexpected() }
      throw RPCError(.notFound, "no 100% 'ü' here\n", details: notFoundDetails)
    })
  router.register(
    Methods.verbose,
    .unary { _, context in
      try context.addTrailingMetadata("filler", String(repeating: "y", count: 400))
      throw RPCError(.notFound, String(repeating: "z", count: 310), details: notFoundDetails)
    })
  router.register(
    Methods.liar,
    .unary { _, _ in throw RPCError(.notFound, "", details: [8, 7]) })
  router.register(
    Methods.wish,
    .unary { bytes, context in
      context.compressesResponses = bytes.first == 1
      return .message([UInt8](repeating: context.isRequestCompressed ? 1 : 0, count: 9_000))
    })
  router.register(
    Methods.metadata,
    .unary { _, context in
      for entry in context.metadata.entries {
        switch entry.value {
        case .text(let text): try context.addInitialMetadata("got-\(entry.name)", text)
        case .binary(let bytes):
          try context.addTrailingMetadata("got-\(entry.name)", binary: bytes)
        }
      }
      return .message([])
    })
  router.register(
    Methods.hang,
    .unary { _, context in
      .later {
        witness.started.update { $0 += 1 }
        witness.hanging.fire()
        defer { if context.isCancelled { witness.cancelled.fire() } }
        try await context.eventLoop.sleep(for: .seconds(3600))
        return []
      }
    })
}

private func addIdentity(to router: inout Router) {
  router.register(
    Methods.whoAmI,
    .unary { _, context in .message(Array((context.identity?.description ?? "nobody").utf8)) })
}

private func addStreaming(to router: inout Router, _ witness: Witness) {
  router.register(
    Methods.total,
    .streaming { stream in
      var sum = 0
      while let message = try await stream.next() { sum += message.count }
      try await stream.send(Array("\(sum)".utf8))
    })
  router.register(
    Methods.count,
    .streaming { stream in
      let request = try await stream.next() ?? []
      let size = Int(request.first ?? 0) * 1000
      for index in 0..<Int(request.last ?? 0) {
        try await stream.send([UInt8](repeating: UInt8(index), count: size))
        witness.sent.update { $0 += 1 }
      }
    })
  router.register(
    Methods.chat,
    .streaming { stream in
      while let message = try await stream.next() { try await stream.send(message) }
    })
  router.register(
    Methods.flags,
    .streaming { stream in
      while let message = try await stream.next() {
        stream.context.compressesResponses = message.first == 1
        try await stream.send(message + [stream.context.isRequestCompressed ? 1 : 0])
      }
    })
  router.register(
    Methods.greedy,
    .streaming { stream in
      var count = 0
      let seen = Shared<UInt8?>(nil)
      let turned = Shared(false)
      while try await stream.next() != nil {
        if count == 0 {
          stream.context.eventLoop.schedule(after: .zero) { turned.update { $0 = true } }
        }
        count += 1
        let now = UInt8(count)
        if turned.value { seen.update { $0 = $0 ?? now } }
      }
      try await stream.send([seen.value ?? 255])
    })
  router.register(
    Methods.sizes,
    .streaming { stream in
      while let size = try await stream.arrival() {
        // Looking twice changes nothing.
        guard try await stream.arrival() == size, let message = try await stream.next() else {
          throw Unexpected()
        }
        try await stream.send(Array("\(size) \(message.count)".utf8))
      }
      guard try await stream.next() == nil else { throw Unexpected() }
    })
  router.register(
    Methods.looking,
    .streaming { stream in
      do {
        let size = try await stream.arrival()
        try await stream.send(Array("\(size ?? -1)".utf8))
        try await stream.context.eventLoop.sleep(for: .seconds(3600))
      } catch {
        witness.cancelled.fire()
      }
    })
  router.register(
    Methods.deaf,
    .streaming { stream in
      witness.started.update { $0 += 1 }
      witness.hanging.fire()
      do {
        try await stream.context.eventLoop.sleep(for: .seconds(3600))
      } catch {
        witness.cancelled.fire()
      }
    })
}

/// A server and a channel to it, on loops of their own.
struct Fixture: Sendable {
  let group: EventLoopGroup
  let clientLoop: EventLoop
  let server: GRPCServer
  let channel: ClientChannel
  let address: SocketAddress
  let witness: Witness

  init(
    server serverConfiguration: ServerConfiguration = .init(),
    client clientConfiguration: ClientConfiguration = .init(), tls: TLSContext? = nil
  ) throws {
    let witness = Witness()
    var serverConfiguration = serverConfiguration
    serverConfiguration.unexpectedError = { _, _ in witness.unexpected.update { $0 += 1 } }
    serverConfiguration.handshakeFailed = { _, reason in
      witness.handshakeFailures.update { $0.append(reason) }
      witness.handshakeFailed.fire()
    }
    group = try EventLoopGroup(count: 2)
    clientLoop = try EventLoop(name: "client")
    server = GRPCServer(
      configuration: serverConfiguration, router: makeRouter(witness), group: group)
    address = try server.listen(on: SocketAddress.parse("127.0.0.1:0"), tls: tls)
    channel = ClientChannel(
      target: address.description, loop: clientLoop, configuration: clientConfiguration)
    self.witness = witness
  }

  func stop() async {
    await channel.close()
    await server.drain(grace: .zero)
    clientLoop.shutdown()
    group.shutdown()
  }
}

/// Runs `body` with a server and a channel, and stops them.
func withFixture(
  server: ServerConfiguration = .init(), client: ClientConfiguration = .init(),
  tls: TLSContext? = nil, _ body: (Fixture) async throws -> Void
) async throws {
  let fixture = try Fixture(server: server, client: client, tls: tls)
  do {
    try await body(fixture)
  } catch {
    await fixture.stop()
    throw error
  }
  await fixture.stop()
}

/// The error that `body` throws, if it is an `RPCError`.
func rpcError(_ body: () async throws -> Void) async -> RPCError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? RPCError
  }
}

import Reactor
import Testing

@testable import GRPC

extension Methods {
  /// Answers the number of the server.
  static let which = MethodDescriptor(
    service: "test.Echo", name: "Which", kind: .unary, isIdempotent: true)
  /// Answers the number of the server; one whose number the request has does not answer.
  static let whichUnless = MethodDescriptor(
    service: "test.Echo", name: "WhichUnless", kind: .unary, isIdempotent: true)
}

/// One of several servers that do the same; it can be lost without a farewell.
final class Member: Sendable {
  let number: UInt8
  let witness = Witness()
  private let server: GRPCServer
  private let listener: Listener

  init(
    _ number: UInt8, on group: EventLoopGroup,
    _ configuration: ServerConfiguration = ServerConfiguration()
  ) throws {
    self.number = number
    var router = makeRouter(witness)
    router.register(Methods.which, .unary { _, _ in .message([number]) })
    router.register(
      Methods.whichUnless,
      .unary { [witness] bytes, context in
        guard Array(bytes) == [number] else { return .message([number]) }
        return .later {
          witness.started.update { $0 += 1 }
          witness.hanging.fire()
          try await context.eventLoop.sleep(for: .seconds(3600))
          return []
        }
      })
    let server = GRPCServer(configuration: configuration, router: router, group: group)
    self.server = server
    listener = try Listener(SocketAddress.parse("127.0.0.1:0"), group: group) {
      descriptor, peer, loop in
      server.homes.first { $0.loop === loop }?.accept(descriptor, peer, nil)
    }
  }

  var address: SocketAddress { listener.address }

  /// Connections that are open now.
  var connectionCount: Int { server.connectionCount }

  /// Ends as a process that is killed: nobody is told.
  func kill() async {
    await listener.closeAndWait()
    for home in server.homes {
      await withUnsafeContinuation { continuation in
        home.loop.execute {
          for connection in home.connections.values { connection.close("killed") }
          continuation.resume()
        }
      }
    }
    await server.drain(grace: .zero)
  }
}

/// A resolver that says what the test wants.
final class TestResolver: Resolver {
  let addresses: Shared<[SocketAddress]>
  let questions = Shared(0)
  let asked = Signal()

  init(_ addresses: [SocketAddress]) { self.addresses = Shared(addresses) }

  func resolve(_ target: Target) async throws -> [Endpoint] {
    questions.update { $0 += 1 }
    asked.fire()
    let found = addresses.value
    guard !found.isEmpty else { throw RPCError(.unavailable, "nobody knows that name") }
    return found.map { Endpoint(address: $0, authority: "fleet.example:1") }
  }
}

/// Several servers, and a loop for channels to them.
struct Fleet {
  let group: EventLoopGroup
  let loop: EventLoop
  let members: [Member]

  var addresses: [SocketAddress] { members.map(\.address) }
  var target: String { addresses.map(\.description).joined(separator: ",") }

  /// A configuration that loses no time.
  static func configuration(_ loadBalancing: LoadBalancing = .roundRobin) -> ClientConfiguration {
    var configuration = ClientConfiguration()
    configuration.loadBalancing = loadBalancing
    configuration.backoff.first = .milliseconds(2)
    configuration.backoff.longest = .milliseconds(10)
    configuration.minResolutionInterval = .milliseconds(1)
    return configuration
  }

  func channel(
    _ configuration: ClientConfiguration = configuration(), to target: String? = nil
  ) -> ClientChannel {
    ClientChannel(target: target ?? self.target, loop: loop, configuration: configuration)
  }
}

/// Runs `body` with some servers, and stops them.
func withFleet(_ count: Int, _ body: (Fleet) async throws -> Void) async throws {
  let group = try EventLoopGroup(count: 1)
  let loop = try EventLoop(name: "client")
  let members = try (0..<count).map { try Member(UInt8($0), on: group) }
  let result: Result<Void, any Error>
  do {
    result = .success(
      try await body(Fleet(group: group, loop: loop, members: members)))
  } catch {
    result = .failure(error)
  }
  for member in members { await member.kill() }
  loop.shutdown()
  group.shutdown()
  try result.get()
}

/// Addresses that nobody listens on.
func deadAddresses(_ count: Int) throws -> [SocketAddress] {
  let group = try EventLoopGroup(count: 1)
  defer { group.shutdown() }
  let listeners = try (0..<count).map { _ in
    try Listener(SocketAddress.parse("127.0.0.1:0"), group: group) { _, _, _ in }
  }
  defer { for listener in listeners { listener.close() } }
  return listeners.map(\.address)
}

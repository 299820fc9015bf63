import APIBindings
import GRPC
import Testing

@testable import GRPCServices

@Suite("health")
struct HealthTests {
  private let services = StandardServices(of: "test", beside: Router())
  private static let reflection = "grpc.reflection.v1.ServerReflection"

  @Test("a server and its services serve until it drains")
  func check() async throws {
    try await withServices(services) { channel in
      let client = HealthClient(channel)
      for name in ["", "grpc.health.v1.Health", Self.reflection] {
        let answer = try await client.check(.init(service: name))
        #expect(answer.status == .serving, "\(name)")
      }
      services.health.set(.notServing, for: Self.reflection)
      #expect(try await client.check(.init(service: Self.reflection)).status == .notServing)
      #expect(try await client.check(.init()).status == .serving)
      services.health.drain()
      services.health.set(.serving, for: Self.reflection)
      for name in ["", Self.reflection] {
        let answer = try await client.check(.init(service: name))
        #expect(answer.status == .notServing, "\(name)")
      }
    }
  }

  @Test("a service that does not exist is NOT_FOUND")
  func unknown() async throws {
    try await withServices(services) { channel in
      await #expect(throws: RPCError(.notFound, "there is no service nobody.Nothing")) {
        try await HealthClient(channel).check(.init(service: "nobody.Nothing"))
      }
      let refused = await #expect(throws: RPCError.self) {
        let name = String(repeating: "x", count: 257)
        _ = try await HealthClient(channel).check(.init(service: name))
      }
      #expect(refused?.detail(RPCBadRequest.self)?.fieldViolations.first?.field == "service")
    }
  }

  @Test("a list has every service, the server as a whole first")
  func list() async throws {
    try await withServices(services) { channel in
      let statuses = try await HealthClient(channel).list(.init()).statuses
      #expect(
        statuses.map(\.key) == [
          "", "grpc.channelz.v1.Channelz", "grpc.health.v1.Health", Self.reflection,
          "grpc.reflection.v1alpha.ServerReflection",
        ])
      #expect(statuses.allSatisfy { $0.value?.status == .serving })
    }
  }

  @Test("a watch tells the status, each change once, and ends when the server drains")
  func watch() async throws {
    try await withServices(services) { channel in
      let watch = try await HealthClient(channel).watch(.init())
      #expect(try await watch.next()?.status == .serving)
      services.health.set(.serving, for: "")
      services.health.set(.notServing, for: "other")
      services.health.set(.notServing, for: "")
      #expect(try await watch.next()?.status == .notServing)
      services.health.set(.serving, for: "")
      #expect(try await watch.next()?.status == .serving)
      services.health.drain()
      #expect(try await watch.next()?.status == .notServing)
      await #expect(throws: RPCError(.unavailable, "the server stops")) {
        _ = try await watch.next()
      }
      #expect(services.health.watcherCount == 0)
      let late = try await HealthClient(channel).watch(.init())
      #expect(try await late.next()?.status == .notServing)
      await #expect(throws: RPCError.self) { try await late.next() }
    }
  }

  @Test("a server that leaves says so for good, and watches go on until it drains")
  func leave() async throws {
    try await withServices(services) { channel in
      let client = HealthClient(channel)
      let watch = try await client.watch(.init())
      #expect(try await watch.next()?.status == .serving)
      services.health.leave()
      services.health.set(.serving, for: "")
      #expect(try await watch.next()?.status == .notServing)
      #expect(try await client.check(.init()).status == .notServing)
      let late = try await client.watch(.init())
      #expect(try await late.next()?.status == .notServing)
      #expect(services.health.watcherCount == 2)
      services.health.drain()
      for watch in [watch, late] {
        await #expect(throws: RPCError(.unavailable, "the server stops")) {
          _ = try await watch.next()
        }
      }
    }
  }

  @Test("a watch of an unknown service says so, and tells when it comes")
  func watchUnknown() async throws {
    try await withServices(services) { channel in
      let watch = try await HealthClient(channel).watch(.init(service: "later"))
      #expect(try await watch.next()?.status == .serviceUnknown)
      services.health.set(.serving, for: "later")
      #expect(try await watch.next()?.status == .serving)
      watch.cancel()
    }
  }

  @Test("watches are bounded, who comes too late goes on without, and one that ends makes room")
  func bounded() async throws {
    let services = StandardServices(of: "test", beside: Router(), maxWatchers: 2)
    try await withServices(services) { channel in
      let client = HealthClient(channel)
      let first = try await client.watch(.init())
      let second = try await client.watch(.init())
      _ = (try await first.next(), try await second.next())
      let third = try await client.watch(.init())
      let refused = await #expect(throws: RPCError.self) { try await third.next() }
      #expect(refused?.code == .unimplemented)
      first.cancel()
      // The server learns of the end at its own time.
      var retried: HealthCheckResponse?
      while retried == nil {
        retried = try? await client.watch(.init()).next()
      }
      #expect(retried?.status == .serving)
      second.cancel()
    }
  }
}

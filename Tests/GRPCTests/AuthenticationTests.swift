import GRPC
import Reactor
import TLS
import Testing

/// Knows the token of the day, and writes down how often it was asked.
private final class Doorkeeper: Authenticator {
  struct Rules: Sendable {
    var number: UInt64 = 1
    var token = "one"
    var expiry = Double.infinity
    var now = 0.0
    var lookups = 0
  }

  let rules = Shared(Rules())

  var rulesNumber: UInt64 { rules.value.number }

  func principal(bearer: String?, identity: TLSIdentity?) throws(RPCError) -> Principal? {
    rules.update { $0.lookups += 1 }
    let rules = rules.value
    guard bearer == rules.token else { throw RPCError(.unauthenticated, "not today's") }
    return Principal(name: "ci", roles: [], proof: .token, expiry: rules.expiry)
  }

  func stillKnows(_ principal: Principal, by rulesNumber: UInt64) -> Bool {
    rules.value.number == rulesNumber && rules.value.now < principal.expiry
  }
}

@Suite("Who calls, on one connection")
struct AuthenticationTests {
  private func withDoor(
    _ body: (Doorkeeper, (String) async -> StatusCode) async throws -> Void
  ) async throws {
    let door = Doorkeeper()
    var configuration = ServerConfiguration()
    configuration.interceptors = [AuthenticationInterceptor(door)]
    try await withFixture(server: configuration) { fixture in
      try await body(door) { token in
        let error = await rpcError {
          var options = CallOptions()
          try options.metadata.append("authorization", "Bearer \(token)")
          _ = try await fixture.channel.unary(Methods.echo, [1], options: options)
        }
        return error?.code ?? .ok
      }
    }
  }

  @Test("a token that is shown again is looked up once")
  func again() async throws {
    try await withDoor { door, call in
      for _ in 0..<3 { #expect(await call("one") == .ok) }
      #expect(door.rules.value.lookups == 1)
    }
  }

  @Test("another token is looked up, and a refused one is not taken for the one before")
  func another() async throws {
    try await withDoor { door, call in
      #expect(await call("one") == .ok)
      for wrong in ["two", "on", "onee", "One"] {
        #expect(await call(wrong) == .unauthenticated)
      }
      #expect(await call("one") == .ok)
      #expect(door.rules.value.lookups == 6)
    }
  }

  @Test("new rules count from the next call on")
  func revoked() async throws {
    try await withDoor { door, call in
      #expect(await call("one") == .ok)
      door.rules.update { ($0.token, $0.number) = ("two", 2) }
      #expect(await call("one") == .unauthenticated)
      #expect(await call("two") == .ok)
    }
  }

  @Test("a proof that ends is asked for again")
  func expired() async throws {
    try await withDoor { door, call in
      door.rules.update { $0.expiry = 10 }
      #expect(await call("one") == .ok)
      door.rules.update { $0.now = 10 }
      #expect(await call("one") == .ok)
      #expect(door.rules.value.lookups == 2)
    }
  }

  @Test("an authorization too long to be remembered is looked up for each call")
  func long() async throws {
    try await withDoor { door, call in
      let token = String(repeating: "x", count: 4_097)
      door.rules.update { $0.token = token }
      for _ in 0..<2 { #expect(await call(token) == .ok) }
      #expect(door.rules.value.lookups == 2)
    }
  }
}

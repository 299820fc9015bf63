import GRPC
import Reactor
import TLS
import Testing

/// Knows the token of the day, and writes down how often it was asked.
private final class Doorkeeper: Authenticator {
  struct Rules: Sendable {
    var number: UInt64 = 1
    var token = "one"
    var name = "ci"
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
    return Principal(name: rules.name, roles: [], proof: .token, expiry: rules.expiry)
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

  @Test("of two authorizations none counts, lest something before the server has judged the other")
  func several() async throws {
    var configuration = ServerConfiguration()
    configuration.interceptors = [AuthenticationInterceptor(Doorkeeper())]
    try await withFixture(server: configuration) { fixture in
      for (first, second) in [("one", "one"), ("one", "two"), ("two", "one")] {
        let error = await rpcError {
          var options = CallOptions()
          try options.metadata.append("authorization", "Bearer \(first)")
          try options.metadata.append("authorization", "Bearer \(second)")
          _ = try await fixture.channel.unary(Methods.echo, [1], options: options)
        }
        #expect(error?.code == .unauthenticated)
      }
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

  /// An open stream of a caller who showed `token`, which has echoed once.
  private func chat(_ fixture: Fixture, _ token: String) async throws -> ClientStream {
    var options = CallOptions()
    try options.metadata.append("authorization", "Bearer \(token)")
    let chat = try await fixture.channel.stream(Methods.chat, options: options)
    try await chat.send([1])
    #expect(try await chat.next() == [1])
    return chat
  }

  private func withChecks(_ body: (Doorkeeper, Fixture) async throws -> Void) async throws {
    let door = Doorkeeper()
    var configuration = ServerConfiguration()
    configuration.interceptors = [AuthenticationInterceptor(door)]
    configuration.callCheckInterval = .milliseconds(5)
    try await withFixture(server: configuration) { try await body(door, $0) }
  }

  @Test("an open stream ends when its token is known no more, and others go on")
  func openStreams() async throws {
    try await withChecks { door, fixture in
      let first = try await chat(fixture, "one")
      door.rules.update { ($0.token, $0.number) = ("two", 2) }
      let error = await rpcError { _ = try await first.next() }
      #expect(error == RPCError(.unauthenticated, "not today's"))
      let second = try await chat(fixture, "two")
      door.rules.update { $0.number = 3 }
      let lookups = door.rules.value.lookups
      // It has been asked about since the rules changed, and found as it was.
      while door.rules.value.lookups == lookups { await Task.yield() }
      try await second.send([2])
      #expect(try await second.next() == [2])
      second.finish()
      #expect(try await second.next() == nil)
    }
  }

  @Test("an open stream ends when its token has ended its time")
  func openStreamExpires() async throws {
    try await withChecks { door, fixture in
      door.rules.update { $0.expiry = 10 }
      let stream = try await chat(fixture, "one")
      door.rules.update { ($0.now, $0.token) = (10, "none") }
      #expect(await rpcError { _ = try await stream.next() }?.code == .unauthenticated)
    }
  }

  @Test("an open stream ends when its token has come to stand for somebody else")
  func openStreamChanges() async throws {
    try await withChecks { door, fixture in
      let stream = try await chat(fixture, "one")
      door.rules.update { ($0.name, $0.number) = ("cd", 2) }
      let error = await rpcError { _ = try await stream.next() }
      #expect(error?.code == .unauthenticated)
      #expect(error?.message == "the credential stands for another caller by now")
    }
  }
}

import Reactor
import Testing

@testable import GRPC

@Suite("A channel to several servers")
struct ServersTests {
  /// Which servers answer `count` calls.
  private func answers(_ channel: ClientChannel, _ count: Int) async throws -> [UInt8] {
    var numbers: [UInt8] = []
    for _ in 0..<count {
      numbers += try await channel.unary(
        Methods.which, [], options: CallOptions(waitForReady: true))
    }
    return numbers
  }

  @Test("round robin gives each server its turn")
  func roundRobin() async throws {
    try await withFleet(3) { (fleet) async throws in
      let channel = fleet.channel()
      while fleet.members.contains(where: { $0.connectionCount == 0 }) {
        _ = try await answers(channel, 1)
      }
      while Set(try await answers(channel, 3)).count < 3 {}
      let numbers = try await answers(channel, 9)
      #expect(numbers.sorted() == [0, 0, 0, 1, 1, 1, 2, 2, 2])
      #expect(await channel.connectivity == .ready)
      await channel.close()
    }
  }

  @Test("pick first takes the first that answers, and sticks to it")
  func pickFirst() async throws {
    try await withFleet(2) { (fleet) async throws in
      let dead = try deadAddresses(1)[0]
      let channel = fleet.channel(
        Fleet.configuration(.pickFirst), to: "\(dead),\(fleet.target)")
      #expect(await channel.connectivity == .idle)
      #expect(try await answers(channel, 3) == [0, 0, 0])
      #expect(fleet.members.map(\.connectionCount) == [1, 0])
      await fleet.members[0].kill()
      while (try? await answers(channel, 1)) != [1] {}
      #expect(try await answers(channel, 2) == [1, 1])
      await channel.close()
    }
  }

  @Test("pick first does not wait for a server that takes connections and never says a word")
  func frozenServer() async throws {
    try await withFleet(1) { (fleet) async throws in
      let quiet = try QuietListener(on: fleet.group)
      var configuration = Fleet.configuration(.pickFirst)
      // Only the next server's turn can bring an answer.
      configuration.connectTimeout = .seconds(3600)
      let channel = fleet.channel(configuration, to: "\(quiet.address),\(fleet.target)")
      #expect(try await answers(channel, 2) == [0, 0])
      await quiet.left.wait()
      #expect(fleet.members[0].connectionCount == 1)
      await channel.close()
      quiet.close()
    }
  }

  @Test(
    "a server whose connection is abandoned loses its calls, and the others come first",
    arguments: LoadBalancing.allCases)
  func abandoned(loadBalancing: LoadBalancing) async throws {
    try await withFleet(2) { (fleet) async throws in
      var configuration = Fleet.configuration(loadBalancing)
      // It does not come back within the test.
      configuration.backoff.first = .seconds(3600)
      configuration.backoff.longest = .seconds(3600)
      let channel = fleet.channel(configuration)
      while fleet.members.allSatisfy({ $0.connectionCount == 0 }) {
        _ = try await answers(channel, 1)
      }
      let call = try await channel.stream(Methods.hang)
      try await call.send([])
      call.finish()
      while fleet.members.allSatisfy({ $0.witness.started.value == 0 }) { await Task.yield() }
      let left = fleet.members[0].witness.started.value > 0 ? 0 : 1
      let other = Task { try await call.next() }
      call.abandonConnection(RPCError(.unavailable, "it says nothing"))
      let error = await rpcError { _ = try await other.value }
      #expect(error == RPCError(.unavailable, "it says nothing"))
      #expect(try await answers(channel, 3) == Array(repeating: UInt8(1 - left), count: 3))
      while fleet.members[left].connectionCount > 0 { await Task.yield() }
      await channel.close()
    }
  }

  @Test("when no server can be reached the error names them all", arguments: LoadBalancing.allCases)
  func allDead(loadBalancing: LoadBalancing) async throws {
    try await withFleet(0) { (fleet) async throws in
      let dead = try deadAddresses(3)
      let target = dead.map(\.description).joined(separator: ",")
      let channel = fleet.channel(Fleet.configuration(loadBalancing), to: target)
      for _ in 0..<2 {
        let error = await rpcError { _ = try await channel.unary(Methods.echo, []) }
        #expect(error?.code == .unavailable)
        for address in dead {
          #expect(error?.message.contains(address.description) == true, "\(error?.message ?? "")")
        }
      }
      await channel.close()
    }
  }

  @Test("a name that is not known fails calls, and those that wait live until it is")
  func unknownName() async throws {
    try await withFleet(1) { (fleet) async throws in
      let resolver = TestResolver([])
      var configuration = Fleet.configuration(.pickFirst)
      configuration.resolver = resolver
      let channel = fleet.channel(configuration, to: "dns:///fleet.example")
      let error = await rpcError { _ = try await channel.unary(Methods.echo, []) }
      #expect(error?.code == .unavailable)
      #expect(error?.message == "nobody knows that name")
      let waiting = Task { try await self.answers(channel, 1) }
      let before = resolver.questions.value
      while resolver.questions.value < before + 2 { await resolver.asked.wait() }
      resolver.addresses.update { [addresses = fleet.addresses] in $0 = addresses }
      #expect(try await waiting.value == [0])
      await channel.close()
    }
  }

  @Test("a target that cannot be read is the caller's mistake")
  func badTarget() async throws {
    try await withFleet(0) { (fleet) async throws in
      let channel = fleet.channel(to: "http://a:1")
      let error = await rpcError {
        _ = try await channel.unary(
          Methods.which, [], options: CallOptions(waitForReady: true))
      }
      #expect(error?.code == .invalidArgument)
      await channel.close()
    }
  }

  @Test("when the servers of a name change, calls follow", arguments: LoadBalancing.allCases)
  func nameChanges(loadBalancing: LoadBalancing) async throws {
    try await withFleet(2) { (fleet) async throws in
      let resolver = TestResolver([fleet.addresses[0]])
      var configuration = Fleet.configuration(loadBalancing)
      configuration.resolver = resolver
      let channel = fleet.channel(configuration, to: "dns:///fleet.example")
      #expect(try await answers(channel, 1) == [0])
      resolver.addresses.update { [addresses = fleet.addresses] in $0 = [addresses[1]] }
      await fleet.members[0].kill()
      while (try? await answers(channel, 1)) != [1] {}
      #expect(try await answers(channel, 2) == [1, 1])
      await channel.close()
    }
  }

  @Test("calls on a server that leaves the list go on until they end")
  func leaving() async throws {
    try await withFleet(3) { (fleet) async throws in
      let resolver = TestResolver(Array(fleet.addresses[0...1]))
      var configuration = Fleet.configuration()
      configuration.resolver = resolver
      let channel = fleet.channel(configuration, to: "dns:///fleet.example")
      var chats: [ClientStream] = []
      while fleet.members[0...1].contains(where: { $0.connectionCount == 0 }) || chats.count < 4 {
        let chat = try await channel.stream(Methods.chat)
        try await chat.send([7])
        #expect(try await chat.next() == [7])
        chats.append(chat)
      }
      resolver.addresses.update { [addresses = fleet.addresses] in $0 = [addresses[2]] }
      // A lost connection makes the channel ask again.
      await fleet.members[1].kill()
      while (try? await answers(channel, 1)) != [2] {}
      var outcomes: [Bool] = []
      for chat in chats {
        let error = await rpcError {
          try await chat.send([8])
          #expect(try await chat.next() == [8])
          chat.finish()
          #expect(try await chat.next() == nil)
        }
        outcomes.append(error == nil)
      }
      #expect(outcomes.contains(true) && outcomes.contains(false))
      await channel.close()
    }
  }

  @Test(
    "without calls the connections are closed, until the next", arguments: LoadBalancing.allCases)
  func idle(loadBalancing: LoadBalancing) async throws {
    try await withFleet(2) { (fleet) async throws in
      let resolver = TestResolver(fleet.addresses)
      var configuration = Fleet.configuration(loadBalancing)
      configuration.resolver = resolver
      configuration.idleTimeout = .milliseconds(20)
      // The next call does not wait for the distance of look-ups.
      configuration.minResolutionInterval = .seconds(3600)
      let channel = fleet.channel(configuration, to: "dns:///fleet.example")
      for round in 1...3 {
        _ = try await answers(channel, 1)
        while fleet.members.contains(where: { $0.connectionCount > 0 }) { await Task.yield() }
        #expect(await channel.connectivity == .idle)
        #expect(resolver.questions.value == round)
      }
      let chat = try await channel.stream(Methods.chat)
      try await fleet.loop.sleep(for: .milliseconds(60))
      try await chat.send([7])
      #expect(try await chat.next() == [7])
      chat.finish()
      #expect(try await chat.next() == nil)
      await channel.close()
    }
  }

  @Test("look-ups keep their distance")
  func interval() async throws {
    try await withFleet(1) { (fleet) async throws in
      let dead = try deadAddresses(1)
      let resolver = TestResolver(dead)
      var configuration = Fleet.configuration(.pickFirst)
      configuration.resolver = resolver
      configuration.minResolutionInterval = .seconds(3600)
      let channel = fleet.channel(configuration, to: "dns:///fleet.example")
      for _ in 0..<50 { _ = await rpcError { _ = try await channel.unary(Methods.echo, []) } }
      #expect(resolver.questions.value == 1)
      await channel.close()
    }
  }
}

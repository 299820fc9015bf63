import APIBindings
import APIMapping
import BenchmarkDomain
import Foundation
import GRPC
import Reactor
import SampleSpool
import Synchronization
import Testing

@testable import AgentApp

@Suite("The agent's session", .serialized, .timeLimit(.minutes(1)))
struct SessionLinkTests {
  /// An agent that runs its sessions on a server of the test's, and what it says of them.
  private struct Running {
    let agent: AgentController
    let task: Task<Void, any Error>
    var words: AsyncStream<String>.Iterator
  }

  /// Joins an agent to a server whose sessions are `session`, for as long as the body runs.
  private func withServer(
    _ session: @escaping @Sendable (ServerStream) async throws -> Void,
    _ body: (inout Running) async throws -> Void
  ) async throws {
    try await withServers([session], silence: SilenceLimit(), body)
  }

  /// As `withServer`, with several in the agent's list.
  private func withServers(
    _ sessions: [@Sendable (ServerStream) async throws -> Void], silence: SilenceLimit,
    _ body: (inout Running) async throws -> Void
  ) async throws {
    let group = try EventLoopGroup(count: 1)
    let loop = try EventLoop(name: "agent")
    let servers = sessions.map { session in
      var router = Router()
      router.register(BenchmarkControlMethods.agentSession, .streaming(session))
      return GRPCServer(router: router, group: group)
    }
    let addresses = try servers.map { "\(try $0.listen(on: .parse("127.0.0.1:0")))" }
    let channel = ClientChannel(target: addresses.joined(separator: ","), loop: loop)
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "benchfront-\(UUID().uuidString)").path()
    let agent = AgentController(
      runner: InstantRunner(), spool: try Spool(folder: folder),
      inventory: AgentInventory(
        hostName: "h", agentVersion: "0", hardwareIDs: ["h"], engineIDs: ["e"], isSimulated: true),
      log: { _ in })
    let (words, log) = AsyncStream.makeStream(of: String.self)
    let link = SessionLink(channel: channel, controller: agent, silence: silence) {
      log.yield($0)
    }
    let task = Task {
      defer { log.finish() }
      try await link.run()
    }
    var running = Running(agent: agent, task: task, words: words.makeAsyncIterator())
    do { try await body(&running) } catch { Issue.record(error) }
    task.cancel()
    _ = await task.result
    await channel.close()
    for server in servers { await server.drain(grace: .zero) }
    loop.shutdown()
    group.shutdown()
    try FileManager.default.removeItem(atPath: folder)
  }

  private static func welcome(heartbeat: Duration) -> [UInt8] {
    AgentSessionResponse(
      ServerMessage.welcome(
        sessionID: "s", sampleCredit: 10, leaseDuration: .seconds(30),
        heartbeatInterval: heartbeat)
    ).encoded()
  }

  @Test("a server that says what it may not ends the session, not the agent")
  func unacceptable() async throws {
    try await withServer { stream in
      _ = try await stream.next()
      try await stream.send(Self.welcome(heartbeat: .zero))
      _ = try await stream.next()
    } _: { running in
      for _ in 0..<2 {
        let words = try #require(await running.words.next())
        #expect(
          words.contains("welcome.heartbeat_interval must be from 0.05 to 3600 seconds"), "\(words)"
        )
        #expect(words.hasSuffix("; connecting again"))
      }
      running.task.cancel()
      await #expect(throws: CancellationError.self) { try await running.task.value }
    }
  }

  @Test("bytes that are no message end the session, not the agent")
  func garbage() async throws {
    try await withServer { stream in
      try await stream.send([0xff, 0xff, 0xff])
      _ = try await stream.next()
      _ = try await stream.next()
    } _: { running in
      for _ in 0..<2 {
        let words = try #require(await running.words.next())
        #expect(words.contains("cannot be read"), "\(words)")
      }
    }
  }

  @Test(
    "a server that refuses the agent ends it",
    arguments: [StatusCode.invalidArgument, .permissionDenied])
  func refused(code: StatusCode) async throws {
    try await withServer { _ in
      throw RPCError(code, "not you")
    } _: { running in
      let error = await #expect(throws: RPCError.self) { try await running.task.value }
      #expect(error?.code == code && error?.message == "not you")
    }
  }

  @Test("a session that the server ends is followed by the next")
  func ended() async throws {
    try await withServer { _ in
    } _: { running in
      for _ in 0..<2 {
        #expect(await running.words.next() == "the server ended the session; connecting again")
      }
    }
  }

  @Test(
    "a server that cannot store what the agent sends is left alone for longer each time",
    arguments: [StatusCode.internalError, .dataLoss])
  func unstorable(code: StatusCode) async throws {
    let (sessions, opened) = AsyncStream.makeStream(of: ContinuousClock.Instant.self)
    try await withServer { stream in
      opened.yield(.now)
      _ = try await stream.next()
      try await stream.send(Self.welcome(heartbeat: .seconds(60)))
      _ = try await stream.next()
      throw RPCError(code, "The database failed at it.")
    } _: { running in
      var session = sessions.makeAsyncIterator()
      let first = try #require(await session.next())
      for _ in 0..<2 { _ = await session.next() }
      let fourth = try #require(await session.next())
      // A quarter of a second, a half, one, each a fifth shorter at the least.
      #expect(fourth - first >= .milliseconds(1400))
      #expect(
        await running.words.next()
          == "no session: The database failed at it; connecting again")
    }
  }

  @Test("an agent that stops does not speak of connecting again, and does not connect")
  func stopping() async throws {
    let (sessions, opened) = AsyncStream.makeStream(of: String.self)
    try await withServer { stream in
      opened.yield("opened")
      _ = try await stream.next()
      try await stream.send(Self.welcome(heartbeat: .seconds(60)))
      _ = try await stream.next()
      opened.yield("asked for work")
      // The heartbeat of an agent that stops.
      _ = try await stream.next()
    } _: { running in
      var session = sessions.makeAsyncIterator()
      #expect(await session.next() == "opened")
      #expect(await session.next() == "asked for work")
      _ = await running.agent.stop()
      #expect(await running.words.next() == "the server ended the session")
      running.task.cancel()
      _ = await running.task.result
      opened.finish()
      #expect(await session.next() == nil, "there was no other session")
    }
  }

  @Test("an agent that found no session says so, and that it has one, however long it took")
  func foundAgain() async throws {
    let attempts = Mutex(0)
    try await withServer { stream in
      let attempt = attempts.withLock { count in
        count += 1
        return count
      }
      guard attempt > 3 else { throw RPCError(.unavailable, "The store is away.") }
      _ = try await stream.next()
      try await stream.send(Self.welcome(heartbeat: .seconds(1)))
      while try await stream.next() != nil {}
    } _: { running in
      // The third time is not worth a line.
      for _ in 0..<2 {
        #expect(
          await running.words.next() == "no session: The store is away; connecting again")
      }
      #expect(await running.words.next() == "in a session again")
    }
  }

  /// Limits that a test can wait for, and that a busy machine does not miss by itself.
  private static var shortSilence: SilenceLimit {
    var limit = SilenceLimit()
    limit.beforeWelcome = .milliseconds(1200)
    limit.range = .milliseconds(1200)...(.milliseconds(1200))
    return limit
  }

  @Test(
    "a server that falls silent is left for the next in the list, which keeps the agent",
    arguments: [false, true])
  func silence(behindWelcome: Bool) async throws {
    let (sessions, opened) = AsyncStream.makeStream(of: String.self)
    let frozen: @Sendable (ServerStream) async throws -> Void = { stream in
      opened.yield("frozen")
      if behindWelcome { try await stream.send(Self.welcome(heartbeat: .milliseconds(50))) }
      try await Task.sleep(for: .seconds(3_600))
    }
    let alive: @Sendable (ServerStream) async throws -> Void = { stream in
      opened.yield("alive")
      _ = try await stream.next()
      try await stream.send(Self.welcome(heartbeat: .milliseconds(50)))
      while try await stream.next() != nil {
        try await stream.send(
          AgentSessionResponse(ServerMessage.heartbeat(WallTime(nanoseconds: 0))).encoded())
        opened.yield("heard")
      }
    }
    try await withServers([frozen, alive], silence: Self.shortSilence) { running in
      var session = sessions.makeAsyncIterator()
      #expect(await session.next() == "frozen")
      #expect(
        await running.words.next()
          == "no session: the server has said nothing for 1.2 seconds; connecting again")
      #expect(await session.next() == "alive")
      #expect(await running.words.next() == "in a session again")
      // Longer than the limit: every echo counts as life.
      for _ in 0..<40 { #expect(await session.next() == "heard") }
    }
  }

  @Test("an agent that reads does not take the time that it needs for the server's silence")
  func busyReader() async throws {
    let watch = SilenceWatch()
    let limit = Duration.milliseconds(20)
    let exceeded = Task { try await watch.exceeded { limit } }
    // It listens now and then only, and works meanwhile.
    for _ in 0..<5 {
      await watch.listening {}
      try await Task.sleep(for: limit)
    }
    exceeded.cancel()
    await #expect(throws: CancellationError.self) { try await exceeded.value }
    // Nothing comes while it listens.
    let silent = Task { await watch.listening { try? await Task.sleep(for: .seconds(3_600)) } }
    #expect(try await watch.exceeded { limit } == limit)
    silent.cancel()
  }

  @Test("a third of the lease is the limit, in bounds, and two heartbeats at least")
  func silenceLimits() {
    func limit(_ lease: Duration, _ heartbeat: Duration) -> Duration {
      SilenceLimit().limit(SessionTerms(leaseDuration: lease, heartbeatInterval: heartbeat))
    }
    #expect(SilenceLimit().limit(nil) == .seconds(10))
    #expect(limit(.seconds(30), .seconds(5)) == .seconds(10))
    #expect(limit(.seconds(1), .milliseconds(166)) == .seconds(3))
    #expect(limit(.seconds(86_400), .seconds(5)) == .seconds(30))
    #expect(limit(.seconds(300), .seconds(20)) == .seconds(40))
  }

  @Test("words that come again and again are logged ever more seldom, others at once")
  func repeatedWords() {
    var words = RepeatedWords()
    let logged = (1...9).map { _ in words.next("refused") }
    #expect(
      logged == [
        "refused", "refused", nil, "refused (4 times)", nil, nil, nil, "refused (8 times)", nil,
      ])
    #expect(words.next("gone") == "gone")
    #expect(words.next("refused") == "refused")
  }

  @Test("pauses grow to five seconds, and a session that went well makes them short again")
  func pauses() {
    var pause = ReconnectPause()
    let lengths = (0..<8).map { _ in pause.next(afterSoundSession: false) }
    for (length, expected) in zip(lengths, [0.25, 0.5, 1, 2, 4, 5, 5, 5]) {
      #expect(length >= .seconds(expected * 0.79) && length <= .seconds(expected * 1.21))
    }
    #expect(pause.next(afterSoundSession: true) <= .milliseconds(301))
    #expect(pause.next(afterSoundSession: false) >= .milliseconds(399))
  }
}

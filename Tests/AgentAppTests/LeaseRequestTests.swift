import BenchmarkDomain
import Foundation
import SampleSpool
import Synchronization
import Testing

@testable import AgentApp

/// An agent whose server is the test.
private final class Lone: Sendable {
  let agent: AgentController
  let spool: Spool
  private let sent = Mutex<[AgentMessage]>([])
  private let log: Lines
  private let folder: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "benchfront-\(UUID().uuidString)").path()
    let log = Lines()
    self.folder = folder
    self.log = log
    spool = try Spool(folder: folder)
    agent = AgentController(
      runner: InstantRunner(), spool: spool,
      inventory: AgentInventory(
        hostName: "h", agentVersion: "0", hardwareIDs: ["h"], engineIDs: ["e"], isSimulated: true),
      log: { log.add($0) })
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var words: [String] { log.all }
  var requestCount: Int { sent.withLock { $0.count { $0 == .leaseRequest } } }

  func connect() async throws {
    try await agent.connected { message in self.sent.withLock { $0.append(message) } }
    try await agent.receive(
      .welcome(
        sessionID: "s", sampleCredit: 100, leaseDuration: .seconds(30),
        heartbeatInterval: .seconds(5)))
  }

  func revoke(_ fence: Fence) async throws {
    try await agent.receive(.revoked(fence, .superseded, reason: "the lease has ended"))
  }
}

/// What was logged.
private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite("Asking for work")
struct LeaseRequestTests {
  private let fences = ["a", "b", "c"].map { Fence(batchID: $0, token: 1) }

  @Test("an agent that has lost every lease of its spool asks for one batch, not for several")
  func lostLeases() async throws {
    let lone = try Lone()
    for fence in fences { try await lone.spool.hold(fence) }
    try await lone.connect()
    #expect(lone.requestCount == 0, "the server has yet to speak of what is held")
    // Every message that was under way is answered by the same loss.
    for fence in fences + fences { try await lone.revoke(fence) }
    #expect(lone.requestCount == 1)
    try await lone.agent.receive(.noWork(retryAfter: .seconds(3_600)))
    try await lone.revoke(fences[0])
    #expect(lone.requestCount == 2, "the answer was heard")
  }

  @Test("an agent for which there is no work says once what it is good for")
  func idle() async throws {
    let lone = try Lone()
    try await lone.connect()
    for _ in 0..<3 { try await lone.agent.receive(.noWork(retryAfter: .seconds(3_600))) }
    #expect(
      lone.words == [
        "no batch waits for this agent: hardware h, engine e, model any, quantization any"
      ])
  }

  @Test("a new session asks anew, also when the last one ended without an answer")
  func reconnecting() async throws {
    let lone = try Lone()
    try await lone.connect()
    #expect(lone.requestCount == 1)
    await lone.agent.disconnected()
    try await lone.connect()
    #expect(lone.requestCount == 2)
  }

  @Test("only the latest answer's pause counts, and none outlives its session")
  func pauses() async throws {
    let (same, next, clock) = (try Lone(), try Lone(), try Lone())
    for lone in [same, next, clock] { try await lone.connect() }
    for lone in [same, next] {
      try await lone.agent.receive(.noWork(retryAfter: .milliseconds(50)))
    }
    try await same.agent.receive(.noWork(retryAfter: .seconds(3_600)))
    await next.agent.disconnected()
    try await next.connect()
    try await next.agent.receive(.noWork(retryAfter: .seconds(3_600)))
    // When this one's pause is over, theirs were.
    try await clock.agent.receive(.noWork(retryAfter: .milliseconds(150)))
    while clock.requestCount < 2 { await Task.yield() }
    #expect(same.requestCount == 1)
    #expect(next.requestCount == 2)
  }

  @Test("a lost batch is told once, with what becomes of its samples")
  func wordsOfLoss() async throws {
    let lone = try Lone()
    let samples = (0..<3).map {
      RequestSample(requestIndex: $0, segment: 0, outcome: .ok, scheduled: 0, sent: 0, end: 1)
    }
    _ = try await lone.spool.append(samples, executionID: "e", fence: fences[0])
    try await lone.spool.hold(fences[1])
    try await lone.connect()
    for fence in fences + fences { try await lone.revoke(fence) }
    let words = lone.words
    try #require(words.count == 2, "\(words)")
    #expect(
      words[0].contains("batch a is no longer this agent's (the server: the lease has ended)"))
    #expect(words[0].contains("dropped, for its next agent to measure: 3"))
    #expect(words[1].contains("batch b is no longer") && words[1].contains("no sample of it"))
    #expect(lone.spool.sampleCount == 0)
  }
}

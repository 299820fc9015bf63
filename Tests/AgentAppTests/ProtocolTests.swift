import BenchmarkControlService
import BenchmarkDomain
import Foundation
import SQLiteStorage
import SampleSpool
import Storage
import Synchronization
import Testing

@testable import AgentApp

/// Agent and server joined in memory, on a real store and a real spool, with cuts in between.
@Suite("Agent and server")
struct ProtocolTests {
  @Test(
    "cuts and restarts at random lose nothing and count nothing twice", arguments: 1...12)
  func randomCuts(seed: UInt64) async throws {
    var random = SplitMix(state: seed)
    let stand = try await Stand()
    let run = try await stand.makeRun(requests: 40)
    var agent = stand.agent(try stand.openSpool())
    var cuts = 0
    while try await stand.store.run(run.id)?.state.isTerminal != true {
      let line = try await stand.connect(agent)
      try await stand.wait(for: run.id, commits: Int.random(in: 1...12, using: &random))
      await line.cut(agent)
      cuts += 1
      try #require(cuts < 1_000, "seed \(seed): the run does not end")
      if Int.random(in: 0..<3, using: &random) == 0 {
        // The process ends: what is in memory is gone, what is in the spool stays.
        await agent.abandon()
        agent = stand.agent(try stand.copySpool())
      }
    }
    _ = await agent.stop()
    try await stand.plane.results.finishAll()
    try await stand.check(run.id, requests: 40, seed: seed)
  }
}

/// One connection; a cut one carries nothing more, either way.
private final class Line: Sendable {
  private let tasks: [Task<Void, Never>]
  init(_ tasks: [Task<Void, Never>]) { self.tasks = tasks }

  func cut(_ agent: AgentController) async {
    for task in tasks { task.cancel() }
    for task in tasks { await task.value }
    await agent.disconnected()
  }
}

private final class Stand: Sendable {
  let folder: String
  let store: SQLiteStore
  let plane: ControlPlane

  init() async throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "benchfront-\(UUID().uuidString)").path()
    store = try SQLiteStore(folder: folder + "/data")
    plane = ControlPlane(
      runs: store, catalog: store, settings: ControlSettings(), version: "test",
      clock: SQLiteStore.systemClock, makeID: { UUID().uuidString }, log: { _ in })
    for model in SeedCatalog.models { _ = try await store.register(model) }
    for hardware in SeedCatalog.hardware { _ = try await store.register(hardware) }
    for engine in SeedCatalog.engines { _ = try await store.register(engine) }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func makeRun(requests: Int32) async throws -> Run {
    let matrix = Matrix(
      name: "cuts", modelIDs: ["meta-llama/Llama-3.1-8B-Instruct"],
      hardwareIDs: ["h100-80gb-x1"], engineIDs: ["vllm"], quantizationIDs: ["fp16", "fp8"],
      workloads: [
        WorkloadPattern(
          name: "chat", inputTokens: [128], outputTokens: [64], concurrency: [1, 2, 4])
      ])
    return try await RunPlanner(plane: plane).create(
      RunRequest(
        name: "", matrix: matrix, requestsPerConfiguration: requests, warmupRequests: 0, seed: 7,
        requestID: ""))
  }

  private let generation = Mutex(0)

  /// The agent's first spool.
  func openSpool() throws -> Spool { try Spool(folder: folder + "/spool-0") }

  /// The spool as a killed process leaves it: its files, without what was in memory.
  func copySpool() throws -> Spool {
    let next = generation.withLock {
      $0 += 1
      return $0
    }
    let copy = folder + "/spool-\(next)"
    try FileManager.default.copyItem(atPath: folder + "/spool-\(next - 1)", toPath: copy)
    return try Spool(folder: copy)
  }

  func agent(_ spool: Spool) -> AgentController {
    AgentController(
      runner: InstantRunner(), spool: spool,
      inventory: AgentInventory(
        hostName: "h", agentVersion: "0", hardwareIDs: ["h100-80gb-x1"], engineIDs: ["vllm"],
        isSimulated: true),
      log: { _ in })
  }

  /// Joins the agent to a new session.
  func connect(_ agent: AgentController) async throws -> Line {
    let (toServer, up) = AsyncStream.makeStream(of: AgentMessage.self)
    let session = AgentSession(services: plane)
    let server = Task {
      for await message in toServer {
        if Task.isCancelled { return }
        do {
          try await session.receive(message)
        } catch {
          // A cut line's last message may have been broken off anywhere.
          if Task.isCancelled { return }
          Issue.record("the server refuses \(message): \(error)")
          return
        }
      }
    }
    let client = Task {
      for await message in session.outgoing {
        if Task.isCancelled { return }
        do {
          try await agent.receive(message)
        } catch {
          // A cut line's last message may have been broken off anywhere.
          if Task.isCancelled { return }
          Issue.record("the agent fails on \(message): \(error)")
          return
        }
      }
    }
    try await agent.connected { up.yield($0) }
    return Line([server, client])
  }

  /// Waits until the run has moved by some commits or has ended.
  func wait(for runID: String, commits: Int) async throws {
    let start = try await store.run(runID)?.commitNumber ?? 0
    let deadline = ContinuousClock.now + .seconds(5)
    while ContinuousClock.now < deadline {
      guard let run = try await store.run(runID) else { return }
      if run.state.isTerminal || run.commitNumber >= start + Int64(commits) { return }
      await Task.yield()
    }
  }

  /// Every request of every execution is there once, and every execution has its result.
  func check(_ runID: String, requests: Int, seed: UInt64) async throws {
    let run = try #require(try await store.run(runID))
    #expect(run.state == .completed, "seed \(seed)")
    #expect(run.committedSampleCount == Int64(requests) * run.configurationCount, "seed \(seed)")
    var query = ResultQuery()
    query.runID = runID
    let results = try await store.results(query, page: PageRequest(size: 1_000)).items
    #expect(results.count == Int(run.configurationCount), "seed \(seed)")
    for entry in results {
      let samples = try await store.samples(executionID: entry.result.id)
      #expect(samples.map { Int($0.requestIndex) } == Array(0..<requests), "seed \(seed)")
      #expect(entry.result.provenance.kind == .simulated)
    }
  }
}

/// Vigna's splitmix64, so that a seed makes the same cuts everywhere.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}

import Glibc
import Testing

@Suite("Nothing acknowledged is lost", .serialized)
struct CrashTests {
  /// An engine that answers the warm-up and eleven requests, and then keeps its agent waiting: the
  /// batch stays in the middle for as long as a test looks.
  private static let stuckInTheMiddle = ["--misbehave", "hang", "--misbehave-every", "13"]

  @Test("a server that is killed in the middle of a run and started again finishes it")
  func serverKilled() async throws {
    let stand = try await Stand()
    let trial = try await Trial.create(on: stand, requests: 30)
    let watching = try Watching(trial)
    try stand.startAgent()
    let seen = try await watching.samples(atLeast: 10, stand)
    try await stand.server.kill()
    try await stand.restartServer()
    _ = try await trial.end()
    try await trial.expectExact(keeping: seen)
    // Its own watch went on behind the last commit that it had shown.
    try await watching.expectWhole(trial)
    // The agent measured on: nothing was sent twice.
    #expect(try stand.engineCounter("requests_total") == 60 + 1 + 2)
  }

  @Test("an agent that is killed and started again measures only what was not committed")
  func agentKilled() async throws {
    let stand = try await Stand()
    let trial = try await Trial.create(on: stand, requests: 24)
    let watching = try Watching(trial)
    try stand.startAgent()
    let seen = try await watching.samples(atLeast: 8, stand)
    try await stand.agent().kill()
    try stand.startAgent()
    _ = try await trial.end()
    let rows = try await trial.expectExact(keeping: seen)
    try await watching.expectWhole(trial)
    let segments = rows.values.map { Set($0.map { $0["segment"].int }).count }
    #expect(segments.max() == 2, "the interrupted execution has two segments: \(segments)")
    // Warm-ups, and what was in flight or not yet in the spool when the agent was killed.
    let extra = try stand.engineCounter("requests_total") - 48
    #expect((3...16).contains(extra), "\(extra) requests beside those that count")
  }

  @Test("the batch of an agent that is gone goes to another, which measures what is missing")
  func takeover() async throws {
    let stand = try await Stand(serverFlags: ["--lease-duration", "2"])
    let trial = try await Trial.create(on: stand, requests: 24)
    let watching = try Watching(trial)
    try stand.startAgent("first", engine: try await stand.startEngine(Self.stuckInTheMiddle))
    let seen = try await watching.samples(atLeast: 8, stand)
    try await stand.agent("first").kill()
    try stand.startAgent("second")
    _ = try await trial.end()
    let rows = try await trial.expectExact(keeping: seen)
    try await watching.expectWhole(trial)
    #expect(rows.values.contains { Set($0.map { $0["segment"].int }).count >= 2 })
    // A machine that stands still for a whole lease makes a takeover more.
    let tokens = try await trial.state()["batches"].list.map { $0["fencing_token"].int }
    #expect(tokens.count == 1 && tokens[0] >= 2)
  }

  @Test("an agent that comes back too late gives up what another has taken over")
  func tooLate() async throws {
    let stand = try await Stand(serverFlags: ["--lease-duration", "2"])
    let trial = try await Trial.create(on: stand, requests: 40)
    try stand.startAgent("first", engine: try await stand.startEngine(Self.stuckInTheMiddle))
    try await trial.committed(atLeast: 6)
    let holder = try await trial.state()["batches"].list.first?["agent_id"].string
    // Stopped, it does not even see its connection; its heartbeats stay away.
    try stand.agent("first").send(SIGSTOP)
    try stand.startAgent("second")
    _ = try await eventually("the second agent has the batch", tail: stand.tail) {
      let state = try await trial.state()
      let agent = state["batches"].list.first?["agent_id"].string ?? ""
      return (agent.isEmpty ? state["state"].string == "completed" : agent != holder) ? true : nil
    }
    try stand.agent("first").send(SIGCONT)
    _ = try await trial.end()
    try await trial.expectExact()
    #expect(try stand.agent("first").exitCode == nil)
    _ = try await eventually("the first agent hears of it", tail: stand.tail) {
      try stand.agent("first").errors.contains("is no longer this agent's") ? true : nil
    }
  }

  @Test("server and agent are killed at random, several times, and the run is exact")
  func random() async throws {
    let seed = UInt64.random(in: 1...999_999)
    print("random kills: seed \(seed)")
    var generator = Sequence64(state: seed)
    let stand = try await Stand(serverFlags: ["--lease-duration", "2"])
    let trial = try await Trial.create(on: stand, requests: 60)
    try stand.startAgent()
    var count = 3
    for _ in 0..<4 {
      // A point of the run's progress and a moment behind it, both from the seed.
      count += Int.random(in: 2...10, using: &generator)
      try await trial.committed(atLeast: count)
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...120, using: &generator)))
      let victims = Int.random(in: 0...2, using: &generator)
      if victims != 0 { try await stand.agent().kill() }
      if victims != 1 { try await stand.server.kill() }
      if victims != 1 { try await stand.restartServer() }
      if victims != 0 { try stand.startAgent() }
    }
    _ = try await trial.end()
    try await trial.expectExact()
  }
}

/// SplitMix64: the same kills for the same seed.
private struct Sequence64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

import Glibc
import Testing

@Suite("Told to stop", .serialized)
struct SignalTests {
  @Test("an agent that is told to stop leaves with 75, and its next start finishes the run")
  func agentStops() async throws {
    let stand = try await Stand()
    let trial = try await Trial.create(on: stand, requests: 24)
    let watching = try Watching(trial)
    try stand.startAgent()
    let seen = try await watching.samples(atLeast: 6, stand)
    let agent = try stand.agent()
    agent.send(SIGTERM)
    #expect(try await agent.end(within: .seconds(5)) == 75)
    #expect(agent.errors.contains("start it again with the same --spool"))
    #expect(agent.errors.contains("(exit code 75)"))
    #expect(!agent.errors.contains("connecting again"))
    // Its successor tells of its calls, as it is asked to.
    try stand.startAgent(flags: ["--log-level", "debug"])
    _ = try await trial.end()
    try await trial.expectExact(keeping: seen)
    // With nothing to do it leaves with 0.
    let idle = try stand.agent()
    idle.send(SIGTERM)
    #expect(try await idle.end(within: .seconds(5)) == 0)
    #expect(idle.errors.contains("nothing is left to do"))
    #expect(idle.errors.contains("method=/benchfront.v1.BenchmarkControl/AgentSession"))
    #expect(idle.errors.contains("trace_id="))
    #expect(!idle.errors.contains("connecting again"))
  }

  @Test("a server that is told to stop leaves promptly, and its next start finishes the run")
  func serverStops() async throws {
    let stand = try await Stand()
    let trial = try await Trial.create(on: stand, requests: 24)
    let watching = try Watching(trial)
    try stand.startAgent()
    let seen = try await watching.samples(atLeast: 6, stand)
    stand.server.send(SIGTERM)
    #expect(try await stand.server.end(within: .seconds(5)) == 0)
    try await stand.restartServer()
    _ = try await trial.end()
    try await trial.expectExact(keeping: seen)
    try await watching.expectWhole(trial)
  }
}

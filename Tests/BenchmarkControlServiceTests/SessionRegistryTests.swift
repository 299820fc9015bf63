import BenchmarkDomain
import Testing

@testable import BenchmarkControlService

@Suite("Which agents are connected")
struct SessionRegistryTests {
  private static let patience = Duration.seconds(30)

  @Test("an agent of another server counts while it is heard of, one that left here does not")
  func connected() async throws {
    let rig = try await Rig()
    let registry = SessionRegistry()
    let agent = HandAgent("here", rig)
    let id = await registry.open(agent.session)
    try await agent.hello(rig)
    let start = rig.clock.now
    let others = ["heard", "silent"].map {
      AgentRecord(id: $0, inventory: Rig.inventory, lastSeenAt: start)
    }
    func names(_ records: [AgentRecord], after seconds: Int64) async -> [String] {
      await registry.connected(
        among: records, at: start.advanced(by: .seconds(seconds)), patience: Self.patience
      ).map(\.id)
    }
    let here = try #require(await agent.session.agent)
    #expect(await names([here] + others, after: 29) == ["here", "heard", "silent"])
    var heard = others
    heard[0].lastSeenAt = start.advanced(by: .seconds(20))
    #expect(await names([here] + heard, after: 31) == ["here", "heard"])
    await registry.close(id, at: start.advanced(by: .seconds(2)), patience: Self.patience)
    #expect(await names([here], after: 3).isEmpty)
    // It came back, to another server.
    var back = here
    back.lastSeenAt = start.advanced(by: .seconds(4))
    #expect(await names([back], after: 5) == ["here"])
  }
}

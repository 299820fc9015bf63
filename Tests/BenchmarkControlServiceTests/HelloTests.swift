import BenchmarkControlService
import BenchmarkDomain
import Storage
import Testing

@Suite("Hello")
struct HelloTests {
  private static func refusal(_ inventory: AgentInventory) async throws -> StorageError? {
    let rig = try await Rig()
    let agent = HandAgent("a", rig)
    let error = await #expect(throws: StorageError.self) {
      try await agent.session.receive(
        .hello(agentID: "a", inventory: inventory, heldLeases: []))
    }
    #expect(try await rig.store.agents(page: PageRequest()).items.isEmpty)
    return error
  }

  @Test("hardware and engines that are not registered are refused, with what is like them")
  func unknownNames() async throws {
    var hardware = Rig.inventory
    hardware.hardwareIDs = ["h100-80gb-x1", "h100-80gb-1"]
    let first = try await Self.refusal(hardware)
    #expect(first?.code == .failedPrecondition)
    #expect(
      first?.message.hasPrefix(
        "hello.inventory.hardware_ids[1]: unknown hardware profile \"h100-80gb-1\"; "
          + "registered are h100-80gb-x1, ") == true, "\(first?.message ?? "")")
    var engine = Rig.inventory
    engine.engineIDs = ["vlm"]
    let second = try await Self.refusal(engine)
    #expect(second?.code == .failedPrecondition)
    #expect(
      second?.message.hasPrefix(
        "hello.inventory.engine_ids[0]: unknown engine \"vlm\"; registered are vllm, ") == true,
      "\(second?.message ?? "")")
  }
}

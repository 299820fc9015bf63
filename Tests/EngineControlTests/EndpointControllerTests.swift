import BenchmarkDomain
import EngineControl
import HTTPClient
import Reactor
import SimulatedEngine
import Testing

@Suite("Endpoint controller")
struct EndpointControllerTests {
  private let configuration = Configuration(
    modelID: "some/model", hardwareID: "l4-x1", engineID: "simulated", quantizationID: "int8",
    workload: Workload(inputTokens: 8, outputTokens: 8, concurrency: 1, maxBatch: 4))

  @Test("the simulated engine is recognized and told what it pretends to be")
  func simulated() async throws {
    let group = try EventLoopGroup(count: 1)
    let server = SimulatedServer(configuration: .init(), group: group)
    let address = try server.listen(on: .parse("127.0.0.1:0"))
    let client = TransferClient(loop: group.loops[0])
    let controller = EndpointController(client: client, endpoint: "http://\(address)/v1")
    let engine = try await controller.start(for: configuration)
    #expect(engine.isSimulated)
    #expect(engine.endpoint == "http://\(address)")
    #expect(engine.version == "simengine-1" && engine.modelRevision == "")
    #expect(engine.modelName == "some/model")
    #expect(
      engine.headers == [
        .init("x-benchfront-quantization", "int8"), .init("x-benchfront-hardware", "l4-x1"),
        .init("x-benchfront-max-batch", "4"),
      ])
    await controller.stop()
    server.close()
    group.shutdown()
  }

  @Test("an endpoint that nobody serves is named")
  func nobody() async throws {
    let loop = try EventLoop(name: "client")
    let controller = EndpointController(
      client: TransferClient(loop: loop), endpoint: "http://127.0.0.1:1")
    let error = await #expect(throws: EngineError.self) {
      try await controller.start(for: configuration)
    }
    #expect(error?.code == .unreachable)
    #expect(error?.message.contains("http://127.0.0.1:1") == true)
    loop.shutdown()
  }
}

import APIBindings
import GRPC
import Reactor
import Testing

/// A catalog that knows one model and counts what is imported.
private struct SmallCatalog: UnimplementedCatalog {
  func getModel(
    _ request: GetModelRequest.View, _ context: ServerContext
  ) throws -> Reply<GetModelResponse> {
    if request.modelId == "later" {
      return .later { GetModelResponse(model: Model(id: request.modelId.string)) }
    }
    if request.modelId == "encoded" {
      return .encoded(GetModelResponse(model: Model(id: "encoded")).encoded())
    }
    guard request.modelId == "known" else { throw RPCError(.notFound, "no such model") }
    return .message(GetModelResponse(model: Model(id: request.modelId.string, layerCount: 3)))
  }

  func importResults(
    _ requests: RequestStream<ImportResultsRequest>
  ) async throws -> ImportResultsResponse {
    var response = ImportResultsResponse()
    while let request = try await requests.next() {
      switch request.part {
      case .header(let header): response.format = header.format.string
      case .data(let data): response.rowCount += Int64(data.count)
      case nil: throw RPCError.invalidArgument(field: "part", reason: "is missing")
      }
    }
    return response
  }
}

/// Control that echoes heartbeats and counts commits.
private struct SmallControl: UnimplementedBenchmarkControl {
  func agentSession(
    _ requests: RequestStream<AgentSessionRequest>,
    _ responses: ResponseStream<AgentSessionResponse>
  ) async throws {
    while let request = try await requests.next() {
      guard case .heartbeat(let heartbeat) = request.message else { continue }
      let token = heartbeat.lease?.fencingToken ?? 0
      try await responses.send(
        AgentSessionResponse(message: .ack(SampleAck(commitNumber: token))))
    }
  }

  func watchRun(
    _ request: WatchRunRequest.View, _ responses: ResponseStream<WatchRunResponse>
  ) async throws {
    for number in request.afterCommitNumber..<request.afterCommitNumber + 100 {
      try await responses.send(WatchRunResponse(commitNumber: number))
    }
    if request.statesOnly { throw RPCError(.aborted, "enough") }
  }
}

@Suite("calls between a generated client and a generated server")
struct CallTests {
  /// A server and a channel to it, for as long as the body runs.
  private func withServer(_ body: (ClientChannel) async throws -> Void) async throws {
    var router = Router()
    router.register(catalog: SmallCatalog())
    router.register(benchmarkControl: SmallControl())
    let group = try EventLoopGroup(count: 1)
    let loop = try EventLoop(name: "client")
    let server = GRPCServer(router: router, group: group)
    let address = try server.listen(on: .parse("127.0.0.1:0"))
    let channel = ClientChannel(target: "\(address)", loop: loop)
    do {
      try await body(channel)
    } catch {
      Issue.record(error)
    }
    await channel.close()
    await server.drain(grace: .zero)
    loop.shutdown()
    group.shutdown()
  }

  @Test("a unary call carries messages, at once, encoded or later")
  func unary() async throws {
    try await withServer { channel in
      let catalog = CatalogClient(channel)
      let known = try await catalog.getModel(GetModelRequest(modelId: "known"))
      #expect(known.model == Model(id: "known", layerCount: 3))
      for id in ["encoded", "later"] {
        let model = try await catalog.getModel(GetModelRequest(modelId: id)).model
        #expect(model?.id == id)
      }
    }
  }

  @Test("a handler's error reaches the caller")
  func errors() async throws {
    try await withServer { channel in
      let catalog = CatalogClient(channel)
      await #expect(throws: RPCError(.notFound, "no such model")) {
        try await catalog.getModel(GetModelRequest(modelId: "other"))
      }
      let missing = await #expect(throws: RPCError.self) {
        try await catalog.getEngine(GetEngineRequest())
      }
      #expect(missing?.code == .unimplemented)
    }
  }

  @Test("a message that cannot be decoded is INVALID_ARGUMENT and names the field")
  func undecodable() async throws {
    try await withServer { channel in
      let refused = await #expect(throws: RPCError.self) {
        try await channel.unary(CatalogMethods.getModel, [0x0a, 1, 0xff])
      }
      #expect(refused?.code == .invalidArgument)
      #expect(refused?.message == "model_id is not valid UTF-8")
      let violations = refused?.detail(RPCBadRequest.self)?.fieldViolations
      #expect(violations == [.init(field: "model_id", description: "is not valid UTF-8")])
    }
  }

  @Test("a client stream ends in one answer")
  func upload() async throws {
    try await withServer { channel in
      let upload = try await CatalogClient(channel).importResults()
      try await upload.send(ImportResultsRequest(part: .header(ImportHeader(format: "csv"))))
      for size in 0..<50 {
        try await upload.send(
          ImportResultsRequest(part: .data([UInt8](repeating: 7, count: size))))
      }
      let response = try await upload.finish()
      #expect(response == ImportResultsResponse(format: "csv", rowCount: 1225))
    }
  }

  @Test("a server stream gives every answer in order, then its status")
  func serverStream() async throws {
    try await withServer { channel in
      let control = BenchmarkControlClient(channel)
      var numbers: [Int64] = []
      for try await answer in try await control.watchRun(WatchRunRequest(afterCommitNumber: 5)) {
        numbers.append(answer.commitNumber)
      }
      #expect(numbers == Array(5..<105))
      // Many times: the request and its end may come before the handler first asks.
      for _ in 0..<50 {
        let aborted = try await control.watchRun(WatchRunRequest(statesOnly: true))
        await #expect(throws: RPCError(.aborted, "enough")) {
          while try await aborted.next() != nil {}
        }
      }
    }
  }

  @Test("a bidirectional call answers while it is asked")
  func bidirectional() async throws {
    try await withServer { channel in
      let call = try await BenchmarkControlClient(channel).agentSession()
      for token in 1...20 as ClosedRange<Int64> {
        let lease = LeaseReference(batchId: "b", fencingToken: token)
        try await call.send(AgentSessionRequest(message: .heartbeat(Heartbeat(lease: lease))))
        let answer = try await call.next()
        #expect(answer?.message == .ack(SampleAck(commitNumber: token)))
      }
      call.finish()
      #expect(try await call.next() == nil)
    }
  }

  @Test("the table of methods says what the .proto says")
  func methodTable() {
    #expect(CatalogMethods.all.count == 18)
    #expect(CatalogMethods.importResults.kind == .clientStreaming)
    #expect(BenchmarkControlMethods.agentSession.kind == .bidirectionalStreaming)
    #expect(BenchmarkControlMethods.watchRun.path == "/benchfront.v1.BenchmarkControl/WatchRun")
  }
}

import APIBindings
import GRPC
import Testing

@Suite("The catalog over the wire")
struct CatalogTests {
  private static func model(_ id: String) -> Model {
    Model(id: id, kind: .selfHosted, parameterCount: 1_000)
  }

  private static func expect(
    _ code: StatusCode, _ price: PriceEntry, _ catalog: CatalogClient
  ) async throws {
    let refused = try await status { try await catalog.registerPrice(.init(price: price)) }
    #expect(refused?.code == code)
  }

  @Test("a model that was registered is found, listed and not registered with other content")
  func models() async throws {
    try await TestServer.with { catalog in
      let stored = try await catalog.registerModel(.init(model: Self.model("a/b"))).model
      #expect(stored?.id == "a/b" && stored?.displayName == "a/b" && stored?.createdAt != nil)
      #expect(try await catalog.getModel(.init(modelId: "a/b")).model == stored)
      #expect(try await catalog.registerModel(.init(model: Self.model("a/b"))).model == stored)
      var other = Self.model("a/b")
      other.parameterCount = 2_000
      let taken = try await status { try await catalog.registerModel(.init(model: other)) }
      #expect(taken?.code == .alreadyExists)
      let missing = try await status { try await catalog.getModel(.init(modelId: "none")) }
      #expect(missing?.code == .notFound)
      #expect(missing?.message.contains("'none'") == true)
      let nothing = try await status { try await catalog.registerModel(.init()) }
      #expect(nothing?.code == .invalidArgument)
    }
  }

  @Test("pages follow each other, and a token of another question is refused")
  func pages() async throws {
    try await TestServer.with { catalog in
      for index in 0..<5 {
        _ = try await catalog.registerModel(.init(model: Self.model("m\(index)")))
      }
      let first = try await catalog.listModels(.init(pageSize: 3))
      #expect(first.models.map(\.id) == ["m0", "m1", "m2"])
      let second = try await catalog.listModels(
        .init(pageSize: 3, pageToken: first.nextPageToken))
      #expect(second.models.map(\.id) == ["m3", "m4"])
      #expect(second.nextPageToken.isEmpty)
      #expect(try await catalog.listModels(.init(pageSize: 5_000)).models.count == 5)
      #expect(try await catalog.listModels(.init(kind: .hosted)).models.isEmpty)
      for request in [
        ListModelsRequest(pageSize: -1), ListModelsRequest(pageToken: "garbage"),
        ListModelsRequest(pageToken: first.nextPageToken, kind: .hosted),
        ListModelsRequest(kind: .unrecognized(99)),
      ] {
        let refused = try await status { try await catalog.listModels(request) }
        #expect(refused?.code == .invalidArgument)
      }
    }
  }

  @Test("hardware, engines and prices are registered, found and listed")
  func others() async throws {
    try await TestServer.with { catalog in
      let profile = HardwareProfile(
        id: "h100-80gb-x2", accelerator: "H100-80GB", acceleratorCount: 2, memoryBytes: 80 << 30)
      _ = try await catalog.registerHardware(.init(hardware: profile))
      let got = try await catalog.getHardware(.init(hardwareId: profile.id)).hardware
      #expect(got?.acceleratorCount == 2)
      #expect(try await catalog.listHardware(.init()).hardware.count == 1)
      let engine = Engine(id: "vllm", displayName: "vLLM", quantizationIds: ["fp16"])
      _ = try await catalog.registerEngine(.init(engine: engine))
      #expect(try await catalog.getEngine(.init(engineId: "vllm")).engine == engine)
      #expect(try await catalog.listEngines(.init()).engines == [engine])
      let price = PriceEntry(
        hardwareId: profile.id, basis: .onDemand, usdPerHour: 13.76, offer: "o", source: "s",
        observedAt: Timestamp(seconds: 1_700_000_000))
      let stored = try #require(try await catalog.registerPrice(.init(price: price)).price)
      #expect(!stored.id.isEmpty)
      #expect(try await catalog.getPrice(.init(priceId: stored.id)).price == stored)
      #expect(try await catalog.listPrices(.init(hardwareId: profile.id)).prices == [stored])
      #expect(try await catalog.listPrices(.init(basis: .spot)).prices.isEmpty)
    }
  }

  @Test("an engine's quantizations are known ones, each once")
  func badEngines() async throws {
    try await TestServer.with { catalog in
      for (ids, field, part) in [
        (["fp16", "fp17"], "engine.quantization_ids[1]", "known are fp16, bf16"),
        (["int8", "fp16", "int8"], "engine.quantization_ids[2]", "twice"),
      ] {
        let refused = try await status {
          try await catalog.registerEngine(
            .init(engine: .init(id: "mine", displayName: "Mine", quantizationIds: ids)))
        }
        #expect(refused?.code == .invalidArgument)
        #expect(refused?.message.hasPrefix(field) == true)
        #expect(refused?.message.contains(part) == true)
      }
      #expect(try await catalog.listEngines(.init()).engines.isEmpty)
    }
  }

  @Test("prices that make no sense are refused with the field's name")
  func badPrices() async throws {
    try await TestServer.with { catalog in
      let date = Timestamp(seconds: 1_700_000_000)
      let good = PriceEntry(
        hardwareId: "x", basis: .onDemand, usdPerHour: 1, offer: "o", source: "s", observedAt: date)
      try await Self.expect(.notFound, good, catalog)
      for usd in [Double.nan, .infinity, -1, 0, 700, .leastNonzeroMagnitude, 9e-7, 1e300] {
        var bad = good
        bad.usdPerHour = usd
        try await Self.expect(.invalidArgument, bad, catalog)
      }
      var both = good
      both.modelId = "m"
      try await Self.expect(.invalidArgument, both, catalog)
    }
  }

  @Test("orders and ids that do not exist are refused by name")
  func orders() async throws {
    try await TestServer.with { catalog in
      for order in ["size", "id sideways", "id desc desc", "ttft", "configuration_id"] {
        let refused = try await status {
          try await catalog.listConfigurations(.init(orderBy: order))
        }
        #expect(refused?.code == .invalidArgument)
        #expect(refused?.message.hasPrefix("order_by must be one of id, model_id, ") == true)
      }
      for order in ["", "id", "id desc", "concurrency desc"] {
        _ = try await catalog.listConfigurations(.init(orderBy: order))
      }
      let refused = try await status { try await catalog.listResults(.init(orderBy: "id")) }
      #expect(refused?.message.contains("one of configuration_id, model_id, ") == true)
      for order in ["ttft desc", "configuration_id asc", "quantization_id"] {
        _ = try await catalog.listResults(.init(orderBy: order))
      }
      let malformed = try await status {
        try await catalog.getConfiguration(.init(configurationId: "c1-xyz"))
      }
      #expect(malformed?.code == .invalidArgument)
      let unknown = "c1-" + String(repeating: "0", count: 32)
      let missing = try await status {
        try await catalog.getConfiguration(.init(configurationId: unknown))
      }
      #expect(missing?.code == .notFound)
      let samples = try await status {
        try await catalog.listRequestSamples(.init(executionId: "none"))
      }
      #expect(samples?.code == .notFound)
    }
  }
}

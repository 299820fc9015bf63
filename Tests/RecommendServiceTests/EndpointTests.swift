import APIBindings
import BenchmarkDomain
import Foundation
import GRPC
import Reactor
import RedisCache
import RedisClient
import SQLiteStorage
import Storage
import Telemetry
import TestServers
import Testing

@testable import RecommendService

@Suite("The service over the wire")
struct EndpointTests {
  /// Runs `body` against the service on a store that holds the fixture.
  private func with(
    _ fixture: Fixture, metrics: RankingMetrics? = nil,
    _ body: (RecommendClient) async throws -> Void
  ) async throws {
    try await withStore(fixture) { store in
      try await serving(RecommendEndpoint(catalog: store, metrics: metrics), body)
    }
  }

  /// Runs `body` with a store that holds the fixture.
  private func withStore(
    _ fixture: Fixture, _ body: (SQLiteStore) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try SQLiteStore(folder: folder.path)
    let catalog = fixture.catalog
    _ = try await store.store(
      .init(
        models: catalog.models, hardware: catalog.hardware, engines: [], prices: catalog.prices,
        results: catalog.results))
    let outcome: Swift.Result<Void, any Error>
    do { outcome = .success(try await body(store)) } catch { outcome = .failure(error) }
    try store.close()
    try outcome.get()
  }

  /// Runs `body` against a server of its own for the service.
  private func serving(
    _ endpoint: RecommendEndpoint, _ body: (RecommendClient) async throws -> Void
  ) async throws {
    let loops = try EventLoopGroup(count: 1)
    var router = Router()
    router.register(recommend: endpoint)
    let server = GRPCServer(router: router, group: loops)
    let address = try server.listen(on: .parse("127.0.0.1:0"))
    let channel = ClientChannel(target: address.description, loop: loops.next())
    let outcome: Swift.Result<Void, any Error>
    do { outcome = .success(try await body(RecommendClient(channel))) } catch {
      outcome = .failure(error)
    }
    await channel.close()
    await server.drain(grace: .zero)
    loops.shutdown()
    try outcome.get()
  }

  private var fixture: Fixture {
    var fixture = Fixture()
    let ids = Fixture.configurations(3)
    fixture.add(ids[0], ttft: 0.5, tpot: 0.03, throughput: 100)
    fixture.add(ids[1], ttft: 0.4, tpot: 0.02, throughput: 200)
    fixture.add(ids[2], ttft: 0.1, tpot: 0.01, throughput: 300, kind: .imported)
    fixture.price("h100-80gb-x1", 7.2)
    return fixture
  }

  @Test("answers are counted by whether they were in the cache")
  func metrics() async throws {
    let registry = MetricRegistry()
    try await with(fixture, metrics: RankingMetrics(registry)) { client in
      for _ in 0..<3 { _ = try await client.recommendConfigurations(.init()) }
      _ = try await client.getParetoFront(.init())
      await #expect(throws: RPCError.self) {
        try await client.recommendConfigurations(.init(filter: .init(modelIds: ["unknown"])))
      }
    }
    let counts = registry.prometheusText().split(separator: "\n")
      .filter { $0.contains("duration_seconds_count") }.map { $0.split(separator: "{")[1] }
    #expect(
      counts == [
        #"question="front",cache="hit"} 0"#, #"question="front",cache="miss"} 1"#,
        #"question="front",cache="shared"} 0"#, #"question="ranking",cache="hit"} 2"#,
        #"question="ranking",cache="miss"} 1"#, #"question="ranking",cache="shared"} 0"#,
      ])
  }

  @Test("an answer that one replica has computed is not computed by another")
  func sharing() async throws {
    let cache = MemoryAnswerCache()
    let registry = MetricRegistry()
    let metrics = RankingMetrics(registry)
    let questions = [
      RecommendConfigurationsRequest(filter: .init(modelIds: ["m"]), topK: 2),
      .init(filter: .init(modelIds: ["m", "m"]), topK: 2), .init(),
    ]
    try await withStore(fixture) { store in
      var answers: [[RecommendConfigurationsResponse]] = []
      for _ in 0..<2 {
        let endpoint = RecommendEndpoint(catalog: store, metrics: metrics, shared: cache)
        try await serving(endpoint) { client in
          var own: [RecommendConfigurationsResponse] = []
          for asked in questions { own.append(try await client.recommendConfigurations(asked)) }
          _ = try await client.getParetoFront(.init())
          answers.append(own)
        }
      }
      #expect(answers[0] == answers[1] && answers[0][0] == answers[0][1])
      #expect(cache.count == 3)
      // Other data has other answers.
      _ = try await store.register(cheaper)
      try await serving(RecommendEndpoint(catalog: store, shared: cache)) { client in
        let answer = try await client.recommendConfigurations(questions[0])
        #expect(answer.items != answers[0][0].items)
      }
    }
    let counts = registry.prometheusText().split(separator: "\n")
      .filter { $0.contains("duration_seconds_count") }.map { $0.split(separator: "{")[1] }
    #expect(
      counts == [
        #"question="front",cache="hit"} 0"#, #"question="front",cache="miss"} 1"#,
        #"question="front",cache="shared"} 1"#, #"question="ranking",cache="hit"} 2"#,
        #"question="ranking",cache="miss"} 2"#, #"question="ranking",cache="shared"} 2"#,
      ])
  }

  @Test("an answer knows what was written of its models before it was asked for, others stay")
  func written() async throws {
    var fixture = fixture
    fixture.add(Fixture.configuration(model: "other"), ttft: 0.3, tpot: 0.02, throughput: 100)
    var news = Fixture()
    news.add(
      Fixture.configuration(concurrency: 99), ttft: 0.01, tpot: 0.001, throughput: 900, id: "new")
    let registry = MetricRegistry()
    try await withStore(fixture) { store in
      let endpoint = RecommendEndpoint(catalog: store, metrics: RankingMetrics(registry))
      try await serving(endpoint) { client in
        let asked = ["m", "other"].map { model in
          RecommendConfigurationsRequest(filter: .init(modelIds: [model]))
        }
        for question in asked { _ = try await client.recommendConfigurations(question) }
        _ = try await store.store(
          .init(models: [], hardware: [], engines: [], prices: [], results: news.results))
        endpoint.invalidate(["m"])
        let counts = try await [
          client.recommendConfigurations(asked[1]), client.recommendConfigurations(asked[0]),
          client.recommendConfigurations(.init()),
        ].map(\.consideredCount)
        #expect(counts == [1, 4, 5])
      }
    }
    let hits = #"question="ranking",cache="hit"} 1"#
    #expect(registry.prometheusText().contains(hits), "what did not move is at hand still")
  }

  private var cheaper: BenchmarkDomain.PriceEntry {
    .init(
      id: "", item: .hardware(id: "h100-80gb-x1", usdPerHour: 3), basis: .onDemand, offer: "o",
      source: "s", observedAt: WallTime(seconds: 2))
  }

  @Test("replicas share through a real Redis, and answer without it when it is gone")
  func sharingThroughRedis() async throws {
    let server = try RedisServer()
    let loop = try EventLoop(name: "redis")
    let redis = RedisConfiguration(try RedisURL(parsing: server.url))
    var limits = RedisAnswerCache.Limits()
    limits.timeout = .seconds(5)
    limits.breaker.slow = .seconds(5)
    var counters: [RedisCacheCounters] = []
    var answers: [RecommendConfigurationsResponse] = []
    try await withStore(fixture) { store in
      for round in 0..<3 {
        let cache = RedisAnswerCache(redis, limits, loop: loop)
        await cache.start()
        if round == 2 { server.kill9() }
        try await serving(RecommendEndpoint(catalog: store, shared: cache)) { client in
          answers.append(try await client.recommendConfigurations(.init()))
        }
        counters.append(cache.counters)
        await cache.stop()
      }
    }
    #expect(counters.map(\.hits) == [0, 1, 0] && counters.map(\.stores) == [1, 0, 0])
    #expect(answers[0] == answers[1] && answers[0] == answers[2])
    #expect(counters[2].errors > 0)
  }

  @Test("an answer carries figures, bounds, price and provenance, and a cached one is equal")
  func answers() async throws {
    try await with(fixture) { client in
      let answer = try await client.recommendConfigurations(.init())
      #expect(answer.items.map(\.rank) == [1, 2, 3])
      #expect(answer.consideredCount == 3 && answer.feasibleCount == 3)
      #expect(answer.items[0].result?.provenance?.kind == .imported)
      #expect(answer.items[0].figures.map(\.metric).last == .costPerMillionOutputTokens)
      #expect(answer.items[0].price?.usdPerHour == 7.2)
      #expect(answer.bounds.map { $0.criterion?.weight } == [0.25, 0.25, 0.25, 0.25])
      #expect(answer.newestMeasuredAt?.seconds == 1_000)
      #expect(try await client.recommendConfigurations(.init()) == answer)
      let asked = RecommendConfigurationsRequest(topK: 10, provenances: [.measured])
      let measured = try await client.recommendConfigurations(asked)
      #expect(measured.items.count == 2)
      let front = try await client.getParetoFront(.init(maxItems: 5))
      #expect(front.memberCount == 1 && front.members.count == 1)
    }
  }

  @Test("questions that make no sense are refused with the field's name")
  func refusals() async throws {
    try await with(fixture) { client in
      for (request, field) in [
        (RecommendConfigurationsRequest(topK: 101), "top_k"),
        (.init(criteria: [.init(metric: .ttft, weight: .nan)]), "criteria[0].weight"),
        (.init(criteria: [.init(metric: .ttft, weight: 0)]), "criteria"),
        (.init(criteria: [.init(weight: 1)]), "criteria[0].metric"),
        (.init(criteria: [.init(metric: .unrecognized(77), weight: 1)]), "criteria[0].metric"),
        (.init(objectives: [.init(metric: .ttft)]), "objectives[0].bound"),
        (.init(priceBasis: .unrecognized(9)), "price_basis"),
        (.init(provenances: [.unspecified]), "provenances[0]"),
      ] {
        let refused = await #expect(throws: RPCError.self) {
          try await client.recommendConfigurations(request)
        }
        #expect(refused?.code == .invalidArgument)
        #expect(refused?.message.hasPrefix(field) == true, "\(refused?.message ?? "")")
      }
      let unknown = await #expect(throws: RPCError.self) {
        try await client.recommendConfigurations(.init(filter: .init(modelIds: ["nope"])))
      }
      #expect(unknown?.code == .notFound && unknown?.message.contains("'nope'") == true)
      for (filter, words) in [
        (.init(engineIds: ["VLMM"]), "there is no engine 'VLMM'"),
        (.init(quantizationIds: ["FP61"]), "there is no quantization 'FP61'; registered are fp16"),
        (
          .init(accelerators: ["h100-80gb"]),
          "there is no accelerator 'h100-80gb'; registered are H100-80GB, "
        ),
      ] as [(APIBindings.ConfigurationFilter, String)] {
        let misspelt = await #expect(throws: RPCError.self) {
          try await client.recommendConfigurations(.init(filter: filter))
        }
        #expect(misspelt?.code == .notFound)
        #expect(misspelt?.message.hasPrefix(words) == true, "\(misspelt?.message ?? "")")
      }
      for filter in [
        .init(engineIds: ["vllm"]), .init(quantizationIds: ["q4_1", "unstated"]),
        .init(accelerators: ["L4"]),
      ] as [APIBindings.ConfigurationFilter] {
        _ = try await client.recommendConfigurations(.init(filter: filter))
      }
      let single = await #expect(throws: RPCError.self) {
        try await client.getParetoFront(.init(criteria: [.init(metric: .ttft)]))
      }
      #expect(single?.code == .invalidArgument)
    }
  }
}

import APIBindings
import Foundation
import GRPC
import Reactor
import SQLiteStorage
import Telemetry
import Testing

@testable import RecommendService

@Suite("The service over the wire")
struct EndpointTests {
  /// Runs `body` against the service on a store that holds the fixture.
  private func with(
    _ fixture: Fixture, metrics: RankingMetrics? = nil,
    _ body: (RecommendClient) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = try SQLiteStore(folder: folder.path)
    let catalog = fixture.catalog
    _ = try await store.store(
      .init(
        models: catalog.models, hardware: catalog.hardware, engines: [], prices: catalog.prices,
        results: catalog.results))
    let loops = try EventLoopGroup(count: 1)
    var router = Router()
    router.register(recommend: RecommendEndpoint(catalog: store, metrics: metrics))
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
    try store.close()
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
        #"question="ranking",cache="hit"} 2"#, #"question="ranking",cache="miss"} 1"#,
      ])
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

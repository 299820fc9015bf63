import APIBindings
import GRPC
import Logging
import Reactor
import RedisClient
import TestServers
import Testing

@testable import ServerApp

@Suite("Servers that share a database", .serialized)
struct ReplicaTests {
  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private static func start(_ database: PostgresServer, _ redis: RedisServer?) async throws
    -> Server
  {
    var settings = ServerSettings(
      listen: [try SocketAddress.parse("127.0.0.1:0")], dataFolder: "unused", loopCount: 1,
      drainGrace: .zero, postgres: database.connectionString)
    settings.databaseWait = .zero
    settings.redis = try redis.map { try RedisURL(parsing: $0.url) }
    return try await Server.start(settings, logger: quiet)
  }

  /// Runs `body` with a channel to each of two servers on one database.
  private static func withPair(
    redis: RedisServer?, _ body: (ClientChannel, ClientChannel) async throws -> Void
  ) async throws {
    let database = try PostgresServer()
    // Both at once: one migrates and seeds, the other finds it done.
    async let starting = start(database, redis)
    let second = try await start(database, redis)
    let first = try await starting
    let channels = [first, second].map { server in
      ClientChannel(target: server.addresses[0].description, loop: server.loops.next())
    }
    do { try await body(channels[0], channels[1]) } catch {
      for channel in channels { await channel.close() }
      for server in [first, second] { await server.stop() }
      throw error
    }
    for channel in channels { await channel.close() }
    for server in [first, second] { await server.stop() }
  }

  private static let matrix = Matrix(
    modelIds: ["HuggingFaceTB/SmolLM2-135M-Instruct"], hardwareIds: ["cpu-x1"],
    engineIds: ["llama.cpp"], quantizationIds: ["q8_0"],
    workloads: [WorkloadPattern(inputTokens: [64], outputTokens: [32], concurrency: [1, 2])])

  @Test("what one is told, the other knows; the catalog is seeded once", arguments: [false, true])
  func oneCatalog(hasRedis: Bool) async throws {
    try await Self.withPair(redis: hasRedis ? try RedisServer() : nil) { first, second in
      let before = try await CatalogClient(first).listPrices(.init(pageSize: 1_000)).prices
      let beside = try await CatalogClient(second).listPrices(.init(pageSize: 1_000)).prices
      #expect(!before.isEmpty && before.map(\.id) == beside.map(\.id))
      let model = Model(id: "told-to-one", kind: .selfHosted)
      _ = try await CatalogClient(first).registerModel(.init(model: model))
      #expect(
        try await CatalogClient(second).getModel(.init(modelId: "told-to-one")).model != nil)
    }
  }

  @Test("who watches a run on one hears all that the other does to it, in order")
  func oneRun() async throws {
    try await Self.withPair(redis: try RedisServer()) { first, second in
      let run = try #require(
        try await BenchmarkControlClient(first).createRun(
          .init(name: "shared", matrix: Self.matrix, requestsPerConfiguration: 2)
        ).run)
      let watching = Task {
        var numbers: [Int64] = []
        let commits = try await BenchmarkControlClient(second).watchRun(.init(runId: run.id))
        while let commit = try await commits.next() { numbers.append(commit.commitNumber) }
        return numbers
      }
      _ = try await BenchmarkControlClient(first).cancelRun(.init(runId: run.id))
      let numbers = try await watching.value
      #expect(!numbers.isEmpty && numbers == Array(1...Int64(numbers.count)))
      let ended = try await BenchmarkControlClient(second).getRun(.init(runId: run.id)).run
      #expect(ended?.state == .cancelled && ended?.commitNumber == numbers.last)
    }
  }

  @Test("without Redis the answers are the same")
  func lostRedis() async throws {
    let redis = try RedisServer()
    try await Self.withPair(redis: redis) { first, second in
      let question = RecommendConfigurationsRequest(
        filter: ConfigurationFilter(modelIds: ["meta-llama/Llama-3.1-8B-Instruct"]))
      let before = try await RecommendClient(first).recommendConfigurations(question)
      redis.kill9()
      for channel in [second, first] {
        #expect(try await RecommendClient(channel).recommendConfigurations(question) == before)
      }
    }
  }

  @Test(
    "migrating says what it does, and that nothing is left; it serves no database that is not there"
  )
  func migrating() async throws {
    let database = try PostgresServer()
    let url = database.connectionString
    let wouldDo = try await MigrateCommand.run(url, isDry: true)
    #expect(!wouldDo.isEmpty && wouldDo.allSatisfy { $0.hasPrefix("would apply ") })
    let done = try await MigrateCommand.run(url, isDry: false)
    #expect(done.map { $0.dropFirst(8) } == wouldDo.map { $0.dropFirst(12) })
    #expect(try await MigrateCommand.run(url, isDry: false) == ["the database is up to date"])
    database.stop()
    await #expect(throws: StartupError.self) { try await MigrateCommand.run(url, isDry: false) }
    do {
      _ = try await Self.start(database, nil)
      Issue.record("it started")
    } catch let error as StartupError {
      #expect(error.kind == .unavailable && error.message.hasPrefix("the database cannot be used"))
    }
  }
}

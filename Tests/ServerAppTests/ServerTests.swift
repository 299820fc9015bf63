import APIBindings
import Foundation
import GRPC
import Logging
import Reactor
import TLS
import Testing

@testable import ServerApp

@Suite("A server in process")
struct ServerTests {
  private static func settings(_ folder: URL, _ listen: String...) throws -> ServerSettings {
    ServerSettings(
      listen: try listen.map { try SocketAddress.parse($0) }, dataFolder: folder.path,
      loopCount: 1, drainGrace: .zero)
  }

  private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// Runs `body` with a folder that is taken away behind it.
  private static func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  private static func withChannel(
    _ server: Server, _ address: SocketAddress, _ body: (ClientChannel) async throws -> Void
  ) async throws {
    let channel = ClientChannel(target: address.description, loop: server.loops.next())
    do { try await body(channel) } catch {
      await channel.close()
      throw error
    }
    await channel.close()
  }

  @Test("it serves seeded dimensions on every address, and keeps what it was told")
  func serves() async throws {
    try await Self.withFolder { folder in
      let socket = "unix:" + folder.path + ".sock"
      let settings = try Self.settings(folder, "127.0.0.1:0", socket)
      let first = try await Server.start(settings, logger: Self.quiet)
      #expect(first.addresses.count == 2 && first.addresses[0].port != 0)
      for address in first.addresses {
        try await Self.withChannel(first, address) { channel in
          let catalog = CatalogClient(channel)
          let hardware = try await catalog.listHardware(.init(pageSize: 1_000)).hardware.map(\.id)
          for id in ["l4-x1", "a100-80gb-x8", "h100-80gb-x4", "cpu-x1"] {
            #expect(hardware.contains(id))
          }
          let runs = try await BenchmarkControlClient(channel).listRuns(.init())
          #expect(runs.runs.isEmpty)
          #expect(try await !catalog.listPrices(.init(basis: .spot)).prices.isEmpty)
        }
      }
      try await Self.withChannel(first, first.addresses[0]) { channel in
        let model = Model(id: "kept", kind: .selfHosted)
        _ = try await CatalogClient(channel).registerModel(.init(model: model))
      }
      await first.stop()
      let second = try await Server.start(settings, logger: Self.quiet)
      try await Self.withChannel(second, second.addresses[0]) { channel in
        let kept = try await CatalogClient(channel).getModel(.init(modelId: "kept"))
        #expect(kept.model != nil)
      }
      await second.stop()
    }
  }

  @Test("a certificate that cannot be used is named before anything is opened")
  func badCertificate() async throws {
    try await Self.withFolder { folder in
      var settings = try Self.settings(folder, "127.0.0.1:0")
      settings.tls = TLSServerSettings(
        keyPair: TLSKeyPair(certificateFile: "/nowhere.pem", keyFile: "/nowhere.key"))
      do {
        _ = try await Server.start(settings, logger: Self.quiet)
        Issue.record("it started")
      } catch let error as StartupError {
        #expect(error.kind == .unavailable && error.message.contains("'/nowhere.pem'"))
      }
      #expect(!FileManager.default.fileExists(atPath: folder.path))
    }
  }

  @Test("a folder and an address belong to one server; the second says so and leaves them alone")
  func exclusive() async throws {
    try await Self.withFolder { folder in
      let first = try await Server.start(
        Self.settings(folder, "127.0.0.1:0"), logger: Self.quiet)
      await #expect(throws: StartupError.self) {
        try await Server.start(Self.settings(folder, "127.0.0.1:0"), logger: Self.quiet)
      }
      try await Self.withFolder { other in
        let settings = try Self.settings(other, first.addresses[0].description)
        await #expect(throws: StartupError.self) {
          try await Server.start(settings, logger: Self.quiet)
        }
      }
      try await Self.withChannel(first, first.addresses[0]) { channel in
        let models = try await CatalogClient(channel).listModels(.init())
        #expect(!models.models.isEmpty)
      }
      await first.stop()
    }
  }

  @Test("a start that fails half-way takes its unix sockets away")
  func halfStart() async throws {
    try await Self.withFolder { folder in
      let first = try await Server.start(
        Self.settings(folder, "127.0.0.1:0"), logger: Self.quiet)
      try await Self.withFolder { other in
        let sockets = [other.path + ".sock", other.path + ".metrics.sock"]
        var settings = try Self.settings(
          other, "unix:" + sockets[0], first.addresses[0].description)
        settings.metricsListen = [try SocketAddress.parse("unix:" + sockets[1])]
        await #expect(throws: StartupError.self) {
          try await Server.start(settings, logger: Self.quiet)
        }
        for path in sockets { #expect(!FileManager.default.fileExists(atPath: path)) }
        // What it had opened can be opened again.
        settings.listen.removeLast()
        let second = try await Server.start(settings, logger: Self.quiet)
        await second.stop()
        for path in sockets { #expect(!FileManager.default.fileExists(atPath: path)) }
      }
      await first.stop()
    }
  }

  @Test("whoever asks for a run without saying which is told so")
  func emptyRunID() async throws {
    try await Self.withFolder { folder in
      let server = try await Server.start(
        Self.settings(folder, "127.0.0.1:0"), logger: Self.quiet)
      try await Self.withChannel(server, server.addresses[0]) { channel in
        let control = BenchmarkControlClient(channel)
        let refusals = [
          await #expect(throws: RPCError.self) { try await control.getRun(.init()) },
          await #expect(throws: RPCError.self) { try await control.cancelRun(.init()) },
          await #expect(throws: RPCError.self) {
            _ = try await control.watchRun(.init()).next()
          },
        ]
        for refusal in refusals {
          #expect(refusal?.code == .invalidArgument)
          #expect(refusal?.message == "run_id must not be empty")
        }
      }
      await server.stop()
    }
  }

  @Test("a bound that the settings change holds on the wire")
  func bound() async throws {
    try await Self.withFolder { folder in
      var settings = try Self.settings(folder, "127.0.0.1:0")
      settings.transport.maxRequestBytes = 1_024
      let server = try await Server.start(settings, logger: Self.quiet)
      try await Self.withChannel(server, server.addresses[0]) { channel in
        let model = Model(id: "m", displayName: String(repeating: "x", count: 2_048))
        let error = await #expect(throws: RPCError.self) {
          try await CatalogClient(channel).registerModel(.init(model: model))
        }
        #expect(error?.code == .resourceExhausted)
      }
      await server.stop()
    }
  }

  @Test("new prices and models are known to the next recommendation")
  func recommends() async throws {
    try await Self.withFolder { folder in
      let server = try await Server.start(
        Self.settings(folder, "127.0.0.1:0"), logger: Self.quiet)
      try await Self.withChannel(server, server.addresses[0]) { channel in
        let recommend = RecommendClient(channel)
        let before = try await recommend.recommendConfigurations(.init())
        #expect(before.items.isEmpty && before.method == "topsis/stated-bounds/1")
        let price = PriceEntry(
          hardwareId: "l4-x1", basis: .onDemand, usdPerHour: 0.5, offer: "o", source: "s",
          observedAt: Timestamp(seconds: 1_700_000_000))
        _ = try await CatalogClient(channel).registerPrice(.init(price: price))
        let after = try await recommend.recommendConfigurations(.init())
        #expect(after.dataVersion > before.dataVersion)
        let model = Model(id: "new", kind: .selfHosted)
        let asked = RecommendConfigurationsRequest(filter: .init(modelIds: ["new"]))
        let unknown = await #expect(throws: RPCError.self) {
          try await recommend.recommendConfigurations(asked)
        }
        #expect(unknown?.code == .notFound)
        _ = try await CatalogClient(channel).registerModel(.init(model: model))
        #expect(try await recommend.recommendConfigurations(asked).items.isEmpty)
      }
      await server.stop()
    }
  }
}

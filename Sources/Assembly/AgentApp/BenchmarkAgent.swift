import BenchmarkDomain
import EngineControl
import GRPC
import Glibc
import HTTPClient
package import Logging
import Reactor
import SampleSpool

/// An agent: leases batches, measures them, and hands in what it measured until it is stopped.
package final class BenchmarkAgent: Sendable {
  private let controller: AgentController
  private let channel: ClientChannel
  private let link: SessionLink
  private let spool: Spool
  private let log: @Sendable (String) -> Void
  private let loops: (session: EventLoop, measuring: EventLoop)

  /// Opens the spool and asks the engine what it is. Throws `SpoolError` and `EngineError`.
  ///
  /// `logger` is told of every call to the server, for debugging; nil for not.
  /// Requests are measured on a loop of their own, so that nothing else delays their stamps.
  package init(
    _ settings: AgentSettings, logger: Logger? = nil, log: @escaping @Sendable (String) -> Void
  ) async throws {
    let spool = try Spool(folder: settings.spoolFolder)
    self.spool = spool
    self.log = log
    loops = (try EventLoop(name: "session"), try EventLoop(name: "measuring"))
    let client = TransferClient(loop: loops.measuring)
    let (engines, isSimulated) = try await Self.engines(settings, client, log)
    let inventory = AgentInventory(
      hostName: Self.hostName, agentVersion: Product.version, hardwareIDs: settings.hardwareIDs,
      engineIDs: [settings.engineID], modelIDs: settings.modelIDs,
      quantizationIDs: try settings.servedQuantizationIDs(), isSimulated: isSimulated)
    controller = AgentController(
      runner: EngineRunner(
        client: client, controller: engines, api: settings.api,
        requestTimeout: settings.requestTimeout), spool: spool, inventory: inventory, log: log)
    var configuration = ClientConfiguration()
    configuration.tls = settings.tls
    configuration.loadBalancing = settings.loadBalancing
    configuration.observeCalls(logger)
    if let token = settings.token {
      configuration.interceptors.append(BearerTokenInterceptor(token: token))
    }
    channel = ClientChannel(
      target: settings.server, loop: loops.session, configuration: configuration)
    link = SessionLink(channel: channel, controller: controller, log: log)
    log("agent \(spool.agentID), \(spool.sampleCount) samples spooled and not acknowledged")
  }

  /// Works until the task is cancelled; throws when the server refuses the agent for good.
  package func run() async throws { try await link.run() }

  /// Stops measuring, hands in what is measured and gives its leases back; true when work was
  /// left. `run` should go on until it returns.
  package func stop() async -> Bool { await controller.stop() }

  /// Closes the connection, and brings the spool into its one file.
  package func close() async {
    await channel.close()
    do {
      try await spool.checkpoint()
    } catch {
      log("the spool's log stays beside its file: \(error)")
    }
  }

  private static func engines(
    _ settings: AgentSettings, _ client: TransferClient, _ log: @Sendable (String) -> Void
  ) async throws -> (any EngineController, isSimulated: Bool) {
    switch settings.source {
    case .endpoint(let address, let modelName):
      let controller = EndpointController(
        client: client, endpoint: address, modelName: modelName)
      let isSimulated = try await controller.isSimulated()
      log("engine at \(address)\(isSimulated ? ", the simulated one" : "")")
      return (controller, isSimulated)
    case .llamaServer(let binary, let weights):
      log("llama.cpp's server at \(binary), weights in \(weights)")
      let models = ModelFolder(path: weights)
      return (
        LlamaServerController(
          client: client,
          settings: LlamaServerController.Settings(
            binary: binary, models: models, logFolder: settings.spoolFolder)), false
      )
    }
  }

  private static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension AgentSettings {
  /// Quantizations of the inventory: what it was told, else what it has weights of.
  fileprivate func servedQuantizationIDs() throws -> [String] {
    guard case .llamaServer(_, let weights) = source, quantizationIDs.isEmpty else {
      return quantizationIDs
    }
    let folder = ModelFolder(path: weights)
    let found = try Set(modelIDs.flatMap { try folder.quantizationIDs(modelID: $0) }).sorted()
    guard !found.isEmpty else {
      throw EngineError(
        .missing, "\(weights) has no weights of \(modelIDs.joined(separator: ", "))")
    }
    return found
  }
}

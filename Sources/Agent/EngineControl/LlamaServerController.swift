package import BenchmarkDomain
import Glibc
package import HTTPClient
import Reactor

/// Starts, waits for and stops llama.cpp's `llama-server`, one at a time.
package actor LlamaServerController: EngineController {
  /// Where things are.
  package struct Settings: Sendable, Hashable {
    /// The program.
    package var binary: String
    /// The weights.
    package var models: ModelFolder
    /// Folder for the log `llama-server.log` and scratch files.
    package var logFolder: String
    /// Threads; one, unless the machine has cores that nobody else uses: threads that spin
    /// against a neighbour make gaps of seconds.
    package var threads = 1
    /// How long it may take to become ready.
    package var readyTimeout = Duration.seconds(180)
    /// Flags behind ours.
    package var extraArguments: [String] = []

    /// Names the program, the weights and a folder that can be written to.
    package init(binary: String, models: ModelFolder, logFolder: String) {
      self.binary = binary
      self.models = models
      self.logFolder = logFolder
    }
  }

  private struct Instance {
    var flags: LlamaServerFlags
    var process: ChildProcess
    var engine: RunningEngine
  }

  private static let portAttempts = 3

  private let client: TransferClient
  private let settings: Settings
  private let digest: FileDigest
  private var instance: Instance?

  /// Makes a controller; nothing is started yet. Servers die with the client's loop.
  package init(client: TransferClient, settings: Settings) {
    self.client = client
    self.settings = settings
    digest = FileDigest(loop: client.loop, scratchFolder: settings.logFolder)
  }

  /// Where its output goes.
  package nonisolated var logFile: String { settings.logFolder + "/llama-server.log" }

  /// Sees to it that a server with the configuration's flags answers. Throws `EngineError`; after
  /// a crash with the log's last lines.
  package func start(for configuration: Configuration) async throws -> RunningEngine {
    let file = try settings.models.file(
      modelID: configuration.modelID, quantizationID: configuration.quantizationID)
    let flags = LlamaServerFlags(
      configuration: configuration, file: file, threads: settings.threads)
    if let instance, instance.flags == flags, await instance.process.currentEnding() == nil {
      return instance.engine
    }
    await stop()
    let revision = await digest.revision(of: file)
    var attempt = 1
    while true {
      do {
        return try await launch(flags, revision: revision)
      } catch let error as EngineError where error.code == .crashed && attempt < Self.portAttempts {
        // Somebody may have taken the port between our look and the server's.
        guard error.message.contains("bind") else { throw error }
        attempt += 1
      }
    }
  }

  /// Ends the server, if one runs: SIGTERM, then SIGKILL.
  package func stop() async {
    guard let running = instance else { return }
    instance = nil
    await running.process.terminate()
  }

  private func launch(
    _ flags: LlamaServerFlags, revision: String
  ) async throws -> RunningEngine {
    let port = try FreePort.find()
    unlink(logFile)
    let process = try await ChildProcess.start(
      settings.binary, flags.arguments(port: port) + settings.extraArguments, log: logFile,
      loop: client.loop)
    let probe = EngineProbe(client: client, endpoint: "http://127.0.0.1:\(port)")
    do {
      try await waitUntilReady(process, probe)
      let answer = try await probe.ask()
      let engine = RunningEngine(
        endpoint: probe.endpoint, modelName: flags.alias, version: answer.version,
        modelRevision: revision, isSimulated: answer.isSimulated)
      instance = Instance(flags: flags, process: process, engine: engine)
      return engine
    } catch {
      await process.terminate()
      throw error
    }
  }

  private func waitUntilReady(_ process: ChildProcess, _ probe: EngineProbe) async throws {
    let deadline = client.loop.now().advanced(by: settings.readyTimeout)
    while true {
      if let ending = await process.currentEnding() {
        throw EngineError(
          .crashed, "the engine did not start: \(ending)\n\(LogTail.read(logFile))")
      }
      if await probe.isReady() { return }
      guard client.loop.now() < deadline else {
        throw EngineError(
          .notReady,
          "the engine was not ready after \(settings.readyTimeout)\n\(LogTail.read(logFile))")
      }
      try await client.loop.sleep(for: .milliseconds(50))
    }
  }
}

/// Finds a port of the loopback address that nobody listens on now.
enum FreePort {
  static func find() throws(EngineError) -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw EngineError(.missing, "there is no free socket") }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Int32 in
        guard bind(descriptor, generic, size) == 0 else { return -1 }
        return getsockname(descriptor, generic, &size)
      }
    }
    guard code == 0 else { throw EngineError(.missing, "there is no free port") }
    return UInt16(bigEndian: address.sin_port)
  }
}

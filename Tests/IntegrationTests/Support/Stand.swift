import Foundation
import Glibc

/// Everything of Benchfront on one machine, in a folder of its own: a server, a simulated engine,
/// agents with their spools, and the command line.
final class Stand {
  let folder: URL
  private(set) var server: ProcessUnderTest
  private(set) var agents: [String: ProcessUnderTest] = [:]
  private var engines: [ProcessUnderTest] = []
  private(set) var serverAddress: String
  private var engineAddress = ""
  private let serverFlags: [String]
  private var started = 0

  /// Starts a server and, unless told otherwise, a quick engine.
  init(serverFlags: [String] = [], engineFlags: [String]? = []) async throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "benchfront-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    self.serverFlags = serverFlags
    server = try Self.serve("127.0.0.1:0", serverFlags, "server", folder)
    serverAddress = ""
    serverAddress = try await Self.address(of: server, behind: "serving on ")
    if let engineFlags { engineAddress = try await startEngine(engineFlags) }
  }

  deinit {
    agents = [:]
    engines = []
    // What is left in a folder for temporary files harms nobody.
    try? FileManager.default.removeItem(at: folder)
  }

  /// The last lines of every process.
  var tail: String {
    ([server] + engines + agents.values).map(\.tail).joined(separator: "\n")
  }

  // MARK: The server

  /// Starts the server again on the same address and data.
  func restartServer() async throws {
    precondition(server.exitCode != nil, "the old one must have ended")
    started += 1
    server = try Self.serve(serverAddress, serverFlags, "server-\(started)", folder)
    _ = try await Self.address(of: server, behind: "serving on ")
  }

  private static func serve(
    _ address: String, _ flags: [String], _ name: String, _ folder: URL
  ) throws -> ProcessUnderTest {
    try ProcessUnderTest(
      "benchfront-server",
      ["serve", "--listen", address, "--data-dir", folder.appending(path: "data").path]
        + ["--loops", "2"] + flags,
      name: name, folder: folder)
  }

  /// The address in a process's line of welcome.
  static func address(of process: ProcessUnderTest, behind words: String) async throws -> String {
    try await eventually("\(process.name) says '\(words)'", tail: process.tail) {
      if let code = process.exitCode { throw Trouble("it ended with \(code)\n\(process.tail)") }
      for line in process.output.split(separator: "\n") {
        if let place = line.range(of: words) { return String(line[place.upperBound...]) }
      }
      return nil
    }
  }

  // MARK: Engines and agents

  /// Starts a simulated engine, quick unless the flags say otherwise; returns its address.
  func startEngine(_ flags: [String] = []) async throws -> String {
    let engine = try ProcessUnderTest(
      "benchfront-simengine",
      ["--listen", "127.0.0.1:0", "--ttft", "10", "--itl", "4"] + flags,
      name: "engine-\(engines.count)", folder: folder)
    engines.append(engine)
    return try await Self.address(of: engine, behind: "listens on ")
  }

  /// Kills every engine with -9.
  func killEngines() async throws {
    for engine in engines { try await engine.kill() }
  }

  /// Starts an agent; the same name means the same spool.
  func startAgent(
    _ name: String = "agent", engine: String? = nil, engineID: String = "simulated",
    hardware: String = "l4-x1", flags: [String] = []
  ) throws {
    started += 1
    agents[name] = try ProcessUnderTest(
      "benchfront-agent",
      ["run", "--server", serverAddress, "--spool", folder.appending(path: "spool-\(name)").path]
        + ["--hardware", hardware, "--engine", engineID]
        + ["--endpoint", "http://\(engine ?? engineAddress)"] + flags,
      name: "\(name)-\(started)", folder: folder)
  }

  /// An agent that was started.
  func agent(_ name: String = "agent") throws -> ProcessUnderTest {
    guard let agent = agents[name] else { throw Trouble("there is no agent \(name)") }
    return agent
  }

  /// A counter of the engine, e.g. "requests_total".
  func engineCounter(_ name: String) throws -> Int {
    let page = try HTTPGet.body("http://\(engineAddress)/metrics")
    let prefix = "benchfront_simengine_\(name) "
    let line = page.split(separator: "\n").first { $0.hasPrefix(prefix) }
    guard let value = line.flatMap({ Int($0.dropFirst(prefix.count)) }) else {
      throw Trouble("the engine counts no \(name): \(page)")
    }
    return value
  }

  // MARK: The command line

  /// What a command said and how it ended.
  struct Finished {
    let output: String
    let errors: String
    let exitCode: Int32
  }

  /// Starts a command and does not wait for it.
  func start(_ arguments: [String], server: String? = nil) throws -> ProcessUnderTest {
    started += 1
    return try ProcessUnderTest(
      "benchfront", arguments + ["--server", server ?? serverAddress],
      name: "command-\(started)", folder: folder)
  }

  /// Runs a command to its end.
  func cli(_ arguments: String..., server: String? = nil) async throws -> Finished {
    let process = try start(arguments, server: server)
    let code = try await process.end()
    return Finished(output: process.output, errors: process.errors, exitCode: code)
  }

  /// Runs a command that must succeed, and reads its JSON.
  func json(_ arguments: String...) async throws -> JSON {
    let process = try start(arguments + ["--output", "json"])
    guard try await process.end() == 0 else {
      throw Trouble("\(arguments.joined(separator: " ")) failed: \(process.errors)")
    }
    return try JSON(parsing: process.output)
  }

  /// Writes a file into the stand's folder and returns its path.
  func file(_ name: String, _ text: String) throws -> String {
    let url = folder.appending(path: name)
    try Data(text.utf8).write(to: url)
    return url.path
  }
}

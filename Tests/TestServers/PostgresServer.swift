package import Foundation
import Glibc

/// A PostgreSQL of its own: a fresh cluster in a temporary folder on a free port, gone with the
/// object. Debian's `postgresql-15` provides it.
package final class PostgresServer: @unchecked Sendable {
  /// Its folder.
  package let folder: URL
  /// Its port on 127.0.0.1.
  package let port: UInt16
  /// The superuser's password.
  package static let password = "not a secret"
  private static let programs = "/usr/lib/postgresql/15/bin"
  private let settings: [String]
  // @unchecked: a test drives its server from one task.
  private var process: Process?

  /// Lines for `postgresql.conf` that load TimescaleDB; nil where it is not installed.
  package static var timescaleSettings: [String]? {
    let control = "/usr/share/postgresql/15/extension/timescaledb.control"
    guard FileManager.default.fileExists(atPath: control) else { return nil }
    return ["shared_preload_libraries = 'timescaledb'", "timescaledb.telemetry_level = off"]
  }

  /// Makes a cluster and starts it.
  ///
  /// - Parameters:
  ///   - settings: lines for `postgresql.conf`, such as `max_connections = 5`.
  ///   - tls: files of a certificate and its key, to speak TLS with.
  package init(_ settings: [String] = [], tls: (certificate: String, key: String)? = nil) throws {
    folder = try Self.newFolder()
    port = try freePort()
    var settings = settings
    if let tls {
      // The server takes a key of its own alone.
      for (source, name) in [(tls.certificate, "server.pem"), (tls.key, "server.key")] {
        let copy = folder.appending(path: name)
        try FileManager.default.copyItem(at: URL(filePath: source), to: copy)
        chmod(copy.path, 0o600)
      }
      settings += [
        "ssl = on", "ssl_cert_file = '\(folder.path)/server.pem'",
        "ssl_key_file = '\(folder.path)/server.key'",
      ]
    }
    self.settings = settings
    let secret = folder.appending(path: "password")
    try Self.password.write(to: secret, atomically: true, encoding: .utf8)
    try giveToPostgres()
    try Self.run(
      Self.programs + "/initdb",
      [
        "-D", data.path, "-U", "benchfront", "-A", "scram-sha-256", "--pwfile", secret.path,
        "-E", "UTF8", "--locale", "C", "--no-sync", "--no-instructions",
      ], asPostgres: true)
    try start()
  }

  /// Makes a hot standby that follows `primary`, and starts it.
  package init(standbyOf primary: PostgresServer) throws {
    folder = try Self.newFolder()
    port = try freePort()
    settings = primary.settings
    try giveToPostgres()
    try Self.run(
      Self.programs + "/pg_basebackup",
      [
        "-D", data.path, "-d", primary.connectionString, "-R", "--checkpoint=fast", "--no-sync",
      ], asPostgres: true)
    try start()
  }

  /// Makes a primary of a standby.
  package func promote() throws {
    try Self.run(
      Self.programs + "/pg_ctl", ["promote", "-w", "-D", data.path], asPostgres: true)
  }

  private static func newFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "benchfront-postgres-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  private func giveToPostgres() throws {
    guard geteuid() == 0 else { return }
    try Self.run("/usr/bin/chown", ["-R", "postgres:postgres", folder.path])
  }

  deinit { end() }

  /// Ends it, and takes its folder away; one that lives as long as the process needs this.
  package func end() {
    if let process, process.isRunning {
      goOn()
      kill(processID, SIGQUIT)
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(at: folder)
  }

  private var data: URL { folder.appending(path: "data") }

  /// How to connect, in keywords and values.
  package var connectionString: String {
    "host=127.0.0.1 port=\(port) user=benchfront dbname=postgres password='\(Self.password)'"
  }

  /// Its process, to be sent signals.
  package private(set) var processID: pid_t = 0

  // MARK: Start and stop

  /// Starts it, and waits until it takes connections.
  package func start() throws {
    let lines =
      [
        "data_directory = '\(data.path)'", "hba_file = '\(data.path)/pg_hba.conf'",
        "port = \(port)", "listen_addresses = '127.0.0.1'",
        "unix_socket_directories = '\(folder.path)'", "fsync = off", "logging_collector = off",
      ] + settings
    try Self.write(lines, to: data.appending(path: "benchfront.conf"))
    let (program, arguments) = Self.asPostgres(
      Self.programs + "/postgres",
      ["-D", data.path, "-c", "config_file=\(data.appending(path: "benchfront.conf").path)"])
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let log = folder.appending(path: "log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    let output = try FileHandle(forWritingTo: log)
    process.standardOutput = output
    process.standardError = output
    try process.runForLife()
    self.process = process
    try waitUntilReady(log)
  }

  private func waitUntilReady(_ log: URL) throws {
    for _ in 0..<600 {
      let code = Self.status(
        Self.programs + "/pg_isready", ["-q", "-h", "127.0.0.1", "-p", "\(port)"])
      if code == 0 {
        let file = try String(contentsOf: data.appending(path: "postmaster.pid"), encoding: .utf8)
        processID = file.split(separator: "\n").first.flatMap { pid_t($0) } ?? 0
        return
      }
      guard process?.isRunning == true else { break }
      usleep(50_000)
    }
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    throw ServerFailure(description: "PostgreSQL does not start: \(text.suffix(500))")
  }

  /// Ends it as a crash would, without a word to its clients: its children go with it.
  package func kill9() {
    guard let process else { return }
    kill(processID, SIGKILL)
    process.waitUntilExit()
    // Its children hold shared memory until they notice.
    usleep(200_000)
  }

  /// Ends it at once, with a word to its clients.
  package func stop() {
    guard let process else { return }
    kill(processID, SIGINT)
    process.waitUntilExit()
  }

  /// Stops every process of it for a while, as a machine that hangs.
  package func pause() { signalAll(SIGSTOP) }

  /// Lets them go on.
  package func goOn() { signalAll(SIGCONT) }

  private func signalAll(_ signal: Int32) {
    guard processID > 0 else { return }
    for child in Self.children(of: processID) + [processID] { kill(child, signal) }
  }

  private static func children(of parent: pid_t) -> [pid_t] {
    let list = try? String(
      contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
    return (list ?? "").split(separator: " ").compactMap { pid_t($0) }
  }

  // MARK: Processes

  private static func write(_ lines: [String], to file: URL) throws {
    try lines.joined(separator: "\n").appending("\n")
      .write(to: file, atomically: true, encoding: .utf8)
  }

  /// The server refuses to run as root.
  private static func asPostgres(_ program: String, _ arguments: [String]) -> (String, [String]) {
    guard geteuid() == 0 else { return (program, arguments) }
    return (
      "/usr/bin/setpriv",
      [
        "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig", "KILL", program,
      ] + arguments
    )
  }

  private static func run(
    _ program: String, _ arguments: [String], asPostgres: Bool = false
  ) throws {
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw ServerFailure(description: "\(program) is missing: apt-get install postgresql-15")
    }
    let (program, arguments) =
      asPostgres ? Self.asPostgres(program, arguments) : (program, arguments)
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let words = String(decoding: said, as: UTF8.self).suffix(500)
      throw ServerFailure(description: "\(program): \(words)")
    }
  }

  private static func status(_ program: String, _ arguments: [String]) -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }
}

package import Foundation
import Glibc

/// A Redis of its own, in a temporary folder on a free port and a unix socket, gone with the
/// object. Debian's `redis-server` provides it.
package final class RedisServer: @unchecked Sendable {
  /// Its folder.
  package let folder: URL
  /// Its port on 127.0.0.1.
  package let port: UInt16
  private let settings: [String]
  private let password: String
  // @unchecked: a test drives its server from one task.
  private var process: Process?

  /// Starts a server that keeps nothing on disk.
  ///
  /// - Parameters:
  ///   - settings: lines of `redis.conf`, such as `maxmemory 2mb`.
  ///   - password: of the default user; empty when none is asked for.
  package init(_ settings: [String] = [], password: String = "") throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "benchfront-redis-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    port = try freePort()
    self.settings = settings
    self.password = password
    try start()
  }

  deinit { end() }

  /// Ends it, and takes its folder away; one that lives as long as the process needs this.
  package func end() {
    kill9()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Path of its unix socket.
  package var socket: String { folder.appending(path: "socket").path }

  /// Its URL.
  package var url: String {
    password.isEmpty ? "redis://127.0.0.1:\(port)" : "redis://:\(password)@127.0.0.1:\(port)"
  }

  // MARK: Start and stop

  /// Starts it, and waits until it answers.
  package func start() throws {
    let program = "/usr/bin/redis-server"
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw ServerFailure(description: "\(program) is missing: apt-get install redis-server")
    }
    var lines =
      [
        "bind 127.0.0.1", "port \(port)", "unixsocket \(socket)", "dir \(folder.path)",
        "save \"\"", "appendonly no", "daemonize no",
      ] + settings
    if !password.isEmpty { lines.append("requirepass \(password)") }
    let file = folder.appending(path: "redis.conf")
    try lines.joined(separator: "\n").appending("\n")
      .write(to: file, atomically: true, encoding: .utf8)
    let log = folder.appending(path: "log")
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/setpriv")
    process.arguments = ["--pdeathsig", "KILL", program, file.path]
    let output = try FileHandle(forWritingTo: log)
    process.standardOutput = output
    process.standardError = output
    try process.runForLife()
    self.process = process
    for _ in 0..<600 {
      if isListening { return }
      guard process.isRunning else { break }
      usleep(20_000)
    }
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    throw ServerFailure(description: "Redis does not start: \(text.suffix(500))")
  }

  /// Whether its socket takes connections.
  private var isListening: Bool {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  /// Ends it as a crash would, paused or not.
  package func kill9() {
    guard let process, process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Stops it for a while, as a machine that hangs.
  package func pause() { signal(SIGSTOP) }

  /// Lets it go on.
  package func goOn() { signal(SIGCONT) }

  private func signal(_ number: Int32) {
    guard let process, process.isRunning else { return }
    kill(process.processIdentifier, number)
  }
}

import Foundation
import Glibc

/// A process that a test started: its output lies in files, and it is killed and reaped when the
/// test lets go of it.
final class ProcessUnderTest {
  let name: String
  let pid: pid_t
  private let outputFile: URL
  private let errorFile: URL
  /// Exit code once it has ended; the signal's number below zero when one killed it.
  private var ending: Int32?

  /// Starts a program that lies beside the test binary.
  init(_ program: String, _ arguments: [String], name: String, folder: URL) throws {
    self.name = name
    outputFile = folder.appending(path: "\(name).out")
    errorFile = folder.appending(path: "\(name).err")
    pid = try Self.spawn(program, arguments, outputFile.path, errorFile.path)
  }

  deinit {
    guard ending == nil else { return }
    Glibc.kill(pid, SIGKILL)
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
  }

  /// What it has written to standard output so far.
  var output: String { Self.text(outputFile) }
  /// What it has written to standard error so far.
  var errors: String { Self.text(errorFile) }
  /// The last lines of what it said, for a failure's message.
  var tail: String {
    let lines = (output.suffix(400) + errors.suffix(1_500)).split(separator: "\n").suffix(12)
    return (["-- \(name):"] + lines.map(String.init)).joined(separator: "\n")
  }

  /// Sends a signal unless it has ended.
  func send(_ signal: Int32) {
    if exitCode == nil { Glibc.kill(pid, signal) }
  }

  /// Exit code, or the negative number of the signal that ended it; nil while it runs.
  var exitCode: Int32? {
    if let ending { return ending }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    let signal = status & 0x7f
    ending = signal == 0 ? (status >> 8) & 0xff : -signal
    return ending
  }

  /// Waits for its end.
  func end(within limit: Duration = .seconds(30)) async throws -> Int32 {
    try await eventually("\(name) ends", within: limit, tail: tail) { exitCode }
  }

  /// Kills it with -9 and waits until it is gone.
  func kill() async throws {
    send(SIGKILL)
    _ = try await end(within: .seconds(10))
  }

  private static func text(_ file: URL) -> String {
    guard let data = FileManager.default.contents(atPath: file.path) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }

  private static func spawn(
    _ program: String, _ arguments: [String], _ output: String, _ errors: String
  ) throws -> pid_t {
    let path = try programs.appending(path: program).path
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    let flags = O_WRONLY | O_CREAT | O_TRUNC
    posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o600)
    // What the tester's environment says about servers and folders is none of these processes'.
    let environment = ProcessInfo.processInfo.environment
      .filter { !$0.key.hasPrefix("BENCHFRONT_") }.map { "\($0.key)=\($0.value)" }
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    var settings = environment.map { strdup($0) } + [nil]
    defer { for pointer in words + settings { free(pointer) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &actions, nil, &words, &settings)
    guard code == 0 else {
      throw Trouble("cannot start \(program): \(String(cString: strerror(code)))")
    }
    return pid
  }

  /// The folder of the test binary, which is that of the programs.
  private static var programs: URL {
    get throws {
      let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      return URL(filePath: own).deletingLastPathComponent()
    }
  }
}

/// Why a test could not go on.
struct Trouble: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Asks again and again until there is an answer; throws when the time is over.
func eventually<Answer>(
  _ what: String, within limit: Duration = .seconds(20), tail: @autoclosure () -> String = "",
  _ probe: () async throws -> Answer?
) async throws -> Answer {
  let end = ContinuousClock.now.advanced(by: limit)
  while true {
    if let answer = try await probe() { return answer }
    guard ContinuousClock.now < end else {
      throw Trouble("not within \(limit): \(what)\n\(tail())")
    }
    try await Task.sleep(for: .milliseconds(15))
  }
}

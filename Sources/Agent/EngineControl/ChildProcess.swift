import CLinux
import Glibc
package import Reactor

/// A program that we started: it leads a process group of its own, writes into a log, and is
/// killed by the kernel when the loop that started it ends, which includes our own death.
// @unchecked: every variable is touched on the loop alone.
package final class ChildProcess: @unchecked Sendable {
  /// How a program ended.
  package enum Ending: Sendable, Hashable, CustomStringConvertible {
    /// It ended by itself.
    case exited(Int32)
    /// A signal ended it.
    case killed(Int32)

    /// In words.
    package var description: String {
      switch self {
      case .exited(let status): "it exited with status \(status)"
      case .killed(let signal): "it was ended by signal \(signal)"
      }
    }
  }

  private static let pollInterval = Duration.milliseconds(20)

  /// Its process id, and its group's.
  package let processID: Int32
  private let loop: EventLoop
  private var ending: Ending?

  private init(processID: Int32, loop: EventLoop) {
    self.processID = processID
    self.loop = loop
  }

  /// Starts a program whose output is appended to the file `log`; callable from any task.
  ///
  /// Throws `EngineError` when it cannot be executed.
  package static func start(
    _ path: String, _ arguments: [String], log: String, loop: EventLoop
  ) async throws -> ChildProcess {
    try await withCheckedThrowingContinuation { continuation in
      // On the loop's thread, with whose end the kernel kills the child.
      loop.perform { continuation.resume(with: spawn(path, arguments, log, loop)) }
    }
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ log: String, _ loop: EventLoop
  ) -> Result<ChildProcess, any Error> {
    var pointers: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    let child = clinux_spawn(path, pointers, log)
    guard child > 0 else {
      let why = ReactorError.describe(errorNumber: errno)
      return .failure(EngineError(.missing, "cannot execute \(path): \(why)"))
    }
    return .success(ChildProcess(processID: child, loop: loop))
  }

  /// How it ended; nil while it runs. On the loop.
  private func poll() -> Ending? {
    if let ending { return ending }
    var status: Int32 = 0
    guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
    let signal = status & 0x7F
    ending = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal)
    // Children of its own that outlived it; later the number may be somebody else's.
    killGroup(SIGKILL)
    return ending
  }

  /// How it ended; nil while it runs. Callable from any task.
  package func currentEnding() async -> Ending? {
    await withCheckedContinuation { continuation in
      loop.perform { continuation.resume(returning: self.poll()) }
    }
  }

  /// Waits until it ends; nil when it still runs after `timeout` or the task is cancelled.
  package func wait(atMost timeout: Duration) async -> Ending? {
    let deadline = loop.now().advanced(by: timeout)
    while true {
      if let ending = await currentEnding() { return ending }
      guard loop.now() < deadline else { return nil }
      do { try await loop.sleep(for: Self.pollInterval) } catch { return await currentEnding() }
    }
  }

  /// Ends its whole group: SIGTERM, and SIGKILL after `grace`. Works in a cancelled task too.
  package func terminate(grace: Duration = .seconds(5)) async {
    let ending = Task {
      guard await currentEnding() == nil else { return }
      killGroup(SIGTERM)
      if await wait(atMost: grace) == nil {
        killGroup(SIGKILL)
        _ = await wait(atMost: .seconds(10))
      }
    }
    await ending.value
  }

  private func killGroup(_ signal: Int32) { _ = kill(-processID, signal) }
}

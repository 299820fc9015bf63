import Foundation

/// The Python with grpcio that `make test` prepares, where it is.
enum Python {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static var interpreter: URL? {
    let environment = ProcessInfo.processInfo.environment
    let path =
      environment["BENCHFRONT_PYTHON"].map { URL(filePath: $0) }
      ?? root.appending(path: ".venv-test/bin/python3")
    return FileManager.default.isExecutableFile(atPath: path.path()) ? path : nil
  }

  /// Runs a script of `Tests/Interop` to its end; gives what it prints. Blocks no thread meanwhile.
  static func run(
    _ interpreter: URL, _ script: String, _ arguments: [String]
  ) async throws -> String {
    let log = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data().write(to: log)
    defer { try? FileManager.default.removeItem(at: log) }  // the system clears it otherwise
    let process = Process()
    process.executableURL = interpreter
    process.arguments = [root.appending(path: "Tests/Interop/\(script)").path()] + arguments
    process.standardOutput = try FileHandle(forWritingTo: log)
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in continuation.resume() }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return String(decoding: try Data(contentsOf: log), as: UTF8.self)
  }
}

import Foundation
import Testing

@Suite("Generated code")
struct GeneratedCodeTests {
  /// What the scripts exit with when protoc-c or grpcio-tools is missing.
  private static let toolsAreMissing: Int32 = 3

  @Test("the bindings are what the .proto files make")
  func isFresh() async throws {
    let (text, status) = try await check()
    if status == Self.toolsAreMissing, ProcessInfo.processInfo.environment["CI"] != "true" {
      print("Generated code is not checked: \(text)", terminator: "")
      return
    }
    #expect(status == 0, "\(text.prefix(2_000))")
  }

  /// Output and exit code of the script that compares; blocks no thread meanwhile.
  private func check() async throws -> (String, Int32) {
    let log = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data().write(to: log)
    defer { try? FileManager.default.removeItem(at: log) }  // the system clears it otherwise
    let process = Process()
    let output = try FileHandle(forWritingTo: log)
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [House.root.appending(path: "proto/generate.sh").path(), "--check"]
    process.standardOutput = output
    process.standardError = output
    try await withCheckedThrowingContinuation { (end: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in end.resume() }
      do { try process.run() } catch { end.resume(throwing: error) }
    }
    return (String(decoding: try Data(contentsOf: log), as: UTF8.self), process.terminationStatus)
  }
}

import Foundation
import Testing

@Suite("Generated code")
struct GeneratedCodeTests {
  /// What the scripts exit with when protoc-c or grpcio-tools is missing.
  private static let toolsAreMissing: Int32 = 3

  @Test(
    "what is generated is what the .proto files make",
    arguments: ["proto/generate.sh", "clients/python/generate.sh"])
  func isFresh(script: String) throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = [House.root.appending(path: script).path(), "--check"]
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    if process.terminationStatus == Self.toolsAreMissing,
      ProcessInfo.processInfo.environment["CI"] != "true"
    {
      print("Generated code is not checked: \(text)", terminator: "")
      return
    }
    #expect(process.terminationStatus == 0, "\(text.prefix(2_000))")
  }
}

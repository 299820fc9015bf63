import Foundation
import Testing

@testable import APIBindings

/// The Python with protobuf that `make test` prepares, where it is.
enum Python {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static var interpreter: URL? {
    let environment = ProcessInfo.processInfo.environment
    let path =
      environment["BENCHFRONT_PYTHON"].map { URL(filePath: $0) }
      ?? root.appending(path: ".venv-test/bin/python3")
    return FileManager.default.isExecutableFile(atPath: path.path()) ? path : nil
  }

  /// Runs a script to its end; gives its output and exit code. Blocks no thread meanwhile.
  static func run(_ interpreter: URL, _ arguments: [String]) async throws -> (String, Int32) {
    let log = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data().write(to: log)
    defer { try? FileManager.default.removeItem(at: log) }  // the system clears it otherwise
    let process = Process()
    let output = try FileHandle(forWritingTo: log)
    process.executableURL = interpreter
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in continuation.resume() }
      do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    return (String(decoding: try Data(contentsOf: log), as: UTF8.self), process.terminationStatus)
  }
}

@Suite("round trip with Python's protobuf")
struct PythonRoundTripTests {
  @Test("random messages of every type agree byte for byte, both ways")
  func roundTrip() async throws {
    guard let python = Python.interpreter else {
      let isCI = ProcessInfo.processInfo.environment["CI"] == "true"
      try #require(!isCI, "make test prepares a Python for this test")
      print("No Python with protobuf: make test prepares one, without it nothing is compared.")
      return
    }
    let seed = UInt32.random(in: 0...UInt32.max)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }  // the system clears it otherwise
    let script = Python.root.appending(path: "Tests/Interop/random_messages.py").path()
    let made = folder.appending(path: "made")
    let returned = folder.appending(path: "returned")

    let making = try await Python.run(python, [script, "make", "\(seed)", "50", made.path()])
    try #require(making.1 == 0, "\(making.0)")
    try Data(echo(Data(contentsOf: made), seed: seed)).write(to: returned)
    let checking = try await Python.run(python, [script, "check", made.path(), returned.path()])
    #expect(checking.1 == 0, "seed \(seed): \(checking.0)")
  }

  /// Decodes and encodes every record.
  private func echo(_ records: Data, seed: UInt32) throws -> [UInt8] {
    let types = Dictionary(uniqueKeysWithValues: APIMessages.all.map { ($0.type.name, $0) })
    var input = Array(records)[...]
    var output: [UInt8] = []
    var seen: Set<String> = []
    while !input.isEmpty {
      let name = String(decoding: take(&input), as: UTF8.self)
      let bytes = take(&input)
      let type = try #require(types[name], "Python knows \(name)")
      seen.insert(name)
      let encoded = try reencoded(type, bytes)
      #expect(encoded == bytes, "seed \(seed), \(name)")
      append(Array(name.utf8), to: &output)
      append(encoded, to: &output)
    }
    #expect(seen == Set(types.keys))
    return output
  }

  private func reencoded<M: APIMessage>(_ type: M.Type, _ bytes: [UInt8]) throws -> [UInt8] {
    try M(decoding: bytes).encoded()
  }

  private func take(_ input: inout ArraySlice<UInt8>) -> [UInt8] {
    let length = input.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    input = input.dropFirst(4)
    defer { input = input.dropFirst(length) }
    return Array(input.prefix(length))
  }

  private func append(_ part: [UInt8], to output: inout [UInt8]) {
    withUnsafeBytes(of: UInt32(part.count).littleEndian) { output += $0 }
    output += part
  }
}

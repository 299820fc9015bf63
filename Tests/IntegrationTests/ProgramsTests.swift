import BenchmarkDomain
import Foundation
import Testing

@Suite("The programs", .serialized)
struct ProgramsTests {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "benchfront-\(UUID().uuidString.prefix(8))")

  private func said(_ program: String, _ words: String...) async throws -> String {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = try ProcessUnderTest(program, words, name: program, folder: folder)
    #expect(try await process.end(within: .seconds(10)) == 0)
    #expect(process.errors.isEmpty)
    return process.output
  }

  @Test("every program says the same version")
  func version() async throws {
    for program in [
      "benchfront", "benchfront-server", "benchfront-agent", "benchfront-simengine",
    ] {
      #expect(try await said(program, "--version") == Product.version + "\n", "\(program)")
    }
  }

  @Test("the Python client's version is the programs'")
  func clientVersion() throws {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let project = try String(
      contentsOf: package.appending(path: "clients/python/pyproject.toml"), encoding: .utf8)
    #expect(project.contains("\nversion = \"\(Product.version)\"\n"))
  }

  @Test("wrong flags end every program with 2, and a negative number is not called missing")
  func wrongFlags() async throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (program, words) in [
      ("benchfront-server", ["serve", "--loops", "-1"]),
      ("benchfront-server", ["serve", "--lease-duration", "-1"]),
      ("benchfront-simengine", ["--ttft", "-1"]), ("benchfront-simengine", ["--nope"]),
      ("benchfront-simengine", ["--listen", "nope"]),
      ("benchfront-agent", ["run", "--engine", "vllm", "--request-timeout", "-1"]),
    ] {
      let process = try ProcessUnderTest(program, words, name: program, folder: folder)
      #expect(try await process.end(within: .seconds(10)) == 2, "\(words)")
      #expect(!process.errors.contains("Missing value"), "\(process.errors)")
      if program == "benchfront-agent" {
        #expect(process.errors.contains("benchfront-agent run --help"), "\(process.errors)")
      }
    }
  }

  @Test("the simulated engine's help states its model of time")
  func modelOfTime() async throws {
    let help = try await said("benchfront-simengine", "--help")
    let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for part in ["fp8 0.6, 0.6 and 0.06", "h100 7.0", "prompt tokens / 64"] {
      #expect(words.contains(part), "\(part): \(words)")
    }
  }

  @Test("the agent's help lists the exit codes")
  func exitCodes() async throws {
    let help = try await said("benchfront-agent", "run", "--help")
    let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for part in [
      "0 stopped with nothing left", "1 failed", "2 wrong usage", "5 the engine or the spool",
      "75 stopped with work left", "130 and 143",
    ] {
      #expect(words.contains(part), "\(part)")
    }
  }
}

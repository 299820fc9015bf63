import APIBindings
import ArgumentParser
import Foundation
import GRPC
import HTTP2
import Testing

@testable import ServerApp

@Suite("Bounds of the transport")
struct TransportLimitTests {
  private func configuration(
    _ limits: [String], _ environment: [String: String] = [:]
  ) async throws -> ServerConfiguration {
    let flags = limits.flatMap { ["--limit", $0] }
    return try await ServeCommand.parse(flags).settings(Environment(environment)).transport
  }

  /// Values that no default has, of those kinds that the bound takes.
  private func values(for limit: TransportLimit) -> [String] {
    ["123", "123KiB", "1234s", "123+45/s", "true", "none"].filter {
      var configuration = ServerConfiguration()
      return limit.set($0[...], in: &configuration)
    }
  }

  @Test("every bound can be set, and reaches its own place in the configuration")
  func everyBound() async throws {
    let defaults = ServerConfiguration()
    let untouched = Set(TransportLimits.all.map { $0.text(in: defaults) + $0.name })
    for limit in TransportLimits.all {
      #expect(!values(for: limit).isEmpty, "\(limit.name) takes nothing")
      for value in values(for: limit) where value != limit.text(in: defaults) {
        let changed = try await configuration(["\(limit.name)=\(value)"])
        #expect(limit.text(in: changed) == value)
        let others = TransportLimits.all.filter { $0.name != limit.name }
        #expect(others.allSatisfy { untouched.contains($0.text(in: changed) + $0.name) })
      }
      var again = defaults
      #expect(limit.set(limit.text(in: defaults)[...], in: &again), "its default is none of it")
    }
  }

  @Test("every field of the configurations that is a bound can be set")
  func everyField() {
    let hooks: Set = [
      "http2", "compressesResponses", "webOrigins", "interceptors", "metrics", "unexpectedError",
      "handshakeFailed", "connectionRefused", "originRefused", "callCheckInterval",
    ]
    let fields = [
      Mirror(reflecting: ServerConfiguration()), Mirror(reflecting: HTTP2Configuration()),
    ]
    .flatMap(\.children).compactMap(\.label).filter { !hooks.contains($0) }
    let names = fields.map { field in
      field.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }
    #expect(Set(names) == Set(TransportLimits.all.map(\.name)))
    #expect(names.count == TransportLimits.all.count)
  }

  @Test("the manual's table is that of the program")
  func manual() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/transport.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    let section = try #require(text.split(separator: "## Bounds\n").last)
    let rows = section.split(separator: "\n## ")[0].split(separator: "\n")
      .filter { $0.hasPrefix("| `") && !$0.hasPrefix("| `--") }.map(String.init)
    let defaults = ServerConfiguration()
    let wanted = TransportLimits.all.map {
      "| `\($0.name)` | \($0.text(in: defaults)) | \($0.meaning) |"
    }
    #expect(rows == wanted)
  }

  @Test("what is no bound, or none of its values, is named with what is allowed")
  func refusals() async throws {
    let cases = [
      ("max-connections=0", "--limit max-connections: '0' is not a number from 1 to 10000000"),
      ("max-connections=-1", "'-1' is not a number"), ("max-connections=", "'' is not a number"),
      ("max-connections=5KiB", "'5KiB' is not a number"),
      ("max-request-bytes=4096", "'4096' is not a size with its unit (B, KiB, MiB, GiB)"),
      ("max-request-bytes=2GiB", "from 1KiB to 1GiB"),
      ("max-request-bytes=99999999999999999GiB", "is not a size"),
      ("handshake-timeout=10", "'10' is not a time with its unit (ms, s, min, h, d)"),
      ("handshake-timeout=none", "'none' is not a time"),
      ("handshake-timeout=99ms", "from 100ms to 1d"),
      ("max-age=soon", "'soon' is not none or a time with its unit"),
      ("reset-rate=200", "'200' is not a rate such as 200+20/s"),
      ("reset-rate=0+1/s", "is not a rate"),
      ("permits-pings-without-streams=1", "'1' is not true or false"),
      ("max-conections=1", "--limit max-conections=1: there is no such bound; '--limit help'"),
      ("max-connections", "say --limit max-connections=VALUE"),
    ]
    for (setting, sentence) in cases {
      let error = await #expect(throws: StartupError.self) { try await configuration([setting]) }
      #expect(error?.kind == .usage)
      #expect(error?.message.contains(sentence) == true, "\(error?.message ?? "")")
    }
  }

  @Test("the environment sets bounds too, and a flag wins")
  func environment() async throws {
    let environment = ["LIMITS": "max-connections=7, max-age=1h"]
    let found = try await configuration(["max-connections=8"], environment)
    #expect(found.maxConnections == 8 && found.http2.maxAge == .seconds(3_600))
  }

  @Test("asked for help it lists every bound and does nothing else")
  func help() async throws {
    var command = try ServeCommand.parse(["--limit", "help"])
    let error = await #expect(throws: (any Error).self) { try await command.run() }
    let exit = try #require(error)
    #expect(ServeCommand.exitCode(for: exit) == .success)
    let text = ServeCommand.fullMessage(for: exit)
    for limit in TransportLimits.all { #expect(text.contains("  \(limit.name)  ")) }
  }

  @Test("units are exact both ways")
  func units() {
    for (text, bytes) in [("0B", 0), ("1023B", 1_023), ("16KiB", 16_384), ("3GiB", 3 << 30)] {
      #expect(Quantity.bytes(text[...]) == bytes && Quantity.text(bytes: bytes) == text)
    }
    for (text, milliseconds) in [("90s", 90_000), ("5min", 300_000), ("1500ms", 1_500), ("0s", 0)] {
      #expect(Quantity.duration(text[...]) == .milliseconds(milliseconds))
      #expect(Quantity.text(duration: .milliseconds(milliseconds)) == text)
    }
    #expect(Quantity.duration("1.5s") == nil && Quantity.duration("s") == nil)
    #expect(Quantity.bytes("16kB") == nil && Quantity.rate("1+2") == nil)
  }
}

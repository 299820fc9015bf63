import Foundation

/// The house as the design draws it: which of our targets, and which packages and C modules, each
/// target may import. What is not named here may not be imported.
enum House {
  /// Target -> modules that it may import.
  static let allowed: [String: Set<String>] = [
    "Reactor": ["CLinux"],
    "Telemetry": [],
    "TLS": ["COpenSSL"],
    "HTTP2": ["Reactor", "TLS", "CNghttp2"],
    "GRPC": ["HTTP2", "Reactor", "TLS", "Telemetry", "CZlib", "Logging"],
    "APIBindings": ["CProtobufC", "CBenchfrontAPI", "GRPC"],
    "GRPCServices": ["APIBindings", "GRPC", "HTTP2", "Reactor"],
    "AccessControl": ["GRPC", "TLS"],
    "HTTP1": ["Reactor"],
    "HTTPClient": ["CCurl", "Reactor"],
    "PostgresClient": ["CPostgres", "Reactor"],
    "RedisClient": ["CHiredis", "Reactor"],
    "BenchmarkDomain": [],
    "Statistics": ["BenchmarkDomain"],
    "Ranking": ["BenchmarkDomain", "Statistics"],
    "Economics": ["BenchmarkDomain"],
    "Scheduling": ["BenchmarkDomain"],
    "Storage": ["BenchmarkDomain"],
    "APIMapping": ["APIBindings", "GRPC", "BenchmarkDomain", "Storage"],
    "Importers": ["BenchmarkDomain", "Statistics"],
    "MatrixFile": ["BenchmarkDomain", "Yams"],
    "RedisCache": ["RedisClient", "Storage", "BenchmarkDomain", "Reactor"],
    "PostgresStorage": ["PostgresClient", "Reactor", "Storage", "BenchmarkDomain"],
    "SQLiteStorage": ["Storage", "BenchmarkDomain", "GRDB"],
    "Archive": ["Storage", "TLS"],
    "CatalogService": serviceImports.union(["Importers"]),
    "RecommendService": serviceImports,
    "BenchmarkControlService": serviceImports,
    "LoadGenerator": ["HTTPClient", "Reactor", "Statistics", "BenchmarkDomain"],
    "EngineControl": ["HTTPClient", "Reactor", "BenchmarkDomain", "CLinux"],
    "SampleSpool": ["GRDB", "BenchmarkDomain"],
    "ClientFlags": ["GRPC", "TLS", "ArgumentParser"],
  ]

  /// Assemblies join what the floors below them offer.
  static let assemblies: Set<String> = [
    "ServerApp", "AgentApp", "CLICommands", "SimulatedEngine",
  ]

  /// What comes with the toolchain and may be imported anywhere.
  static let toolchain: Set<String> = [
    "Swift", "Synchronization", "Glibc", "FoundationEssentials", "_Concurrency",
  ]

  private static let serviceImports: Set<String> = [
    "APIMapping", "APIBindings", "GRPC", "Storage", "BenchmarkDomain", "Statistics", "Ranking",
    "Economics", "Scheduling", "Telemetry",
  ]

  /// The package's folder.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A source file with the target that it belongs to.
  struct SourceFile: CustomStringConvertible {
    let target: String
    let url: URL
    let lines: [Substring]

    var description: String { "\(target)/\(url.lastPathComponent)" }
    var isGenerated: Bool { url.path().contains("/Generated/") }
  }

  /// Every Swift file below `Sources`, by path.
  static func sources() throws -> [SourceFile] {
    let floors = root.appending(path: "Sources")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: floors.path())
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      let url = floors.appending(path: path)
      let text = try String(contentsOf: url, encoding: .utf8)
      return SourceFile(
        target: String(path.split(separator: "/")[1]), url: url,
        lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
  }

  /// The module that a line imports; nil when it imports none.
  static func importedModule(_ line: Substring) -> String? {
    let words = line.split(separator: " ").filter {
      !["package", "public", "internal", "private", "fileprivate"].contains($0)
        && !$0.hasPrefix("@")
    }
    guard words.first == "import", words.count >= 2 else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "var", "typealias"]
    let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
    return name.split(separator: ".").first.map(String.init)
  }
}

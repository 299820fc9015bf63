// swift-tools-version: 6.2
import PackageDescription

// The house, floor by floor. Each target may import only what stands here beside it;
// `StyleTests` hold the sources to this table.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Release builds of the transport leave out the run-time check of exclusive access, which took
/// 11% of a unary call's CPU; debug builds, and so the tests and sanitizers, keep it.
let transport = ["Reactor", "HTTP2", "GRPC"]
let unchecked = SwiftSetting.unsafeFlags(
  ["-enforce-exclusivity=unchecked"], .when(configuration: .release))

/// Without the optimizer each step over a vector is a call: fronts of 100,000 rows took the tests
/// 40 s of CPU.
let optimized = SwiftSetting.unsafeFlags(["-O"], .when(configuration: .debug))

/// A target of ours on one floor of `Sources`.
func room(_ floor: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)",
    swiftSettings: settings + (transport.contains(name) ? [unchecked] : [])
      + (name == "Ranking" ? [optimized] : []))
}

/// What serves many calls at once allocates by jemalloc: of what a turn of them frees together,
/// glibc keeps seven blocks of a size at hand, and the rest takes its slow path.
let jemalloc = LinkerSetting.linkedLibrary("jemalloc", .when(platforms: [.linux]))

/// A thin executable: it parses nothing and calls its assembly.
func tool(
  _ name: String, _ assembly: Target.Dependency, linkerSettings: [LinkerSetting] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: [assembly], path: "Sources/Executables/\(name)",
    swiftSettings: settings, linkerSettings: linkerSettings)
}

/// A C library that Debian provides.
func system(_ name: String, pkgConfig: String?, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// A test target that mirrors one of ours.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources,
    swiftSettings: settings)
}

let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let c: [Target] = [
  .target(name: "CLinux", path: "Sources/C/CLinux"),
  system("CNghttp2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
  system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
  // Its pkg-config file carries a flag that the package manager refuses.
  system("CHiredis", pkgConfig: nil, apt: "libhiredis-dev"),
  system("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
  system("CProtobufC", pkgConfig: "libprotobuf-c", apt: "libprotobuf-c-dev"),
  system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
  system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
  .target(
    name: "CBenchfrontAPI", dependencies: ["CProtobufC"], path: "Sources/C/CBenchfrontAPI"),
]

let runtime: [Target] = [
  room("Runtime", "Reactor", ["CLinux"]),
  room("Runtime", "Telemetry"),
]

let protocols: [Target] = [
  room("Protocols", "TLS", ["COpenSSL"]),
  room("Protocols", "HTTP2", ["Reactor", "TLS", "CNghttp2"]),
  room("Protocols", "GRPC", ["HTTP2", "Reactor", "TLS", "Telemetry", "CZlib", logging]),
  room("Protocols", "APIBindings", ["CProtobufC", "CBenchfrontAPI", "GRPC"]),
  room("Protocols", "GRPCServices", ["APIBindings", "GRPC", "HTTP2", "Reactor"]),
  room("Protocols", "AccessControl", ["GRPC", "TLS"]),
  room("Protocols", "HTTP1", ["Reactor"]),
  room("Protocols", "HTTPClient", ["CCurl", "Reactor"]),
  room("Protocols", "PostgresClient", ["CPostgres", "Reactor"]),
  room("Protocols", "RedisClient", ["CHiredis", "Reactor"]),
]

let domain: [Target] = [
  room("Domain", "BenchmarkDomain"),
  room("Domain", "Statistics", ["BenchmarkDomain"]),
  room("Domain", "Ranking", ["BenchmarkDomain", "Statistics"]),
  room("Domain", "Economics", ["BenchmarkDomain"]),
  room("Domain", "Scheduling", ["BenchmarkDomain"]),
  room("Domain", "Storage", ["BenchmarkDomain"]),
]

let adapters: [Target] = [
  room("Adapters", "APIMapping", ["APIBindings", "GRPC", "BenchmarkDomain", "Storage"]),
  room("Adapters", "Importers", ["BenchmarkDomain", "Statistics"]),
  room("Adapters", "MatrixFile", ["BenchmarkDomain", yams]),
  room("Adapters", "RedisCache", ["RedisClient", "Storage", "BenchmarkDomain", "Reactor"]),
  room(
    "Adapters", "PostgresStorage", ["PostgresClient", "Reactor", "Storage", "BenchmarkDomain"]),
  room("Adapters", "SQLiteStorage", ["BenchmarkDomain", "Storage", grdb]),
  room("Adapters", "Archive", ["Storage", "TLS"]),
]

let services: [Target] = [
  room(
    "Services", "CatalogService",
    [
      "APIMapping", "APIBindings", "GRPC", "Storage", "BenchmarkDomain", "Statistics", "Economics",
      "MatrixFile", "Importers",
    ]),
  room(
    "Services", "RecommendService",
    [
      "APIMapping", "APIBindings", "GRPC", "Storage", "BenchmarkDomain", "Statistics", "Ranking",
      "Economics", "Telemetry",
    ]),
  room(
    "Services", "BenchmarkControlService",
    [
      "APIMapping", "APIBindings", "GRPC", "Storage", "BenchmarkDomain", "Statistics",
      "Scheduling", "Telemetry",
    ]),
]

let agent: [Target] = [
  room("Agent", "LoadGenerator", ["HTTPClient", "Reactor", "Statistics", "BenchmarkDomain"]),
  room("Agent", "EngineControl", ["HTTPClient", "Reactor", "BenchmarkDomain", "CLinux"]),
  room("Agent", "SampleSpool", ["BenchmarkDomain", grdb]),
]

let assembly: [Target] = [
  room(
    "Assembly", "ServerApp",
    [
      "CatalogService", "RecommendService", "BenchmarkControlService", "SQLiteStorage",
      "PostgresStorage", "PostgresClient", "RedisCache", "RedisClient", "AccessControl",
      "APIBindings", "GRPCServices", "GRPC", "HTTP2", "TLS", "HTTP1", "Reactor",
      "Telemetry", "BenchmarkDomain", "Economics", "Storage", "Archive", arguments, logging,
    ]),
  room("Assembly", "ClientFlags", ["GRPC", "TLS", arguments]),
  room(
    "Assembly", "AgentApp",
    [
      "ClientFlags", "LoadGenerator", "EngineControl", "SampleSpool", "HTTPClient", "APIMapping",
      "APIBindings", "GRPC", "Reactor", "BenchmarkDomain", "Statistics", arguments, logging,
    ]),
  room(
    "Assembly", "CLICommands",
    [
      "ClientFlags", "APIMapping", "APIBindings", "GRPC", "Reactor", "BenchmarkDomain",
      "MatrixFile", arguments, logging,
    ]),
  room("Assembly", "SimulatedEngine", ["HTTP1", "Reactor", "BenchmarkDomain", arguments]),
]

let executables: [Target] = [
  tool("benchfront-server", "ServerApp", linkerSettings: [jemalloc]),
  tool("benchfront-agent", "AgentApp"),
  tool("benchfront", "CLICommands"),
  tool("benchfront-simengine", "SimulatedEngine"),
]

let testTargets: [Target] = [
  .target(
    name: "TestSupport", dependencies: ["BenchmarkDomain", "Storage"], path: "Tests/TestSupport",
    swiftSettings: settings),
  .target(name: "TestServers", path: "Tests/TestServers", swiftSettings: settings),
  tests("ReactorTests", ["Reactor"]),
  tests("TelemetryTests", ["Telemetry"]),
  .target(
    name: "TLSTestSupport", dependencies: ["TLS"], path: "Tests/TLSTestSupport",
    swiftSettings: settings),
  tests("TLSTests", ["TLS", "TLSTestSupport"]),
  tests("HTTP2Tests", ["HTTP2", "Reactor", "TLS"]),
  tests(
    "GRPCTests", ["GRPC", "HTTP2", "Reactor", "TLS", "TLSTestSupport", "Telemetry", logging]),
  tests("APIBindingsTests", ["APIBindings", "GRPC", "Reactor"]),
  tests("GRPCServicesTests", ["GRPCServices", "APIBindings", "GRPC", "Reactor"]),
  tests("AccessControlTests", ["AccessControl", "GRPC", "TLS"]),
  tests("HTTP1Tests", ["HTTP1", "HTTPClient", "Reactor"]),
  tests(
    "PostgresClientTests", ["PostgresClient", "Reactor", "TestServers", "TLSTestSupport"]),
  tests("RedisClientTests", ["RedisClient", "Reactor", "TestServers"]),
  tests("HTTPClientTests", ["HTTPClient", "HTTP1", "Reactor"]),
  tests("BenchmarkDomainTests", ["BenchmarkDomain"]),
  tests("StatisticsTests", ["Statistics", "BenchmarkDomain"]),
  tests("RankingTests", ["Ranking", "BenchmarkDomain"]),
  tests("EconomicsTests", ["Economics", "BenchmarkDomain"]),
  tests("SchedulingTests", ["Scheduling", "BenchmarkDomain"]),
  tests("APIMappingTests", ["APIMapping", "APIBindings", "GRPC", "BenchmarkDomain"]),
  tests("ImportersTests", ["Importers", "BenchmarkDomain", "Statistics"]),
  tests("MatrixFileTests", ["MatrixFile", "BenchmarkDomain"]),
  tests("StorageTests", ["Storage", "BenchmarkDomain"]),
  tests(
    "PostgresStorageTests",
    [
      "PostgresStorage", "PostgresClient", "Reactor", "Storage", "BenchmarkDomain", "TestServers",
      "TestSupport",
    ]),
  tests(
    "SQLiteStorageTests", ["SQLiteStorage", "Storage", "BenchmarkDomain", "TestSupport", grdb]),
  tests(
    "ArchiveTests",
    [
      "Archive", "SQLiteStorage", "PostgresStorage", "PostgresClient", "Reactor", "Storage",
      "BenchmarkDomain", "TLS", "TestServers", "TestSupport",
    ]),
  tests(
    "RedisCacheTests",
    ["RedisCache", "RedisClient", "Storage", "BenchmarkDomain", "Reactor", "TestServers"]),
  tests(
    "CatalogServiceTests",
    [
      "CatalogService", "SQLiteStorage", "APIBindings", "GRPC", "Reactor", "Storage",
      "BenchmarkDomain", "TestSupport",
    ]),
  tests(
    "RecommendServiceTests",
    [
      "RecommendService", "RedisCache", "RedisClient", "SQLiteStorage", "APIBindings", "GRPC",
      "Reactor", "Storage", "BenchmarkDomain", "Telemetry", "TestServers",
    ]),
  tests(
    "ServerAppTests",
    [
      "ServerApp", "APIBindings", "GRPC", "HTTP2", "TLS", "Reactor", "RedisClient", "Storage",
      "BenchmarkDomain", "Telemetry", "TestServers", arguments, logging,
    ]),
  tests(
    "CLICommandsTests",
    ["CLICommands", "APIBindings", "BenchmarkDomain", "GRPC", "MatrixFile", arguments]),
  tests(
    "LoadGeneratorTests",
    [
      "LoadGenerator", "SimulatedEngine", "HTTPClient", "Reactor", "BenchmarkDomain", "Statistics",
    ]),
  tests(
    "EngineControlTests",
    ["EngineControl", "SimulatedEngine", "HTTPClient", "Reactor", "BenchmarkDomain"]),
  tests("SampleSpoolTests", ["SampleSpool", "BenchmarkDomain", grdb]),
  tests(
    "AgentAppTests",
    [
      "AgentApp", "BenchmarkControlService", "SQLiteStorage", "SampleSpool", "Storage",
      "BenchmarkDomain", "Statistics", "APIBindings", "APIMapping", "GRPC", "Reactor",
    ]),
  tests(
    "BenchmarkControlServiceTests",
    ["BenchmarkControlService", "SQLiteStorage", "Storage", "BenchmarkDomain", "Telemetry"]),
  tests(
    "ReferenceTests",
    ["Ranking", "Statistics", "Importers", "BenchmarkDomain", "Economics", "TLS"]),
  tests(
    "IntegrationTests",
    [
      "ServerApp", "AgentApp", "CLICommands", "SimulatedEngine", "APIBindings", "GRPC", "Reactor",
      "BenchmarkDomain",
    ]),
  tests("StyleTests", []),
]

/// Both sides of gRPC's interoperability tests, whose bindings are generated as those of the
/// product, and a server to be attacked, for the tests in Python; empty but in debug builds.
let interop: [Target] = [
  .target(
    name: "CTestServiceAPI", dependencies: ["CProtobufC"], path: "Tests/Interop/CTestServiceAPI"),
  .executableTarget(
    name: "TestService", dependencies: ["APIBindings", "CTestServiceAPI", "GRPC", "Reactor"],
    path: "Tests/Interop/TestService", swiftSettings: settings),
  .executableTarget(
    name: "AttackServer", dependencies: ["GRPC", "HTTP2", "Reactor"],
    path: "Tests/Interop/AttackServer", swiftSettings: settings),
]

/// Servers for the benchmarks, which nobody but their scripts builds.
let benchmarks: [Target] =
  Context.environment["BENCHFRONT_BENCH"] == "1"
  ? [
    .executableTarget(
      name: "bench-rpc-server",
      dependencies: ["APIBindings", "AccessControl", "GRPC", "Reactor", "TLS", "Telemetry"],
      path: "Tests/Benchmarks/RPC", swiftSettings: settings, linkerSettings: [jemalloc])
  ] : []

/// Whose parsers are fuzzed.
let fuzzed: [Target.Dependency] = [
  "APIBindings", "APIMapping", "Archive", "BenchmarkDomain", "GRPC", "HTTP1", "HTTP2", "Reactor",
  "Storage",
]

/// What libFuzzer drives; it brings `main`, so only `Tests/Fuzz/fuzz.sh` can build it.
let fuzz: [Target] =
  Context.environment["BENCHFRONT_PART"] == "fuzz"
  ? [
    .executableTarget(
      name: "fuzz", dependencies: fuzzed,
      path: "Tests/Fuzz", exclude: ["corpus", "fuzz.sh", "CorpusTests.swift"],
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])])
  ] : []

/// The same targets as tests of every build: each input of the corpora, cut and altered.
let corpusTests = Target.testTarget(
  name: "FuzzTests", dependencies: fuzzed,
  path: "Tests/Fuzz", exclude: ["corpus", "fuzz.sh", "Fuzz.swift"],
  swiftSettings: settings)

/// Sanitizers look at the transport alone: building everything for each of them takes minutes.
let transportTests = [
  "TestServers", "ReactorTests", "TelemetryTests", "TLSTestSupport", "TLSTests", "HTTP2Tests",
  "GRPCTests", "PostgresClientTests", "RedisClientTests",
]
/// The stores and what they stand on, for those who work on them.
let storageParts = [
  "PostgresClient", "RedisClient", "RedisCache", "SQLiteStorage", "TestSupport", "TestServers",
  "TLS", "TLSTestSupport", "PostgresClientTests", "RedisClientTests", "RedisCacheTests",
  "SQLiteStorageTests", "StorageTests", "PostgresStorage", "PostgresStorageTests", "Archive",
  "ArchiveTests",
]
/// What the corpora of archives and samples need beside the transport.
let corpusParts = ["APIMapping", "Archive", "Storage", "BenchmarkDomain"]
let everything = [
  c, runtime, protocols, domain, adapters, services, agent, assembly, executables, testTargets,
  [corpusTests], interop, benchmarks,
].flatMap { $0 }
let house =
  switch Context.environment["BENCHFRONT_PART"] {
  case "transport":
    [c, runtime, protocols].flatMap { $0 }
      + [domain, adapters].flatMap { $0 }.filter { corpusParts.contains($0.name) }
      + testTargets.filter { transportTests.contains($0.name) } + [corpusTests]
  case "storage":
    [c, runtime, domain].flatMap { $0 }
      + [protocols, adapters, testTargets].flatMap { $0 }.filter { storageParts.contains($0.name) }
  case "fuzz":
    [c, runtime, protocols, fuzz].flatMap { $0 }
      + [domain, adapters].flatMap { $0 }.filter { corpusParts.contains($0.name) }
  // What the container images build, without a folder of tests.
  case "product":
    [c, runtime, protocols, domain, adapters, services, agent, assembly, executables].flatMap { $0 }
  default: everything
  }

let package = Package(
  name: "benchfront",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: house
)

// swift-tools-version: 6.2
import PackageDescription

// Peers of the benchmarks that are Swift packages, apart from ours so that no user resolves or
// builds them. Our own benchmark server stays in the main package, behind BENCHFRONT_BENCH=1: what
// it needs of our targets has `package` access, which another package does not have.

let package = Package(
  name: "benchmark-peers",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
  ],
  targets: [
    .executableTarget(
      name: "bench-grpc-swift",
      dependencies: [
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      path: "Peers/GRPCSwift")
  ]
)

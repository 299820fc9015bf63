import GRPC

/// The streaming methods of bench.Echo and its large answer, as `Peers/echo.proto` describes them.
enum EchoStreams {
  private static let messagesOfStream = 1000
  private static let large = [UInt8](repeating: 0x61, count: 4_000_000)

  static func register(in router: inout Router) {
    router.register(
      method("Down", .serverStreaming),
      .streaming { stream in
        guard let message = try await stream.next() else { return }
        for _ in 0..<messagesOfStream { try await stream.send(message) }
      })
    router.register(
      method("Up", .clientStreaming),
      .streaming { stream in
        var last: [UInt8] = []
        while let message = try await stream.next() { last = message }
        try await stream.send(last)
      })
    router.register(
      method("Chat", .bidirectionalStreaming),
      .streaming { stream in
        while let message = try await stream.next() { try await stream.send(message) }
      })
    router.register(method("Large", .unary), .unary { _, _ in .message(large) })
  }

  private static func method(_ name: String, _ kind: MethodKind) -> MethodDescriptor {
    MethodDescriptor(service: "bench.Echo", name: name, kind: kind)
  }
}

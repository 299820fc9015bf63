import Glibc
import HTTP1
import HTTPClient
import Reactor
import Synchronization
import Testing

@Suite("HTTP/1.1 server")
struct HTTP1ServerTests {
  /// Runs `body` against a server on a free port.
  private func serving(
    _ configuration: HTTP1Server.Configuration = .init(), handler: @escaping HTTP1Server.Handler,
    _ body: (String, EventLoop) async throws -> Void
  ) async throws {
    let group = try EventLoopGroup(count: 1)
    let server = HTTP1Server(configuration: configuration, group: group, handler: handler)
    let address = try server.listen(on: .parse("127.0.0.1:0"))
    try await body(address.description, group.loops[0])
    server.close()
    group.shutdown()
  }

  /// Sends raw bytes and reads until the server closes.
  private func exchange(_ address: String, _ text: String) async throws -> String {
    let loop = try EventLoop(name: "raw")
    defer { loop.shutdown() }
    let peer = RawPeer()
    return try await withCheckedThrowingContinuation { continuation in
      loop.execute {
        peer.begin(address, text, loop) { continuation.resume(returning: $0) }
      }
    }
  }

  @Test("answers keep the connection, and pipelined requests are answered in order")
  func pipelines() async throws {
    try await serving {
      $0.respond(status: 200, body: Array($0.request.target.utf8))
    } _: {
      address, _ in
      let one = "GET /%d HTTP/1.1\r\nHost: x\r\n"
      let text =
        "\(one.replacing("%d", with: "1"))\r\n"
        + "\(one.replacing("%d", with: "2"))\r\n"
        + "\(one.replacing("%d", with: "3"))Connection: close\r\n\r\n"
      let answer = try await exchange(address, text)
      #expect(answer.components("HTTP/1.1 200 OK") == 3)
      let places = ["/1", "/2", "/3"].map { answer.range(of: $0)?.lowerBound }
      #expect(places.allSatisfy { $0 != nil })
      #expect(answer.hasSuffix("Connection: close\r\n\r\n/3"))
    }
  }

  @Test("who asks without reading the answers is held, and others are answered meanwhile")
  func greedyPipelines() async throws {
    let answered = Counter()
    let body = [UInt8](repeating: 65, count: 100_000)
    try await serving {
      answered.value.withLock { $0 += 1 }
      $0.respond(status: 200, body: body)
    } _: { address, loop in
      let greedy = try Self.connect(address)
      defer { close(greedy) }
      let requests = String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 20_000)
      // As much as the server takes.
      #expect(send(greedy, requests, requests.utf8.count, Int32(MSG_DONTWAIT)) > 10_000)
      let response = try await TransferClient(loop: loop).fetch(
        TransferRequest(url: "http://\(address)/"))
      #expect(response.body.count == body.count)
      // What the kernel's buffers hold, and what a socket's own may: not two gigabytes.
      #expect(answered.value.withLock { $0 } < 500)
    }
  }

  /// A socket of the system's own, connected.
  private static func connect(_ address: String) throws -> Int32 {
    let port = try #require(address.split(separator: ":").last.flatMap { UInt16($0) })
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let code = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(code == 0)
    return descriptor
  }

  @Test("garbage is refused with a status and the connection is closed")
  func garbage() async throws {
    try await serving {
      $0.respond(status: 200)
    } _: { address, _ in
      let answer = try await exchange(address, "\u{0}\u{1}\u{2}nonsense")
      #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
    }
  }

  @Test("a chunked answer arrives whole and the peer's pace is kept")
  func streams() async throws {
    let sent = Counter()
    let piece = [UInt8](repeating: 65, count: 50_000)
    let handler: HTTP1Server.Handler = { exchange in
      exchange.begin(status: 200, headers: [HeaderField("Content-Type", "text/plain")])
      Task(executorPreference: exchange.loop) {
        for _ in 0..<40 {
          try await exchange.send(piece)
          sent.value.withLock { $0 += 1 }
        }
        exchange.loop.perform { exchange.finish() }
      }
    }
    try await serving(handler: handler) { address, loop in
      let response = try await TransferClient(loop: loop).fetch(
        TransferRequest(url: "http://\(address)/"))
      #expect(response.body.count == 2_000_000)
      #expect(sent.value.withLock { $0 } == 40)
    }
  }

  @Test("a handler hears that its peer has gone")
  func abandons() async throws {
    let (gone, signal) = AsyncStream.makeStream(of: Void.self)
    let handler: HTTP1Server.Handler = { exchange in
      exchange.begin(status: 200)
      exchange.write([1])
      exchange.onAbandon = { signal.finish() }
    }
    try await serving(handler: handler) { address, loop in
      let error = await #expect(throws: TransferError.self) {
        try await TransferClient(loop: loop).fetch(
          TransferRequest(url: "http://\(address)/", totalTimeout: .milliseconds(100)))
      }
      #expect(error?.code == .timedOut)
      for await _ in gone {}
    }
  }

  @Test("a request that never ends is cut off")
  func slow() async throws {
    var configuration = HTTP1Server.Configuration()
    configuration.requestTimeout = .milliseconds(50)
    try await serving(configuration) {
      $0.respond(status: 200)
    } _: { address, _ in
      let answer = try await exchange(address, "GET / HTTP/1.1\r\nHos")
      #expect(answer == "")
    }
  }

  @Test("a body larger than its bound is refused before it is sent")
  func large() async throws {
    try await serving {
      $0.respond(status: 200)
    } _: { address, _ in
      let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n"
      let answer = try await exchange(address, head)
      #expect(answer.hasPrefix("HTTP/1.1 413"))
    }
  }
}

private final class Counter: Sendable { let value = Mutex(0) }

extension String {
  fileprivate func components(_ part: String) -> Int { ranges(of: part).count }
  fileprivate func range(of part: String) -> Range<Index>? { ranges(of: part).first }
}

/// Speaks bytes rather than HTTP.
// @unchecked: used on its loop alone.
private final class RawPeer: SocketDelegate, @unchecked Sendable {
  private var socket: Socket?
  private var received: [UInt8] = []
  private var completion: ((String) -> Void)?

  func begin(
    _ address: String, _ text: String, _ loop: EventLoop, _ completion: @escaping (String) -> Void
  ) {
    self.completion = completion
    guard let address = try? SocketAddress.parse(address) else { return completion("") }
    Socket.connect(to: address, loop: loop, timeout: .seconds(5)) { [self] result in
      guard case .success(let socket) = result, (try? socket.start(self)) != nil else {
        return completion("no connection")
      }
      self.socket = socket
      socket.write(Array(text.utf8))
      socket.flush()
    }
  }

  func socketReceived(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { received.append(contentsOf: $0) }
  }
  func socketDrained() {}
  func socketClosed(_ closure: SocketClosure) {
    completion?(String(decoding: received, as: UTF8.self))
    completion = nil
  }
}

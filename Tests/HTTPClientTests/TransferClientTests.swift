import HTTP1
import HTTPClient
import Reactor
import Synchronization
import Testing

/// Keeps what a transfer says.
// @unchecked: used on its loop alone, read after the end.
private final class Recorder: TransferDelegate, @unchecked Sendable {
  var stamps: [MonotonicTime] = []
  var body: [UInt8] = []
  var status = 0
  var outcome: Result<Void, TransferError>?
  var transfer: Transfer?
  var onBytes: (() -> Void)?
  private let signal: AsyncStream<Void>.Continuation
  private let ended: AsyncStream<Void>

  init() { (ended, signal) = AsyncStream.makeStream() }

  func transferSent(at time: MonotonicTime) { stamps.append(time) }
  func transferReceived(_ head: TransferHead, firstByte: MonotonicTime) {
    status = head.status
    stamps.append(firstByte)
  }
  func transferReceived(_ bytes: RawSpan, at time: MonotonicTime) {
    stamps.append(time)
    bytes.withUnsafeBytes { body.append(contentsOf: $0) }
    onBytes?()
  }
  func transferEnded(_ outcome: Result<Void, TransferError>, at time: MonotonicTime) {
    stamps.append(time)
    self.outcome = outcome
    signal.finish()
  }

  func run(_ request: TransferRequest, _ client: TransferClient) async {
    client.loop.execute {
      do throws(TransferError) { self.transfer = try client.start(request, self) } catch {
        self.outcome = .failure(error)
        self.signal.finish()
      }
    }
    for await _ in ended {}
  }

  var code: TransferError.Code? {
    guard case .failure(let error) = outcome else { return nil }
    return error.code
  }
}

@Suite("Transfer client")
struct TransferClientTests {
  private func serving(
    handler: @escaping HTTP1Server.Handler, _ body: (String, TransferClient) async throws -> Void
  ) async throws {
    let group = try EventLoopGroup(count: 2)
    let server = HTTP1Server(group: group, handler: handler)
    let address = try server.listen(on: .parse("127.0.0.1:0"))
    let client = TransferClient(loop: group.loops[1])
    try await body("http://\(address)", client)
    client.loop.execute { client.close() }
    server.close()
    group.shutdown()
  }

  /// Runs against a peer that answers every connection with fixed bytes and closes.
  private func answering(
    _ text: String, _ body: (String, TransferClient) async throws -> Void
  ) async throws {
    let group = try EventLoopGroup(count: 1)
    let listener = try Listener(.parse("127.0.0.1:0"), group: group) { descriptor, peer, loop in
      let canned = CannedPeer(Socket(descriptor, peer: peer, loop: loop), text)
      canned.start()
    }
    let client = TransferClient(loop: group.loops[0])
    try await body("http://\(listener.address)", client)
    listener.close()
    group.shutdown()
  }

  @Test("a body is posted and the answer comes back whole")
  func echo() async throws {
    try await serving { exchange in
      exchange.respond(
        status: 201, headers: [HeaderField("X-Echo", exchange.request.header("x-mine") ?? "")],
        body: exchange.request.body)
    } _: { base, client in
      let body = [UInt8](repeating: 7, count: 300_000)
      let response = try await client.fetch(
        TransferRequest(
          method: "POST", url: base + "/a", headers: [.init("X-Mine", "yes")], body: body))
      #expect(response.head.status == 201)
      #expect(response.head.header("x-echo") == "yes")
      #expect(response.body == body)
    }
  }

  @Test("stamps run forward and a streamed answer is seen piece by piece")
  func stamps() async throws {
    try await serving { exchange in
      exchange.begin(status: 200)
      for index in 1...5 {
        exchange.loop.schedule(after: .milliseconds(20 * index)) {
          exchange.write([UInt8(index)])
          if index == 5 { exchange.finish(closing: true) }
        }
      }
    } _: { base, client in
      let recorder = Recorder()
      await recorder.run(TransferRequest(url: base, usesFreshConnection: true), client)
      #expect(recorder.code == nil && recorder.status == 200)
      #expect(recorder.body == [1, 2, 3, 4, 5])
      #expect(recorder.stamps == recorder.stamps.sorted())
      let first = try #require(recorder.stamps.dropFirst(2).first)
      let last = try #require(recorder.stamps.last)
      #expect(last > first)
    }
  }

  @Test("a fresh connection is used once, others are kept")
  func connections() async throws {
    let peers = Mutex<Set<String>>([])
    try await serving { exchange in
      peers.withLock { _ = $0.insert(exchange.request.header("x") ?? "") }
      let socket = "\(exchange.request.keepsAlive)"
      exchange.respond(status: 200, body: Array(socket.utf8))
    } _: { base, client in
      for _ in 0..<3 {
        let fresh = try await client.fetch(
          TransferRequest(url: base, usesFreshConnection: true))
        #expect(fresh.head.status == 200)
        let kept = try await client.fetch(TransferRequest(url: base))
        #expect(kept.body == Array("true".utf8))
      }
    }
  }

  @Test("each way to fail has its class")
  func failures() async throws {
    let group = try EventLoopGroup(count: 1)
    let client = TransferClient(loop: group.loops[0])
    let listener = try Listener(.parse("127.0.0.1:0"), group: group) { _, _, _ in }
    let address = "\(listener.address)"
    listener.close()
    try await client.loop.sleep(for: .milliseconds(1))
    func code(_ request: TransferRequest) async -> TransferError.Code? {
      let recorder = Recorder()
      await recorder.run(request, client)
      return recorder.code
    }
    #expect(await code(TransferRequest(url: "http://\(address)/")) == .couldNotConnect)
    #expect(await code(TransferRequest(url: "ftp://\(address)/")) == .badRequest)
    #expect(await code(TransferRequest(url: "http://a b\n/")) == .badRequest)
    #expect(
      await code(TransferRequest(url: "http://\(address)/", headers: [.init("A", "b\r\nC: d")]))
        == .badRequest)
    group.shutdown()
  }

  @Test(
    "broken answers are told apart",
    arguments: [
      ("", TransferError.Code.closedBeforeFirstByte),
      ("\u{1}\u{2}garbage\r\n\r\n", .malformed),
      ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .brokeOff),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", .brokeOff),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhel", .brokeOff),
    ])
  func broken(text: String, code: TransferError.Code) async throws {
    try await answering(text) { base, client in
      let recorder = Recorder()
      await recorder.run(TransferRequest(url: base), client)
      #expect(recorder.code == code)
    }
  }

  @Test("silence ends at the idle timeout, slowness at the total one")
  func timeouts() async throws {
    try await serving { exchange in
      exchange.begin(status: 200)
      exchange.write([1])
    } _: { base, client in
      for request in [
        TransferRequest(url: base, idleTimeout: .milliseconds(60)),
        TransferRequest(url: base, totalTimeout: .milliseconds(60)),
      ] {
        let recorder = Recorder()
        await recorder.run(request, client)
        #expect(recorder.code == .timedOut)
        #expect(recorder.body == [1])
      }
    }
  }

  @Test("a body beyond its bound is broken off")
  func bounds() async throws {
    try await serving {
      $0.respond(status: 200, body: [UInt8](repeating: 1, count: 5000))
    } _: {
      base, client in
      let recorder = Recorder()
      await recorder.run(TransferRequest(url: base, bodyLimitBytes: 4999), client)
      #expect(recorder.code == .tooLarge)
    }
  }

  @Test("a transfer can be cancelled from within its own callback, and another started")
  func cancels() async throws {
    try await serving { exchange in
      exchange.begin(status: 200)
      exchange.write([1])
    } _: { base, client in
      let recorder = Recorder()
      let second = Recorder()
      recorder.onBytes = {
        second.transfer = try? client.start(TransferRequest(url: base), second)
        second.onBytes = { second.transfer?.cancel() }
        recorder.transfer?.cancel()
      }
      await recorder.run(TransferRequest(url: base), client)
      #expect(recorder.code == .cancelled)
      let task = Task { try await client.fetch(TransferRequest(url: base)) }
      task.cancel()
      let error = await #expect(throws: TransferError.self) { try await task.value }
      #expect(error?.code == .cancelled)
    }
  }

  @Test("two hundred streams at once all arrive")
  func many() async throws {
    try await serving { exchange in
      exchange.begin(status: 200)
      exchange.loop.schedule(after: .milliseconds(30)) {
        exchange.write(Array("abc".utf8))
        exchange.finish()
      }
    } _: { base, client in
      try await withThrowingTaskGroup(of: Int.self) { tasks in
        for _ in 0..<200 {
          tasks.addTask {
            try await client.fetch(TransferRequest(url: base, usesFreshConnection: true)).body.count
          }
        }
        var total = 0
        for try await count in tasks { total += count }
        #expect(total == 600)
      }
    }
  }
}

/// Answers with fixed bytes as soon as something comes, then closes.
// @unchecked: used on its loop alone.
private final class CannedPeer: SocketDelegate, @unchecked Sendable {
  private let socket: Socket
  private let text: String
  private var keep: CannedPeer?

  init(_ socket: Socket, _ text: String) {
    self.socket = socket
    self.text = text
  }

  func start() {
    keep = self
    do { try socket.start(self) } catch { keep = nil }
  }
  func socketReceived(_ bytes: RawSpan) {
    socket.write(Array(text.utf8))
    socket.closeAfterFlush()
  }
  func socketDrained() {}
  func socketClosed(_ closure: SocketClosure) { keep = nil }
}

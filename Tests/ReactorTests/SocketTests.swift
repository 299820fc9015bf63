import Foundation
import Glibc
import Reactor
import Testing

/// Collects what a socket hears; it lives on the socket's loop.
// @unchecked: the loop alone calls it; tests read the shared parts.
private final class Recorder: SocketDelegate, @unchecked Sendable {
  let received = Shared<[UInt8]>([])
  let closed = Signal()
  let drained = Signal()
  let arrived = Signal()
  let closure = Shared<SocketClosure?>(nil)
  var echo: Socket?

  func socketReceived(_ bytes: RawSpan) {
    let copy = bytes.withUnsafeBytes { Array($0) }
    received.update { $0 += copy }
    arrived.fire()
    echo?.write(bytes)
    echo?.flush()
  }

  func socketDrained() { drained.fire() }

  func socketClosed(_ closure: SocketClosure) {
    self.closure.update { $0 = closure }
    echo = nil
    closed.fire()
  }
}

/// Keeps the server's ends of connections.
private final class EchoServer: Sendable {
  let recorders = Shared<[Recorder]>([])
  let accepted = Signal()

  func accept(_ descriptor: Descriptor, _ peer: SocketAddress?, _ loop: EventLoop) {
    let socket = Socket(descriptor, peer: peer, loop: loop)
    let recorder = Recorder()
    recorder.echo = socket
    recorders.update { $0.append(recorder) }
    do { try socket.start(recorder) } catch { Issue.record(error) }
    // The listener counts the connection, beside its socket, until this call has returned.
    loop.execute { [accepted] in accepted.fire() }
  }
}

// @unchecked: the socket is used on its loop only.
private struct Client: @unchecked Sendable {
  let socket: Socket
  let recorder = Recorder()
}

@Suite("Socket")
struct SocketTests {
  private func connected(_ loop: EventLoop, to address: SocketAddress) async throws -> Client {
    let client = Client(socket: try await Socket.connect(to: address, loop: loop))
    try await on(loop) { try client.socket.start(client.recorder) }
    return client
  }

  @Test("bytes go there and back over TCP and over a unix socket", arguments: [false, true])
  func echo(isUnix: Bool) async throws {
    let group = try EventLoopGroup(count: 2)
    defer { group.shutdown() }
    let path = NSTemporaryDirectory() + "reactor-\(UUID().uuidString.prefix(8)).sock"
    let server = EchoServer()
    let listener = try Listener(
      SocketAddress.parse(isUnix ? "unix:\(path)" : "127.0.0.1:0"), group: group
    ) { server.accept($0, $1, $2) }
    let loop = group.loops[1]
    let client = try await connected(loop, to: listener.address)
    var bytes = [UInt8](0...250)
    while bytes.count < 3_000_000 { bytes += bytes }
    let payload = bytes
    try await on(loop) {
      client.socket.write(payload)
      #expect(!client.socket.isWritable)
      client.socket.flush()
    }
    while client.recorder.received.value.count < payload.count {
      await client.recorder.arrived.wait()
    }
    #expect(client.recorder.received.value == payload)
    try await on(loop) { client.socket.close() }
    await client.recorder.closed.wait()
    #expect(client.recorder.closure.value == .local)
    let serverEnd = server.recorders.value[0]
    await serverEnd.closed.wait()
    #expect(serverEnd.closure.value == .endOfStream)
    listener.close()
  }

  @Test("connections go to the least-loaded loop")
  func leastLoaded() async throws {
    let group = try EventLoopGroup(count: 3)
    defer { group.shutdown() }
    let loops = Shared<[String]>([])
    let server = EchoServer()
    let listener = try Listener(SocketAddress.parse("127.0.0.1:0"), group: group) {
      let name = $2.name
      loops.update { $0.append(name) }
      server.accept($0, $1, $2)
    }
    let outside = try EventLoop(name: "clients")
    defer { outside.shutdown() }
    var clients: [Client] = []
    for _ in 0..<9 {
      clients.append(try await connected(outside, to: listener.address))
      await server.accepted.wait()
    }
    let counts = Dictionary(grouping: loops.value) { $0 }.mapValues(\.count)
    #expect(counts == ["loop-0": 3, "loop-1": 3, "loop-2": 3])
    for client in clients { try await on(outside) { client.socket.close() } }
    for recorder in server.recorders.value { await recorder.closed.wait() }
    listener.close()
  }

  @Test("a blocked writer hears when its buffer has drained")
  func backpressure() async throws {
    let loop = try EventLoop(name: "test")
    defer { loop.shutdown() }
    var ends: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, closedOnExec, 0, &ends) == 0)
    for end in ends { #expect(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
    let (left, right) = (Descriptor(ends[0]), Descriptor(ends[1]))
    let sender = Client(socket: Socket(left, peer: nil, loop: loop))
    let receiver = Client(socket: Socket(right, peer: nil, loop: loop))
    let size = 2_000_000
    try await on(loop) {
      try sender.socket.start(sender.recorder)
      try receiver.socket.start(receiver.recorder)
      receiver.socket.pauseReading()
      sender.socket.write([UInt8](repeating: 7, count: size))
      sender.socket.flush()
      #expect(sender.socket.bufferedBytes > 0)
    }
    try await on(loop) { receiver.socket.resumeReading() }
    await sender.recorder.drained.wait()
    while receiver.recorder.received.value.count < size { await receiver.recorder.arrived.wait() }
    try await on(loop) {
      #expect(sender.socket.bufferedBytes == 0 && sender.socket.isWritable)
      sender.socket.closeAfterFlush()
    }
    await receiver.recorder.closed.wait()
  }

  @Test("a loop that is shut down over an open socket is freed, and the socket with it")
  func shutDownWhileOpen() async throws {
    weak var freed: EventLoop?
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    #expect(socketpair(AF_UNIX, kind, 0, &ends) == 0)
    #expect(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
    let (number, other) = (ends[0], Descriptor(ends[1]))
    do {
      let loop = try EventLoop(name: "test")
      freed = loop
      try await on(loop) {
        try Socket(Descriptor(number), peer: nil, loop: loop).start(Silent())
      }
      loop.shutdown()
    }
    #expect(freed == nil)
    var byte: UInt8 = 0
    #expect(read(other.number, &byte, 1) == 0)
  }

  @Test("a refused connection is reported")
  func refused() async throws {
    let loop = try EventLoop(name: "test")
    defer { loop.shutdown() }
    let group = try EventLoopGroup(count: 1)
    let listener = try Listener(SocketAddress.parse("127.0.0.1:0"), group: group) { _, _, _ in }
    let address = listener.address
    listener.close()
    group.shutdown()
    await #expect(throws: ReactorError.self) {
      _ = try await Socket.connect(to: address, loop: loop)
    }
  }

  @Test("an address in use is refused with its name")
  func addressInUse() throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.shutdown() }
    let listener = try Listener(SocketAddress.parse("127.0.0.1:0"), group: group) { _, _, _ in }
    let error = #expect(throws: ReactorError.self) {
      _ = try Listener(listener.address, group: group) { _, _, _ in }
    }
    #expect(error?.errorNumber == EADDRINUSE)
    #expect(error?.message.contains(listener.address.description) == true)
    listener.close()
  }

  @Test("a stale unix socket file is replaced, a live one is not")
  func staleFile() async throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.shutdown() }
    let path = NSTemporaryDirectory() + "reactor-\(UUID().uuidString.prefix(8)).sock"
    let address = try SocketAddress.parse("unix:\(path)")
    let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    close(stale)
    let listener = try Listener(address, group: group) { _, _, _ in }
    #expect(throws: ReactorError.self) { _ = try Listener(address, group: group) { _, _, _ in } }
    listener.close()
    try await on(group.loops[0]) {}
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("a file at the path that is no socket stays as it is")
  func foreignFile() throws {
    let group = try EventLoopGroup(count: 1)
    defer { group.shutdown() }
    let path = NSTemporaryDirectory() + "reactor-\(UUID().uuidString.prefix(8)).txt"
    try "precious".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let address = try SocketAddress.parse("unix:\(path)")
    #expect(throws: ReactorError.self) { _ = try Listener(address, group: group) { _, _, _ in } }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
  }
}

/// A stream socket that a process started meanwhile does not inherit: it would hold the other end
/// open.
private let closedOnExec = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

/// Hears nothing.
private final class Silent: SocketDelegate {
  func socketReceived(_ bytes: RawSpan) {}
  func socketDrained() {}
  func socketClosed(_ closure: SocketClosure) {}
}

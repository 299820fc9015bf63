import Glibc
import HTTP2
import Reactor
import Synchronization
import Testing

/// Both ends of a connection, on one loop.
// @unchecked: everything but `events` is touched on the loop alone.
private final class Ends: HTTP2ConnectionDelegate, @unchecked Sendable {
  let loop: EventLoop
  let events: AsyncStream<String>
  private let continuation: AsyncStream<String>.Continuation
  var server: HTTP2Connection?
  var client: HTTP2Connection?
  var handlers: [RecordingHandler] = []

  init(_ loop: EventLoop) {
    self.loop = loop
    (events, continuation) = AsyncStream.makeStream()
  }

  func open(_ configuration: HTTP2Configuration = .init()) throws {
    var ends: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, closedOnExec, 0, &ends) == 0)
    for end in ends { #expect(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
    let sockets = ends.map { Socket(Descriptor($0), peer: nil, loop: loop) }
    server = HTTP2Connection(sockets[0], configuration: configuration, delegate: self)
    client = HTTP2Connection(sockets[1], configuration: configuration, delegate: self)
    try server?.start(.server)
    try client?.start(.client)
  }

  private func name(_ connection: HTTP2Connection) -> String {
    connection === server ? "server" : "client"
  }

  func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream) {
    let handler = RecordingHandler()
    handler.stream = stream
    handler.onEnd = { [unowned handler] stream in
      stream.respond(.ok, endsStream: false)
      stream.send(OutboundChunk(body: handler.body))
      stream.finish()
    }
    stream.handler = handler
    handlers.append(handler)
  }

  func connectionIsDraining(_ connection: HTTP2Connection) {
    continuation.yield("\(name(connection)) drains")
  }

  func connectionIsReady(_ connection: HTTP2Connection) {
    continuation.yield("\(name(connection)) ready")
  }

  func connectionClosed(_ connection: HTTP2Connection, _ reason: String) {
    continuation.yield("\(name(connection)) closed")
  }

  func request(_ body: [UInt8], done: @escaping @Sendable ([UInt8]) -> Void) throws {
    let handler = RecordingHandler()
    handler.onEnd = { [unowned handler] _ in done(handler.body) }
    let stream = try client?.request(
      HeaderFields([":method": "POST", ":scheme": "http", ":path": "/", ":authority": "t"]),
      handler: handler)
    handler.stream = stream
    stream?.send(OutboundChunk(body: body))
    stream?.finish()
  }
}

@Suite("Connection on a socket")
struct ConnectionTests {
  private func on<Value: Sendable>(
    _ loop: EventLoop, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      loop.execute { continuation.resume(with: Result(catching: body)) }
    }
  }

  @Test("requests cross a socket, and a drained connection closes after them")
  func requestsThenDrain() async throws {
    let loop = try EventLoop(name: "test")
    defer { loop.shutdown() }
    let ends = Ends(loop)
    let (answers, continuation) = AsyncStream<Int>.makeStream()
    try await on(loop) {
      try ends.open()
      for size in [0, 10, 3_000_000] {
        try ends.request([UInt8](repeating: 9, count: size)) { continuation.yield($0.count) }
      }
    }
    var sizes: Set<Int> = []
    for await size in answers {
      sizes.insert(size)
      if sizes.count == 3 { break }
    }
    #expect(sizes == [0, 10, 3_000_000])
    try await on(loop) { ends.server?.drain() }
    var seen: [String] = []
    for await event in ends.events {
      seen.append(event)
      if seen.filter({ $0.hasSuffix("closed") }).count == 2 { break }
    }
    #expect(seen.contains("client drains"))
  }

  @Test("a peer that never speaks is closed after the handshake timeout")
  func silentPeer() async throws {
    let loop = try EventLoop(name: "test")
    defer { loop.shutdown() }
    var ends: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, closedOnExec, 0, &ends) == 0)
    #expect(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
    let (number, silent) = (ends[0], Descriptor(ends[1]))
    let delegate = Ends(loop)
    try await on(loop) {
      var configuration = HTTP2Configuration()
      configuration.handshakeTimeout = .milliseconds(5)
      let socket = Socket(Descriptor(number), peer: nil, loop: loop)
      delegate.server = HTTP2Connection(socket, configuration: configuration, delegate: delegate)
      try delegate.server?.start(.server)
    }
    for await event in delegate.events {
      #expect(event == "server closed")
      break
    }
    silent.close()
  }

  @Test("a server closes a connection without calls whose peer does not answer a ping")
  func deadPeer() async throws {
    let loop = try EventLoop(name: "test")
    defer { loop.shutdown() }
    var ends: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, closedOnExec, 0, &ends) == 0)
    #expect(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
    let (number, dead) = (ends[0], Descriptor(ends[1]))
    let greeting = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    #expect(write(dead.number, greeting, greeting.count) == greeting.count)
    let delegate = Ends(loop)
    try await on(loop) {
      var configuration = HTTP2Configuration()
      configuration.keepaliveInterval = .milliseconds(5)
      configuration.keepaliveTimeout = .milliseconds(5)
      let socket = Socket(Descriptor(number), peer: nil, loop: loop)
      delegate.server = HTTP2Connection(socket, configuration: configuration, delegate: delegate)
      try delegate.server?.start(.server)
    }
    for await event in delegate.events where event == "server closed" { break }
    dead.close()
  }

  private func events(
    _ configure: (inout HTTP2Configuration) -> Void, until last: String,
    act: @escaping @Sendable (Ends) throws -> Void = { _ in }
  ) async throws -> (Ends, [String]) {
    let loop = try EventLoop(name: "test")
    defer { loop.shutdown() }
    let ends = Ends(loop)
    var configuration = HTTP2Configuration()
    configure(&configuration)
    try await on(loop) { [configuration] in
      try ends.open(configuration)
      try act(ends)
    }
    var seen: [String] = []
    for await event in ends.events {
      seen.append(event)
      if event == last { break }
    }
    return (ends, seen)
  }

  @Test("a server says goodbye to an idle connection")
  func idle() async throws {
    let (ends, seen) = try await events({ $0.maxIdle = .milliseconds(5) }, until: "server closed")
    #expect(seen.contains("client drains"))
    #expect(ends.client?.farewell?.code == .noError)
  }

  @Test("a connection that has reached its age lets its streams go on for the grace only")
  func age() async throws {
    let (ends, seen) = try await events(
      {
        $0.maxAge = .milliseconds(5)
        $0.ageGrace = .milliseconds(5)
      }, until: "client closed",
      act: { ends in
        let handler = RecordingHandler()
        handler.stream = try ends.client?.request(
          HeaderFields([":method": "POST", ":scheme": "http", ":path": "/", ":authority": "t"]),
          handler: handler)
        ends.handlers.append(handler)
      })
    #expect(seen.contains("client drains"))
    #expect(ends.handlers[0].closeCodes == [.connectionLost])
  }

  @Test("a connection that is cut tells its peer why, even when that sends on")
  func cut() async throws {
    let (ends, _) = try await events(
      { _ in }, until: "client drains",
      act: { ends in
        try ends.request([UInt8](repeating: 1, count: 1_000_000)) { _ in }
        ends.loop.execute {
          ends.client?.socket.flush()
          ends.server?.abort(Goodbye(.tooManyPings, .enhanceYourCalm, "too_many_pings"))
        }
      })
    #expect(ends.client?.farewell?.isAboutPings == true)
  }
}

/// A stream socket that a process started meanwhile does not inherit: it would hold the other end
/// open.
private let closedOnExec = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

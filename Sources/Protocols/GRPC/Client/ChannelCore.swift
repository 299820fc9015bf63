import HTTP2
import Reactor
import TLS

/// The part of a channel that lives on its loop: one connection at a time, and who waits for it.
// @unchecked: everything but constants is touched on the loop only.
final class ChannelCore: HTTP2ConnectionDelegate, @unchecked Sendable {
  private enum State {
    case idle
    case connecting(Timer)
    case handshaking(HTTP2Connection)
    case ready(HTTP2Connection)
    case waiting(Timer, RPCError)
    case closed
  }

  let target: String
  let loop: EventLoop
  let configuration: ClientConfiguration
  let coder = MessageCoder()
  private var state = State.idle
  private var failures = 0
  private var pending: [ClientCall] = []
  /// Connections that finish their calls but take no new ones.
  private var draining: [HTTP2Connection] = []
  private var baseFields: [String: HeaderFields] = [:]
  private var generator = SystemRandomNumberGenerator()
  /// What connections are made with; a server that wants fewer PINGs changes it.
  private(set) var http2: HTTP2Configuration

  init(target: String, loop: EventLoop, configuration: ClientConfiguration) {
    self.target = target
    self.loop = loop
    self.configuration = configuration
    http2 = configuration.http2
  }

  // MARK: Calls

  func start(_ call: ClientCall) {
    switch state {
    case .ready(let connection): open(call, on: connection)
    case .closed: call.cancel(RPCError(.unavailable, "the channel is closed"))
    case .waiting(_, let error):
      if call.options.waitForReady { enqueue(call) } else { call.cancel(error) }
    case .connecting, .handshaking: enqueue(call)
    case .idle:
      enqueue(call)
      connect()
    }
  }

  private func enqueue(_ call: ClientCall) {
    if pending.count >= configuration.maxPendingCalls { pending.removeAll { $0.isOver } }
    guard pending.count < configuration.maxPendingCalls else {
      return call.cancel(RPCError(.resourceExhausted, "too many calls wait for a connection"))
    }
    pending.append(call)
  }

  private func open(_ call: ClientCall, on connection: HTTP2Connection) {
    guard !call.isOver else { return }
    guard mayShowToken(to: connection.socket.peer) else {
      return call.cancel(
        RPCError(.unauthenticated, "a token is not sent to \(target) in cleartext: speak TLS"))
    }
    do {
      call.opened(try connection.request(fields(of: call), handler: call))
    } catch {
      if error.code == .tooLarge {
        return call.cancel(RPCError(.resourceExhausted, "the metadata is too large: \(error)"))
      }
      guard error.code == .draining || error.code == .closed else {
        return call.cancel(RPCError(.internalError, "cannot begin the call: \(error)"))
      }
      // The connection has just stopped to take calls: the next one will.
      retire(connection)
      connection.drain()
      start(call)
    }
  }

  private func fields(of call: ClientCall) -> HeaderFields {
    var fields = baseFields[call.method.path] ?? makeBase(call.method.path)
    if let deadline = call.deadline {
      let left = deadline.duration(since: loop.now())
      fields.append("grpc-timeout", Timeout.format(left.wholeNanoseconds))
    }
    if call.options.compression != .identity {
      fields.append("grpc-encoding", call.options.compression.name)
    }
    call.options.metadata.append(to: &fields)
    return fields
  }

  private func mayShowToken(to peer: SocketAddress?) -> Bool {
    configuration.bearerToken == nil || configuration.tls != nil || peer?.isLocal ?? true
  }

  private var authority: String {
    configuration.tls?.serverName ?? (target.hasPrefix("unix:") ? "localhost" : target)
  }

  private func makeBase(_ path: String) -> HeaderFields {
    var fields = HeaderFields([
      ":method": "POST", ":scheme": configuration.tls == nil ? "http" : "https",
      ":path": path, ":authority": authority, "te": "trailers",
      "content-type": "application/grpc", "user-agent": configuration.userAgent,
      "grpc-accept-encoding": Compression.accepted,
    ])
    if let token = configuration.bearerToken { fields.append("authorization", "Bearer \(token)") }
    baseFields[path] = fields
    return fields
  }

  // MARK: Connecting

  private func connect() {
    let timer = loop.schedule(after: configuration.connectTimeout) { [weak self] in
      self?.failed(RPCError(.unavailable, "connecting to \(self?.target ?? "") took too long"))
    }
    state = .connecting(timer)
    Task(executorPreference: loop) { [self] in
      do {
        connected(try await reach(), timer)
      } catch {
        if isConnecting(timer) { failed(RPCError(.unavailable, "\(error)")) }
      }
    }
  }

  /// Tries the addresses of the target one after the other.
  private func reach() async throws -> Socket {
    await configuration.tls?.refresh()
    var last: any Error = ReactorError(code: .badAddress, message: "\(target) has no address")
    for address in try await SocketAddress.resolve(target) {
      do {
        return try await Socket.connect(
          to: address, loop: loop, timeout: configuration.connectTimeout)
      } catch {
        last = error
      }
    }
    throw last
  }

  private func isConnecting(_ timer: Timer) -> Bool {
    if case .connecting(let current) = state { current === timer } else { false }
  }

  private func connected(_ socket: Socket, _ timer: Timer) {
    guard isConnecting(timer) else { return socket.close() }
    timer.cancel()
    let session: TLSSession?
    do {
      session = try configuration.tls?.makeSession(target: target)
    } catch {
      socket.close()
      return failed(RPCError(.unavailable, "connecting to \(target): \(error)"))
    }
    let connection = HTTP2Connection(
      socket, tls: session, configuration: http2, delegate: self)
    state = .handshaking(connection)
    do {
      try connection.start(.client)
    } catch {
      // Its end is told as every other, unless it had not begun to be a connection.
      connection.close("\(error)")
      connectionClosed(connection, "\(error)")
    }
  }

  private func failed(_ error: RPCError) {
    failures += 1
    let delay = configuration.backoff.delay(failures: failures, using: &generator)
    let timer = loop.schedule(after: delay) { [weak self] in self?.tryAgain() }
    if case .connecting(let attempt) = state { attempt.cancel() }
    state = .waiting(timer, error)
    let failing = pending.filter { !$0.options.waitForReady }
    pending.removeAll { !$0.options.waitForReady || $0.isOver }
    for call in failing { call.cancel(error) }
  }

  private func tryAgain() {
    state = .idle
    pending.removeAll { $0.isOver }
    if !pending.isEmpty { connect() }
  }

  // MARK: From connections

  func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream) {
    // A server that opens streams breaks the rules; push is switched off.
    stream.reset(.refusedStream)
  }

  func connectionIsReady(_ connection: HTTP2Connection) {
    guard case .handshaking(connection) = state else { return }
    state = .ready(connection)
    failures = 0
    let waiting = pending
    pending = []
    for call in waiting { start(call) }
  }

  func connectionIsDraining(_ connection: HTTP2Connection) {
    if connection.farewell?.isAboutPings == true, let interval = http2.keepaliveInterval {
      http2.keepaliveInterval = interval * 2
    }
    retire(connection)
  }

  private func retire(_ connection: HTTP2Connection) {
    guard case .ready(connection) = state else { return }
    state = .idle
    draining.append(connection)
  }

  func connectionClosed(_ connection: HTTP2Connection, _ reason: String) {
    draining.removeAll { $0 === connection }
    switch state {
    case .handshaking(connection):
      failed(RPCError(.unavailable, "connecting to \(target): \(reason)"))
    case .ready(connection):
      state = .idle
    default: break
    }
  }

  // MARK: The end

  func close() {
    let last = state
    state = .closed
    switch last {
    case .connecting(let timer), .waiting(let timer, _): timer.cancel()
    case .handshaking(let connection), .ready(let connection): draining.append(connection)
    case .idle, .closed: break
    }
    for call in pending { call.cancel(RPCError(.unavailable, "the channel is closed")) }
    pending = []
    for connection in draining { connection.abort(.noError, "the channel is closed") }
    draining = []
  }
}

private func ~= (pattern: HTTP2Connection, value: HTTP2Connection) -> Bool { pattern === value }

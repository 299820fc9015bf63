import HTTP2
import Reactor
import TLS

/// What a subchannel tells its channel.
protocol SubchannelOwner: AnyObject {
  /// What connections are made with.
  var http2: HTTP2Configuration { get }
  func subchannel(_ subchannel: Subchannel, became state: Connectivity)
  /// A server wants fewer PINGs.
  func subchannelSawTooManyPings()
  /// A subchannel that was left has no connection any more.
  func subchannelIsGone(_ subchannel: Subchannel)
}

/// The way to one server: one connection at a time, which is made when it is asked for.
// @unchecked: everything but constants is touched on the loop only.
final class Subchannel: HTTP2ConnectionDelegate, @unchecked Sendable {
  private enum State {
    case idle
    /// The last connection was made a moment ago.
    case pausing(Timer)
    case connecting(Timer)
    case handshaking(HTTP2Connection)
    case ready(HTTP2Connection)
    /// After a failure.
    case waiting(Timer)
    case closed
  }

  let id: Int
  let endpoint: Endpoint
  let loop: EventLoop
  private let configuration: ClientConfiguration
  private weak var owner: (any SubchannelOwner)?
  private var state = State.idle
  private var failures = 0
  /// When the last attempt to connect began.
  private var lastStart: MonotonicTime?
  /// Connections that finish their calls but take no new ones.
  private var draining: [HTTP2Connection] = []
  private var isLeft = false
  private var generator = SystemRandomNumberGenerator()
  /// Header fields by path.
  private var baseFields: [String: HeaderFields] = [:]

  init(
    id: Int, endpoint: Endpoint, loop: EventLoop, configuration: ClientConfiguration,
    owner: any SubchannelOwner
  ) {
    self.id = id
    self.endpoint = endpoint
    self.loop = loop
    self.configuration = configuration
    self.owner = owner
  }

  // MARK: Calls

  /// What became of a request for a stream.
  enum Opening {
    case opened(HTTP2Stream)
    /// The connection takes no more: the owner was told, and may have another.
    case missed
    case refused(RPCError)
  }

  func open(
    _ path: String, _ handler: any HTTP2StreamHandler,
    _ complete: (inout HeaderFields, ClientWay) throws(RPCError) -> Void
  ) -> Opening {
    guard case .ready(let connection) = state else { return .missed }
    var fields = baseFields[path] ?? makeBase(path)
    let way = ClientWay(
      peer: connection.socket.peer, authority: endpoint.authority,
      isEncrypted: configuration.tls != nil)
    do throws(RPCError) {
      try complete(&fields, way)
    } catch {
      return .refused(error)
    }
    do throws(HTTP2Error) {
      return .opened(try connection.request(fields, handler: handler))
    } catch {
      if error.code == .tooLarge {
        return .refused(RPCError(.resourceExhausted, "the metadata is too large: \(error)"))
      }
      guard error.code == .draining || error.code == .closed else {
        return .refused(RPCError(.internalError, "cannot begin the call: \(error)"))
      }
      retire(connection)
      connection.drain()
      return .missed
    }
  }

  private func makeBase(_ path: String) -> HeaderFields {
    let fields = HeaderFields([
      ":method": "POST", ":scheme": configuration.tls == nil ? "http" : "https",
      ":path": path, ":authority": configuration.tls?.serverName ?? endpoint.authority,
      "te": "trailers", "content-type": "application/grpc",
      "user-agent": configuration.userAgent, "grpc-accept-encoding": Compression.accepted,
    ])
    baseFields[path] = fields
    return fields
  }

  // MARK: Connecting

  /// Connects, if nothing is under way.
  func connect() {
    guard case .idle = state else { return }
    // A server that takes a connection and closes it at once must not be hammered.
    if let soonest = lastStart?.advanced(by: configuration.backoff.first), soonest > loop.now() {
      state = .pausing(loop.schedule(at: soonest) { [weak self] in self?.begin() })
    } else {
      begin()
    }
    owner?.subchannel(self, became: .connecting)
  }

  private func begin() {
    lastStart = loop.now()
    let timer = loop.schedule(after: configuration.connectTimeout) { [weak self] in
      self?.failed("it took too long")
    }
    state = .connecting(timer)
    Task(executorPreference: loop) { [self] in
      do {
        await configuration.tls?.refresh()
        let socket = try await Socket.connect(
          to: endpoint.address, loop: loop, timeout: configuration.connectTimeout)
        connected(socket, timer)
      } catch {
        if isConnecting(timer) { failed("\(error)") }
      }
    }
  }

  private func isConnecting(_ timer: Timer) -> Bool {
    if case .connecting(let current) = state { current === timer } else { false }
  }

  private func connected(_ socket: Socket, _ timer: Timer) {
    guard isConnecting(timer), let owner else { return socket.close() }
    timer.cancel()
    let session: TLSSession?
    do {
      session = try configuration.tls?.makeSession(host: endpoint.host)
    } catch {
      socket.close()
      return failed("\(error)")
    }
    let connection = HTTP2Connection(
      socket, tls: session, configuration: owner.http2, delegate: self)
    state = .handshaking(connection)
    do {
      try connection.start(.client)
    } catch {
      // Its end is told as every other, unless it had not begun to be a connection.
      connection.close("\(error)")
      connectionClosed(connection, "\(error)")
    }
  }

  private func failed(_ reason: String) {
    failures += 1
    if case .connecting(let attempt) = state { attempt.cancel() }
    let delay = configuration.backoff.delay(failures: failures, using: &generator)
    state = .waiting(
      loop.schedule(after: delay) { [weak self] in
        self?.lastStart = nil
        self?.rested()
      })
    let address = "\(endpoint.address)"
    let error = RPCError(
      .unavailable, reason.contains(address) ? reason : "connecting to \(address): \(reason)")
    owner?.subchannel(self, became: .failing(error))
  }

  private func rested() {
    state = .idle
    owner?.subchannel(self, became: .idle)
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
    owner?.subchannel(self, became: .ready)
  }

  func connectionIsDraining(_ connection: HTTP2Connection) {
    if connection.farewell?.isAboutPings == true { owner?.subchannelSawTooManyPings() }
    retire(connection)
  }

  private func retire(_ connection: HTTP2Connection) {
    guard case .ready(connection) = state else { return }
    draining.append(connection)
    rested()
  }

  func connectionClosed(_ connection: HTTP2Connection, _ reason: String) {
    draining.removeAll { $0 === connection }
    switch state {
    case .handshaking(connection): failed(reason)
    case .ready(connection): rested()
    default: break
    }
    tellGone()
  }

  // MARK: The end

  /// The connection that has a stream; nil when it is another's.
  func carrier(of stream: HTTP2Stream) -> HTTP2Connection? {
    if case .ready(let connection) = state, connection.carries(stream) { return connection }
    return draining.first { $0.carries(stream) }
  }

  /// Ends a connection whose server does not answer. It counts as an attempt that failed, so that
  /// other servers come first.
  func abandon(_ connection: HTTP2Connection, _ reason: String) {
    if case .ready(connection) = state {
      draining.append(connection)
      failed("\(endpoint.address) does not answer: \(reason)")
    }
    connection.abort(Goodbye(.keepaliveTimeout, .noError, reason))
  }

  /// Takes no calls any more and stops connecting; calls under way go on.
  func rest() {
    let last = state
    if case .idle = last { return }
    state = .idle
    switch last {
    case .pausing(let timer), .connecting(let timer), .waiting(let timer): timer.cancel()
    case .handshaking(let connection): connection.close("another server was reached first")
    case .ready(let connection):
      draining.append(connection)
      connection.drain()
    case .idle, .closed: break
    }
    owner?.subchannel(self, became: .idle)
  }

  /// Rests for good; its owner hears when the last call has ended.
  func leave() {
    isLeft = true
    rest()
    state = .closed
    tellGone()
  }

  private func tellGone() {
    if isLeft, draining.isEmpty { owner?.subchannelIsGone(self) }
  }

  /// Ends everything now.
  func close() {
    let last = state
    state = .closed
    switch last {
    case .pausing(let timer), .connecting(let timer), .waiting(let timer): timer.cancel()
    case .handshaking(let connection), .ready(let connection): draining.append(connection)
    case .idle, .closed: break
    }
    let goodbye = Goodbye(.shutdown, .noError, "the channel is closed")
    for connection in draining { connection.abort(goodbye) }
    draining = []
  }
}

private func ~= (pattern: HTTP2Connection, value: HTTP2Connection) -> Bool { pattern === value }

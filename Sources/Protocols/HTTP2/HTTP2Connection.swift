package import Reactor
package import TLS

/// What a connection tells its owner; every method is called on its loop.
package protocol HTTP2ConnectionDelegate: AnyObject {
  /// The peer has opened a stream; give it a handler.
  func connection(_ connection: HTTP2Connection, opened stream: HTTP2Stream)
  /// The peer takes no new streams.
  func connectionIsDraining(_ connection: HTTP2Connection)
  /// The peer has sent its SETTINGS; called once, first.
  func connectionIsReady(_ connection: HTTP2Connection)
  /// The connection is closed; called once, last, after its streams were ended.
  func connectionClosed(_ connection: HTTP2Connection, _ reason: String)
}

/// A session on a socket; it is used on its loop only.
///
/// What is read goes straight into the session; what the session has to send is written once at
/// the end of the turn, however many calls it answers.
package final class HTTP2Connection {
  private static let outputBytes = 65_536
  /// How long a drained connection waits for streams that the peer opened before it knew.
  private static let drainNotice = Duration.seconds(1)

  package var socket: Socket { wire.socket }
  private let wire: Wire
  private var session: HTTP2Session?
  private weak var delegate: (any HTTP2ConnectionDelegate)?
  private let configuration: HTTP2Configuration
  private var isScheduled = false
  private var isReady = false
  private var isFirstRead = true
  /// Why the peers did not come to speak HTTP/2 with each other, when it was not for silence.
  package private(set) var handshakeFailure: String?
  private var isWaitingForPing = false
  private var isDrainAnnounced = false
  private var hasHeardSincePing = true
  private var timer: Timer?

  /// - Parameter tls: the session that encrypts the connection; nil for cleartext.
  package init(
    _ socket: Socket, tls: TLSSession? = nil, configuration: HTTP2Configuration,
    delegate: any HTTP2ConnectionDelegate
  ) {
    wire = Wire(socket: socket, tls: tls.map { TLSLayer($0, on: socket) })
    self.configuration = configuration
    self.delegate = delegate
  }

  package var loop: EventLoop { socket.loop }

  /// Who the client is, by its certificate.
  package var identity: TLSIdentity? { wire.tls?.identity }

  var role: HTTP2Session.Role? { session?.role }

  /// Streams that are open now, in both directions.
  package var openStreams: Int { session?.openStreams ?? 0 }

  /// Whether the connection takes new streams.
  package var isUsable: Bool { session.map { !$0.isDraining } ?? false }

  /// Starts to speak; call it once.
  package func start(_ role: HTTP2Session.Role) throws {
    session = try HTTP2Session(role: role, configuration: configuration, delegate: self)
    try wire.start(self)
    timer = loop.schedule(after: configuration.handshakeTimeout) { [weak self] in
      self?.close("no SETTINGS in time")
    }
    sessionHasOutput()
  }

  /// Opens a stream as the client.
  package func request(
    _ fields: HeaderFields, handler: any HTTP2StreamHandler
  ) throws(HTTP2Error) -> HTTP2Stream {
    guard let session else { throw HTTP2Error(code: .closed, message: "the connection is closed") }
    return try session.request(fields, handler: handler)
  }

  /// Takes no new streams, and closes when the open ones have ended.
  package func drain() {
    guard let session, !isDrainAnnounced else { return }
    isDrainAnnounced = true
    session.announceShutdown()
    // The answer to the PING says that the peer has read the notice.
    session.ping()
    loop.schedule(after: session.role == .server ? Self.drainNotice : .zero) { [weak self] in
      self?.session?.goAway()
    }
  }

  /// Closes now; open streams end with `connectionLost`.
  package func close(_ reason: String) {
    guard session != nil else { return }
    end(reason)
    wire.close()
  }

  /// Closes a connection whose peer speaks what we do not.
  func fail(_ reason: String) {
    handshakeFailure = reason
    close(reason)
  }

  private func end(_ reason: String) {
    guard let session else { return }
    self.session = nil
    timer?.cancel()
    timer = nil
    session.close()
    delegate?.connectionClosed(self, reason)
  }

  /// Says goodbye and closes without waiting for streams.
  package func abort(_ code: HTTP2ErrorCode, _ reason: String) {
    guard let session else { return }
    session.goAway(code)
    // Best effort: the peer learns the code if the socket takes it now.
    _ = try? session.takeOutput(limit: Self.outputBytes) { wire.write($0) }
    wire.flush()
    close(reason)
  }

  // MARK: Keepalive

  private func becomeReady() {
    isReady = true
    timer?.cancel()
    timer = nil
    delegate?.connectionIsReady(self)
    scheduleKeepalive()
  }

  private func scheduleKeepalive() {
    guard let interval = configuration.keepaliveInterval else { return }
    timer = loop.schedule(after: interval) { [weak self] in self?.probe() }
  }

  private func probe() {
    guard let session else { return }
    defer { hasHeardSincePing = false }
    // A client leaves a connection without calls in peace, as servers demand of it.
    let isWanted = openStreams > 0 || session.role == .server
    guard !hasHeardSincePing, isWanted else { return scheduleKeepalive() }
    session.ping()
    timer = loop.schedule(after: configuration.keepaliveTimeout) { [weak self] in
      guard let self else { return }
      if hasHeardSincePing { scheduleKeepalive() } else { close("the peer does not answer") }
    }
  }
}

extension HTTP2Connection: SocketDelegate {
  package func socketReceived(_ bytes: RawSpan) {
    hasHeardSincePing = true
    if isFirstRead {
      isFirstRead = false
      if let reason = mismatch(bytes) { return fail(reason) }
    }
    do {
      try session?.receive(bytes)
    } catch {
      if !isReady { handshakeFailure = error.message }
      abort(error.code == .flooded ? .enhanceYourCalm : .protocolError, error.message)
      return
    }
    if !isReady, session?.hasReceivedSettings == true { becomeReady() }
  }

  package func socketDrained() {
    endOfTurn()
  }

  package func socketClosed(_ closure: SocketClosure) {
    switch closure {
    case .endOfStream: end("the peer closed the connection")
    case .failed(let error): end(error.message)
    case .local: end("closed")
    }
  }
}

extension HTTP2Connection: EndOfTurn {
  package func endOfTurn() {
    isScheduled = false
    guard let session, wire.bufferedBytes < Self.outputBytes else { return }
    do {
      var isEmpty = false
      while !isEmpty, !socket.isClosed, wire.bufferedBytes < Self.outputBytes {
        isEmpty = try session.takeOutput(limit: Self.outputBytes) { wire.write($0) }
        wire.flush()
      }
    } catch {
      return close(error.message)
    }
    if session.isFinished, self.session != nil {
      end("finished")
      // A peer that does not read must not hold the descriptor for ever.
      loop.schedule(after: configuration.keepaliveTimeout) { [weak socket] in socket?.close() }
      wire.closeAfterFlush()
    }
  }
}

extension HTTP2Connection: HTTP2SessionDelegate {
  package func sessionOpened(_ stream: HTTP2Stream) {
    delegate?.connection(self, opened: stream)
  }

  package func sessionHasOutput() {
    guard !isScheduled else { return }
    isScheduled = true
    loop.atEndOfTurn(self)
  }

  package func sessionReceivedGoAway(_ code: HTTP2ErrorCode) {
    delegate?.connectionIsDraining(self)
  }

  package func sessionReceivedPingAnswer() {
    if isDrainAnnounced { session?.goAway() }
  }
}

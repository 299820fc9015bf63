package import Reactor
package import TLS

/// What the peer said when it asked for no more streams.
package struct HTTP2Farewell: Sendable, Equatable {
  package let code: HTTP2ErrorCode
  package let message: String

  /// Whether it is a server that wants fewer PINGs.
  package var isAboutPings: Bool { code == .enhanceYourCalm && message == Goodbye.tooManyPings }
}

/// A session on a socket; it is used on its loop only.
///
/// What is read goes straight into the session; what the session has to send is written once at
/// the end of the turn, however many calls it answers.
package final class HTTP2Connection {
  private static let outputBytes = 65_536
  /// How long a drained connection waits for streams that the peer opened before it knew.
  private static let drainNotice = Duration.seconds(1)
  /// How long a peer that we have told to go may take to close its side.
  private static let partingTime = Duration.seconds(1)
  /// How often a connection looks whether others have made room.
  private static let roomInterval = Duration.milliseconds(100)

  package var socket: Socket { wire.socket }
  let wire: Wire
  /// Its number, unique in the process.
  package let id = EntityID.next()
  /// What its streams came to.
  package var counts = ConnectionCounts()
  /// What the peer said when it began to drain.
  package private(set) var farewell: HTTP2Farewell?
  /// Handlers that still run although their streams are over; the owner keeps it.
  package var abandonedHandlers = 0
  /// What the owner remembers of the peer, for as long as the connection lives.
  package var rememberedOfPeer: AnyObject?
  private(set) var session: HTTP2Session?
  private weak var delegate: (any HTTP2ConnectionDelegate)?
  private let configuration: HTTP2Configuration
  private let ledgers: HTTP2Ledgers?
  private var life: ConnectionLife?
  private var timer: Timer?
  private var receivedReads = 0
  /// When the bytes came that are looked at now: one look at the clock for all that a read brings.
  package private(set) var lastRead = MonotonicTime(nanoseconds: 0)
  private var isScheduled = false
  private var isReady = false
  /// What is left to be seen of the peer's first bytes; nil once they have been.
  private var greeting: Greeting?
  /// Why the peers did not come to speak HTTP/2 with each other, when it was not for silence.
  package private(set) var handshakeFailure: HandshakeFailure?
  private var isDrainAnnounced = false
  private var isPaused = false
  private var hasSent = false
  private var endReason: String?

  /// - Parameter tls: the session that encrypts the connection; nil for cleartext.
  package init(
    _ socket: Socket, tls: TLSSession? = nil, configuration: HTTP2Configuration,
    ledgers: HTTP2Ledgers? = nil, delegate: any HTTP2ConnectionDelegate
  ) {
    wire = Wire(socket: socket, tls: tls.map { TLSLayer($0, on: socket) })
    self.configuration = configuration
    self.ledgers = ledgers
    self.delegate = delegate
  }

  deinit { session?.delegate = nil }

  package var loop: EventLoop { socket.loop }

  /// Whether TLS encrypts it.
  package var isSecure: Bool { wire.tls != nil }

  /// Who the client is, by its certificate.
  package var identity: TLSIdentity? { wire.tls?.identity }

  var role: HTTP2Session.Role? { session?.role }

  /// Streams that are open now, in both directions.
  package var openStreams: Int { session?.openStreams ?? 0 }

  /// Whether the connection takes new streams.
  package var isUsable: Bool { session.map { !$0.isDraining } ?? false }

  /// Starts to speak; call it once.
  package func start(_ role: HTTP2Session.Role) throws {
    session = try HTTP2Session(
      role: role, configuration: configuration, ledgers: ledgers, delegate: self)
    try wire.start(self)
    if role == .client { socket.setConfirmationTimeout(configuration.keepaliveTimeout) }
    life = ConnectionLife(configuration, isServer: role == .server, now: loop.now())
    rearm()
    greeting = Greeting(role, isSecure: isSecure)
    sessionHasOutput()
  }

  /// Opens a stream as the client.
  package func request(
    _ fields: HeaderFields, handler: any HTTP2StreamHandler
  ) throws(HTTP2Error) -> HTTP2Stream {
    guard let session else { throw HTTP2Error(code: .closed, message: "the connection is closed") }
    return try session.request(fields, handler: handler)
  }

  /// Whether a stream that is open is one of its own.
  package func carries(_ stream: HTTP2Stream) -> Bool {
    session.map { stream.session?.toOpaque() == Unmanaged.passUnretained($0).toOpaque() } ?? false
  }

  /// Calls `body` with the handler of each open stream, whose streams it may end.
  package func forEachHandler(_ body: (any HTTP2StreamHandler) -> Void) {
    session?.forEachStream { stream in
      if let handler = stream.handler { body(handler) }
    }
  }

  // MARK: The end

  /// Takes no new streams, and closes when the open ones have ended or `grace` is over.
  package func drain(grace: Duration? = nil, _ goodbye: Goodbye = .shutdown) {
    guard let session else { return }
    life?.began(drainAt: loop.now(), grace: grace)
    rearm()
    guard !isDrainAnnounced else { return }
    isDrainAnnounced = true
    delegate?.connection(self, says: goodbye)
    session.announceShutdown()
    // The answer to the PING says that the peer has read the notice.
    session.ping()
    loop.schedule(after: session.role == .server ? Self.drainNotice : .zero) { [weak self] in
      self?.session?.goAway()
    }
  }

  /// Closes now; open streams end with `connectionLost`.
  package func close(_ reason: String) {
    guard session != nil else { return socket.close() }
    endSession(reason)
    wire.close()
  }

  /// Closes a connection whose peer speaks what we do not.
  func fail(_ failure: HandshakeFailure) {
    handshakeFailure = failure
    close(failure.message)
  }

  /// Leaves a peer whose first bytes are not HTTP/2, with an answer that it understands if there is
  /// one.
  private func turnAway(_ stranger: Stranger) {
    guard !hasSent, !stranger.answer.isEmpty else { return fail(stranger.failure) }
    handshakeFailure = stranger.failure
    wire.write(stranger.answer.span.bytes)
    wire.flush()
    endSession(stranger.failure.message)
    wire.closeAfterFlush(within: Self.partingTime)
  }

  /// Says goodbye and closes without waiting for streams; at once when that was said before.
  package func abort(_ goodbye: Goodbye) {
    guard let session else { return socket.close() }
    delegate?.connection(self, says: goodbye)
    if !hasSent {
      // SETTINGS go first; there is nothing else yet.
      _ = try? session.takeOutput(limit: 1) { wire.write($0) }
    }
    // The session may have failed, so the frame goes past it.
    wire.write(session.farewell(goodbye.code, goodbye.message).span.bytes)
    wire.flush()
    endSession(goodbye.message)
    wire.closeAfterFlush(within: Self.partingTime)
  }

  private func endSession(_ reason: String) {
    guard let session else { return }
    self.session = nil
    endReason = reason
    timer?.cancel()
    timer = nil
    session.close()
    session.delegate = nil
  }

  // MARK: Time

  private var signs: ConnectionLife.Signs {
    ConnectionLife.Signs(
      openStreams: openStreams, openedStreams: session?.openedStreams ?? 0,
      receivedReads: receivedReads, sentBytes: socket.sentBytes,
      waitingBytes: wire.bufferedBytes)
  }

  private func rearm() {
    guard let deadline = life?.deadline, timer?.deadline != deadline else { return }
    timer?.cancel()
    timer = loop.schedule(at: deadline) { [weak self] in self?.timePassed() }
  }

  private func timePassed() {
    timer = nil
    for duty in life?.duties(at: loop.now(), signs) ?? [] {
      switch duty {
      case .ping:
        counts.keepalivesSent += 1
        session?.ping()
      case .ageStreams: session?.ageStreams()
      case .drain(let goodbye): drain(grace: configuration.ageGrace, goodbye)
      case .abort(let goodbye): abort(goodbye)
      }
    }
    if session != nil { rearm() }
  }

  private func becomeReady() {
    isReady = true
    life?.becameReady(at: loop.now(), jitter: Double.random(in: -1...1))
    rearm()
    delegate?.connectionIsReady(self)
  }
}

extension HTTP2Connection: SocketDelegate {
  package func socketReceived(_ bytes: RawSpan) {
    receivedReads &+= 1
    lastRead = loop.now()
    if let stranger = greeting?.take(bytes) { return turnAway(stranger) }
    if greeting?.isOver ?? false {
      greeting = nil
      sessionHasOutput()
    }
    do {
      try session?.receive(bytes)
    } catch {
      if !isReady { handshakeFailure = HandshakeFailure(.notHTTP2, error.message) }
      return abort(Goodbye(error))
    }
    if !isReady, session?.hasReceivedSettings == true { becomeReady() }
  }

  package func socketDrained() {
    if isPaused {
      isPaused = false
      socket.resumeReading()
    }
    endOfTurn()
  }

  package func socketClosed(_ closure: SocketClosure) {
    switch closure {
    case .endOfStream: endSession("the peer closed the connection")
    case .failed(let error): endSession(error.message)
    case .local: endSession("closed")
    }
    let told = delegate
    delegate = nil
    told?.connectionClosed(self, endReason ?? "closed")
  }
}

extension HTTP2Connection: EndOfTurn {
  /// A server has heard the client's greeting before it speaks: it may be another protocol's.
  private var maySpeak: Bool { greeting == nil || role == .client || isDrainAnnounced }

  package func endOfTurn() {
    isScheduled = false
    // The end of a TLS handshake leaves all the same.
    guard maySpeak else { return wire.flush() }
    guard let session, wire.bufferedBytes < Self.outputBytes else { return }
    hasSent = true
    do {
      var isEmpty = false
      while !isEmpty, !socket.isClosed, wire.bufferedBytes < Self.outputBytes {
        isEmpty = try session.takeOutput(limit: Self.outputBytes) { wire.write($0) }
        wire.flush()
      }
    } catch {
      return abort(Goodbye(error))
    }
    if session.isFinished, self.session != nil {
      endSession("finished")
      // A peer that does not read must not hold the descriptor for ever.
      wire.closeAfterFlush(within: configuration.keepaliveTimeout)
    } else if session.role == .server, wire.bufferedBytes >= Self.outputBytes {
      // Who does not read its answers asks no more; a client reads on, lest both wait.
      isPaused = true
      socket.pauseReading()
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

  package func sessionReceivedGoAway(_ code: HTTP2ErrorCode, _ reason: String) {
    farewell = HTTP2Farewell(code: code, message: reason)
    delegate?.connectionIsDraining(self)
  }

  package func sessionSentGoAway(_ code: HTTP2ErrorCode) {
    // Ours were told of when they were asked for, and they come without an error.
    if code != .noError { delegate?.connection(self, says: Goodbye(library: code)) }
  }

  package func sessionAwaitsRoom() {
    loop.schedule(after: Self.roomInterval) { [weak self] in self?.session?.lookForRoom() }
  }

  package func sessionReceivedPingAnswer() {
    if isDrainAnnounced { session?.goAway() }
  }
}

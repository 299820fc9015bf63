import Reactor
import TLS

/// TLS between a socket and a connection, on the socket's loop.
///
/// What a turn has to send is encrypted at once when it is flushed, so that many small frames share
/// a record; while the connection is idle there is no buffer.
final class TLSLayer {
  private let session: TLSSession
  private let socket: Socket
  private weak var connection: HTTP2Connection?
  /// Waits for `flush`, and before that for the end of the handshake.
  private var plaintext: [UInt8] = []

  init(_ session: TLSSession, on socket: Socket) {
    self.session = session
    self.socket = socket
  }

  /// Who the client is.
  var identity: TLSIdentity? { session.identity }

  /// What they agreed to encrypt with.
  var cipherSuite: String? { session.cipherSuite }

  func start(_ connection: HTTP2Connection) throws {
    self.connection = connection
    session.delegate = self
    try socket.start(self)
    try session.start()
    socket.flush()
  }

  var bufferedBytes: Int { plaintext.count }

  func write(_ bytes: RawSpan) {
    if plaintext.isEmpty { plaintext = socket.loop.takeBuffer() }
    bytes.withUnsafeBytes { plaintext.append(contentsOf: $0) }
  }

  func flush() {
    if session.isEstablished, !plaintext.isEmpty {
      var taken: [UInt8] = []
      swap(&taken, &plaintext)
      defer { socket.loop.giveBack(&taken) }
      do { try session.send(taken.span.bytes) } catch { return fail(error) }
    }
    socket.flush()
  }

  func sayGoodbye() {
    flush()
    session.close()
    socket.flush()
  }

  private func fail(_ error: TLSError) {
    // The peer learns why if the kernel takes the alert now.
    socket.flush()
    if let connection {
      if session.isEstablished {
        connection.close(error.message)
      } else {
        connection.fail(HandshakeFailure(error))
      }
    }
    socket.close()
  }
}

extension TLSLayer: SocketDelegate {
  func socketReceived(_ bytes: RawSpan) {
    do {
      try session.receive(bytes)
    } catch {
      if error.code == .notTLS, session.role == .server { socket.write(Self.cleartextAlert) }
      return fail(error)
    }
    if session.hasPeerClosed {
      connection?.socketClosed(.endOfStream)
      sayGoodbye()
      socket.close()
    } else if !session.isEstablished {
      socket.flush()
    }
  }

  /// Tells a peer that speaks cleartext what is spoken here: a fatal `protocol_version`.
  private static let cleartextAlert: [UInt8] = [21, 3, 1, 0, 2, 2, 70]

  func socketDrained() { connection?.socketDrained() }

  func socketClosed(_ closure: SocketClosure) {
    // Who looks whether the port is open, and says nothing, has not failed.
    if closure != .local, session.hasReceived || session.role == .client, !session.isEstablished {
      connection?.fail(
        HandshakeFailure(.closed, "the peer closed the connection during the TLS handshake"))
    }
    connection?.socketClosed(closure)
  }
}

extension TLSLayer: TLSSessionDelegate {
  func sessionProduced(_ ciphertext: RawSpan) { socket.write(ciphertext) }
  func sessionReceived(_ plaintext: RawSpan) { connection?.socketReceived(plaintext) }
  // It flushes what waited for this, too.
  func sessionEstablished() { connection?.sessionHasOutput() }
}

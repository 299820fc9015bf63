import Reactor

/// The way of a connection's bytes: a socket, alone or below TLS.
struct Wire {
  let socket: Socket
  let tls: TLSLayer?

  func start(_ connection: HTTP2Connection) throws {
    if let tls { try tls.start(connection) } else { try socket.start(connection) }
  }

  /// Bytes that wait for the kernel or for the end of the handshake.
  var bufferedBytes: Int { socket.bufferedBytes + (tls?.bufferedBytes ?? 0) }

  /// Buffers bytes; `flush` sends them.
  func write(_ bytes: RawSpan) {
    if let tls { tls.write(bytes) } else { socket.write(bytes) }
  }

  func flush() {
    if let tls { tls.flush() } else { socket.flush() }
  }

  /// Closes now, with TLS's goodbye if the kernel takes it.
  func close() {
    tls?.sayGoodbye()
    socket.close()
  }

  /// Closes once the buffered bytes are sent and the peer has closed, or when `time` is over.
  func closeAfterFlush(within time: Duration) {
    tls?.sayGoodbye()
    socket.closeAfterFlush(within: time)
  }
}

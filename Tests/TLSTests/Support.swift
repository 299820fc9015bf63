import TLS

/// One side of a connection in memory.
final class Side: TLSSessionDelegate {
  let session: TLSSession
  var output: [UInt8] = []
  var received: [UInt8] = []
  var establishedCalls = 0
  var error: TLSError?

  init(_ session: TLSSession) {
    self.session = session
    session.delegate = self
  }

  func sessionProduced(_ ciphertext: RawSpan) {
    ciphertext.withUnsafeBytes { output.append(contentsOf: $0) }
  }

  func sessionReceived(_ plaintext: RawSpan) {
    plaintext.withUnsafeBytes { received.append(contentsOf: $0) }
  }

  func sessionEstablished() { establishedCalls += 1 }

  func take() -> [UInt8] {
    defer { output = [] }
    return output
  }

  func receive(_ bytes: [UInt8], pieceBytes: Int = .max) {
    var rest = bytes[...]
    while !rest.isEmpty, error == nil {
      let piece = Array(rest.prefix(pieceBytes))
      rest = rest.dropFirst(pieceBytes)
      do { try session.receive(piece.span.bytes) } catch { self.error = error }
    }
  }

  func send(_ bytes: [UInt8]) throws { try session.send(bytes.span.bytes) }
}

/// A client and a server back to back.
struct Pair {
  let client: Side
  let server: Side

  init(
    client: TLSContext, server: TLSContext, serverName: String = "localhost"
  ) throws {
    self.client = Side(try client.makeSession(serverName: serverName))
    self.server = Side(try server.makeSession())
    try self.client.session.start()
  }

  /// Carries bytes both ways, in pieces, until neither side has any.
  func run(pieceBytes: Int = .max) {
    while true {
      let there = client.take()
      server.receive(there, pieceBytes: pieceBytes)
      let back = server.take()
      client.receive(back, pieceBytes: pieceBytes)
      if there.isEmpty, back.isEmpty { return }
    }
  }
}

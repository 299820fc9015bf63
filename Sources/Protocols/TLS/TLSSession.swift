import COpenSSL
import Glibc

/// Where a session puts what it makes of what it is given, during the call that it is given in.
package protocol TLSSessionDelegate: AnyObject {
  /// Bytes for the peer; nothing may be asked of the session during the call.
  func sessionProduced(_ ciphertext: RawSpan)
  /// Bytes from the peer.
  func sessionReceived(_ plaintext: RawSpan)
  /// The handshake is done; called once, before the first plaintext.
  func sessionEstablished()
}

/// One side of a TLS connection as a pure object: bytes in, bytes out; used from one thread.
///
/// It wraps an SSL object (https://docs.openssl.org/3.0/man7/ssl/). Input is worked off at once, so
/// it buffers one record at most (17 KiB), and nothing while the connection is idle.
package final class TLSSession {
  /// Which side of the connection it is.
  package enum Role: Sendable { case server, client }

  /// The content of a record (RFC 8446 section 5.1).
  private static let recordBytes = 16_384

  package let role: Role
  package weak var delegate: (any TLSSessionDelegate)?
  /// Whether the handshake is done.
  package private(set) var isEstablished = false
  /// Whether the peer has said that it sends nothing more.
  package private(set) var hasPeerClosed = false
  /// Whether a byte has come from the peer.
  package private(set) var hasReceived = false
  /// Who the client is: on a server that asks for certificates, once established.
  package private(set) var identity: TLSIdentity?
  private let ssl: OpaquePointer
  /// The name that the server's certificate must be for.
  let serverName: String?
  /// Why the peer's certificate is refused.
  var verifyFailure: String?
  /// The session has failed or was closed.
  private var isOver = false
  /// What `receive` was given and the library has not taken yet.
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)

  init(_ handle: ContextHandle, role: Role, serverName: String?) throws(TLSError) {
    guard let ssl = SSL_new(handle.pointer) else { throw .library("SSL_new") }
    self.ssl = ssl
    self.role = role
    self.serverName = serverName
    guard let bio = SessionBIO.make(for: self) else { throw .library("BIO_new") }
    SSL_set_bio(ssl, bio, bio)
    switch role {
    case .server: SSL_set_accept_state(ssl)
    case .client:
      SSL_set_connect_state(ssl)
      if let serverName { try expect(serverName) }
    }
  }

  deinit { SSL_free(ssl) }

  /// Demands that the server's certificate is for `name`, and tells the server whom we want.
  private func expect(_ name: String) throws(TLSError) {
    let parameters = SSL_get0_param(ssl)
    if X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1 { return }
    ERR_clear_error()
    // The subject's common name has not been a host name for long (RFC 9525 section 2).
    X509_VERIFY_PARAM_set_hostflags(
      parameters,
      UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS) | UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
    guard SSL_set1_host(ssl, name) == 1, copenssl_set_server_name(ssl, name) == 1 else {
      throw TLSError(.untrusted, "'\(name)' cannot be the name of a server")
    }
  }

  /// The version that was agreed on, such as `TLSv1.3`.
  package var version: String { String(cString: SSL_get_version(ssl)) }

  /// The suite of ciphers as RFC 8446 appendix B.4 names it; nil before it is agreed on.
  package var cipherSuite: String? {
    guard let cipher = SSL_get_current_cipher(ssl) else { return nil }
    return SSL_CIPHER_standard_name(cipher).map { String(cString: $0) }
  }

  // MARK: Bytes

  /// Says hello as the client; nothing on a server.
  package func start() throws(TLSError) {
    if role == .client { try handshake() }
  }

  /// Takes bytes from the peer.
  ///
  /// - Throws: `TLSError` once, when the connection must be closed; an alert for the peer has been
  ///   produced then, where there is one.
  package func receive(_ ciphertext: RawSpan) throws(TLSError) {
    guard !isOver, ciphertext.byteCount > 0 else { return }
    try ciphertext.withUnsafeBytes { (bytes) throws(TLSError) in
      try checkFirst(bytes[0])
      input = bytes
      defer { input = UnsafeRawBufferPointer(start: nil, count: 0) }
      if !isEstablished { try handshake() }
      if isEstablished { try read() }
    }
  }

  /// A handshake begins with a record of that kind, or is answered by an alert.
  private func checkFirst(_ byte: UInt8) throws(TLSError) {
    guard !hasReceived else { return }
    hasReceived = true
    guard Int32(byte) != SSL3_RT_HANDSHAKE, Int32(byte) != SSL3_RT_ALERT else { return }
    isOver = true
    switch role {
    case .server: throw TLSError(.notTLS, "the client speaks cleartext on a TLS port")
    case .client: throw TLSError(.notTLS, "the server speaks cleartext on this port, not TLS")
    }
  }

  private func handshake() throws(TLSError) {
    ERR_clear_error()
    let code = SSL_do_handshake(ssl)
    guard code == 1 else { return try checkProgress(code) }
    guard ApplicationProtocol.isAgreed(in: ssl) else {
      isOver = true
      SSL_shutdown(ssl)
      throw TLSError(.noApplicationProtocol, "the \(peerName) does not speak HTTP/2 (ALPN h2)")
    }
    if role == .server { identity = TLSIdentity(verifiedBy: ssl) }
    isEstablished = true
    delegate?.sessionEstablished()
  }

  private func read() throws(TLSError) {
    try withUnsafeTemporaryAllocation(byteCount: Self.recordBytes, alignment: 16) {
      (buffer) throws(TLSError) in
      while !isOver, !hasPeerClosed {
        var count = 0
        ERR_clear_error()
        let code = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        guard code == 1 else { return try checkProgress(code) }
        delegate?.sessionReceived(UnsafeRawBufferPointer(rebasing: buffer[..<count]).bytes)
      }
    }
  }

  /// Encrypts bytes for the peer; only once established.
  package func send(_ plaintext: RawSpan) throws(TLSError) {
    precondition(isEstablished, "nothing can be sent before the handshake is done")
    guard !isOver, plaintext.byteCount > 0 else { return }
    try plaintext.withUnsafeBytes { (bytes) throws(TLSError) in
      var count = 0
      ERR_clear_error()
      let code = SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count)
      guard code == 1, count == bytes.count else { return try checkProgress(code) }
    }
  }

  /// Tells the peer that nothing more comes (`close_notify`), and ends the session.
  package func close() {
    guard !isOver else { return }
    isOver = true
    guard isEstablished else { return }
    ERR_clear_error()
    // It fails only where nothing is left to say.
    SSL_shutdown(ssl)
  }

  /// Returns when the library waits for bytes, throws when it has failed.
  private func checkProgress(_ code: Int32) throws(TLSError) {
    switch SSL_get_error(ssl, code) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return
    case SSL_ERROR_ZERO_RETURN: hasPeerClosed = true
    default:
      isOver = true
      throw LibraryFailure.ofSession(peer: peerName, verifyFailure)
    }
  }

  var peerName: String { role == .server ? "client" : "server" }

  // MARK: From the library

  /// Gives the library at most `buffer.count` bytes of the input.
  func moveInput(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, input.count)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
    input = UnsafeRawBufferPointer(rebasing: input[count...])
    return count
  }

  /// Takes the library's output.
  func produced(_ bytes: UnsafeRawBufferPointer) {
    delegate?.sessionProduced(bytes.bytes)
  }
}

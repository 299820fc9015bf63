import COpenSSL
import Glibc

/// An SSL_CTX (https://docs.openssl.org/3.0/man3/SSL_CTX_new/) that is complete.
// @unchecked: nothing changes it after `init`, and the library counts its users atomically.
final class ContextHandle: @unchecked Sendable {
  /// Forward secrecy and authenticated encryption only, as HTTP/2 demands (RFC 9113, 9.2.2).
  private static let ciphersOfTLS12 = "ECDHE+AESGCM:ECDHE+CHACHA20"
  private static let securityLevel: Int32 = 2
  /// Tickets of servers with different purposes must not be mixed up; ours has one.
  private static let sessionContext = Array("benchfront".utf8)

  let pointer: OpaquePointer

  init(_ settings: TLSContext.Settings) throws(TLSError) {
    let method =
      switch settings {
      case .server: TLS_server_method()
      case .client: TLS_client_method()
      }
    guard let pointer = SSL_CTX_new(method) else { throw .library("SSL_CTX_new") }
    self.pointer = pointer
    copenssl_set_house_rules(pointer)
    SSL_CTX_set_security_level(pointer, Self.securityLevel)
    guard SSL_CTX_set_cipher_list(pointer, Self.ciphersOfTLS12) == 1 else {
      throw .library("SSL_CTX_set_cipher_list")
    }
    switch settings {
    case .server(let settings): try load(settings)
    case .client(let settings): try load(settings)
    }
  }

  deinit { SSL_CTX_free(pointer) }

  private func load(_ settings: TLSServerSettings) throws(TLSError) {
    try setVersions(settings.newestVersion)
    try load(settings.keyPair)
    ApplicationProtocol.demand(of: pointer)
    let context = Self.sessionContext
    guard SSL_CTX_set_session_id_context(pointer, context, UInt32(context.count)) == 1 else {
      throw .library("SSL_CTX_set_session_id_context")
    }
    guard let file = settings.clientCAFile else { return }
    try trust(file)
    // The context takes the list over.
    SSL_CTX_set_client_CA_list(pointer, SSL_load_client_CA_file(file))
    SSL_CTX_set_verify(
      pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, VerifyFailure.callback)
  }

  private func load(_ settings: TLSClientSettings) throws(TLSError) {
    try setVersions(settings.newestVersion)
    if let keyPair = settings.keyPair { try load(keyPair) }
    try ApplicationProtocol.offer(to: pointer)
    SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, VerifyFailure.callback)
    if let file = settings.caFile { return try trust(file) }
    guard SSL_CTX_set_default_verify_paths(pointer) == 1 else {
      throw .library("SSL_CTX_set_default_verify_paths")
    }
  }

  private func setVersions(_ newest: TLSVersion) throws(TLSError) {
    let most = newest == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION
    guard copenssl_set_versions(pointer, TLS1_2_VERSION, most) == 1 else {
      throw .library("SSL_CTX_set_min_proto_version")
    }
  }

  private func load(_ keyPair: TLSKeyPair) throws(TLSError) {
    try Self.checkReadable(keyPair.certificateFile, "certificate")
    try Self.checkReadable(keyPair.keyFile, "key")
    ERR_clear_error()
    guard SSL_CTX_use_certificate_chain_file(pointer, keyPair.certificateFile) == 1 else {
      throw TLSError(
        .badFile,
        "'\(keyPair.certificateFile)' holds no certificate in PEM form that can be used: "
          + LibraryFailure.lastReason)
    }
    try loadKey(keyPair)
  }

  private func loadKey(_ keyPair: TLSKeyPair) throws(TLSError) {
    var isEncrypted = false
    // Without a callback the library would ask at the terminal.
    SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, flag in
      flag?.storeBytes(of: true, as: Bool.self)
      return -1
    }
    ERR_clear_error()
    let code = withUnsafeMutablePointer(to: &isEncrypted) { flag in
      SSL_CTX_set_default_passwd_cb_userdata(pointer, flag)
      defer { SSL_CTX_set_default_passwd_cb_userdata(pointer, nil) }
      return SSL_CTX_use_PrivateKey_file(pointer, keyPair.keyFile, SSL_FILETYPE_PEM)
    }
    guard code == 1 else { throw Self.keyError(keyPair, isEncrypted: isEncrypted) }
  }

  private static func keyError(_ keyPair: TLSKeyPair, isEncrypted: Bool) -> TLSError {
    let last = LibraryFailure.last
    let mismatches = [X509_R_KEY_VALUES_MISMATCH, X509_R_KEY_TYPE_MISMATCH]
    if last.library == ERR_LIB_X509, mismatches.contains(last.reason) {
      return TLSError(
        .badFile,
        "the key in '\(keyPair.keyFile)' does not belong to the certificate in "
          + "'\(keyPair.certificateFile)'")
    }
    if isEncrypted {
      return TLSError(.badFile, "the key in '\(keyPair.keyFile)' is encrypted; it must not be")
    }
    return TLSError(
      .badFile,
      "'\(keyPair.keyFile)' holds no private key in PEM form that can be used: \(last.text)")
  }

  private func trust(_ file: String) throws(TLSError) {
    try Self.checkReadable(file, "CA certificate")
    ERR_clear_error()
    guard SSL_CTX_load_verify_file(pointer, file) == 1 else {
      throw TLSError(
        .badFile, "'\(file)' holds no CA certificate in PEM form: \(LibraryFailure.lastReason)")
    }
  }

  /// The library says less than the system about a file that cannot be opened.
  private static func checkReadable(_ path: String, _ what: String) throws(TLSError) {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number < 0 else {
      close(number)
      return
    }
    throw TLSError(
      .badFile, "the \(what) file '\(path)' cannot be read: \(String(cString: strerror(errno)))")
  }
}

import COpenSSL

/// What the library's error queue says (https://docs.openssl.org/3.0/man3/ERR_get_error/), which
/// belongs to the thread and is emptied before each call.
enum LibraryFailure {
  struct Entry {
    var library: Int32
    var reason: Int32
    var text: String
  }

  /// The last error of this thread.
  static var last: Entry {
    let code = ERR_peek_last_error()
    return Entry(library: ERR_GET_LIB(code), reason: ERR_GET_REASON(code), text: text(code))
  }

  /// The text of the last error of this thread.
  static var lastReason: String { last.text }

  /// The failure of a session, from its first error: those that follow are consequences.
  static func ofSession(peer: String, _ verifyFailure: String?) -> TLSError {
    let code = ERR_peek_error()
    guard ERR_GET_LIB(code) == ERR_LIB_SSL else {
      return TLSError(.protocolViolation, "TLS with the \(peer) failed: \(text(code))")
    }
    switch ERR_GET_REASON(code) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return TLSError(
        .untrusted, verifyFailure ?? "the \(peer)'s certificate cannot be verified")
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return TLSError(.untrusted, "the \(peer) shows no certificate")
    case SSL_R_NO_APPLICATION_PROTOCOL, SSL_R_CALLBACK_FAILED:
      return TLSError(.noApplicationProtocol, "the \(peer) does not speak HTTP/2 (ALPN h2)")
    case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW:
      return TLSError(.protocolViolation, "the \(peer) speaks neither TLS 1.2 nor TLS 1.3")
    case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
      return TLSError(
        .protocolViolation, "the \(peer) shares no cipher with us: \(text(code))")
    case let reason where reason > SSL_AD_REASON_OFFSET:
      return TLSError(.refused, refusal(peer, alert: reason - SSL_AD_REASON_OFFSET, text(code)))
    default:
      return TLSError(.protocolViolation, "TLS with the \(peer) failed: \(text(code))")
    }
  }

  /// What an alert of the peer means (RFC 8446 section 6.2).
  private static func refusal(_ peer: String, alert: Int32, _ text: String) -> String {
    switch alert {
    case SSL_AD_CERTIFICATE_REQUIRED: "the \(peer) demands a certificate of ours"
    case SSL_AD_UNKNOWN_CA: "the \(peer) does not trust the CA that signed our certificate"
    case SSL_AD_CERTIFICATE_EXPIRED: "the \(peer) says that our certificate has expired"
    case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
      SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_ACCESS_DENIED:
      "the \(peer) does not accept our certificate (\(text))"
    case SSL_AD_NO_APPLICATION_PROTOCOL: "the \(peer) does not speak HTTP/2 (ALPN h2)"
    case SSL_AD_PROTOCOL_VERSION: "the \(peer) speaks neither TLS 1.2 nor TLS 1.3"
    case SSL_AD_HANDSHAKE_FAILURE:
      "the \(peer) refuses the handshake: it demands a certificate of ours, or shares no cipher"
    default: "the \(peer) ended TLS (\(text))"
    }
  }

  private static func text(_ code: UInt) -> String {
    guard code != 0 else { return "no reason is known" }
    if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
    return "error \(code)"
  }
}

extension TLSError {
  /// A function of the library that fails only for lack of memory.
  static func library(_ function: String) -> TLSError {
    TLSError(.library, "\(function): \(LibraryFailure.lastReason)")
  }
}

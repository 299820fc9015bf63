import TLS

/// Why the peers did not come to speak HTTP/2 with each other.
package struct HandshakeFailure: Sendable, Equatable {
  /// What kind of reason it is; the raw values name it in metrics.
  package enum Reason: String, Sendable, CaseIterable {
    /// The peer's certificate is missing, expired, for another name, or of an unknown CA.
    case certificate
    /// The peer does not speak TLS where it is spoken.
    case notTLS = "not_tls"
    /// The peer speaks TLS where cleartext is spoken.
    case notCleartext = "not_cleartext"
    /// The peer does not speak HTTP/2, as ALPN or its first bytes tell.
    case notHTTP2 = "not_http2"
    /// The peer has told us that it does not go on.
    case refused
    /// The peer breaks the rules of TLS, or shares no version or cipher with us.
    case tlsProtocol = "tls_protocol"
    /// The peer left in the middle.
    case closed
    /// The library failed.
    case internalError = "internal_error"
  }

  package let reason: Reason
  /// In words.
  package let message: String

  init(_ reason: Reason, _ message: String) {
    (self.reason, self.message) = (reason, message)
  }

  init(_ error: TLSError) {
    let reason: Reason =
      switch error.code {
      case .untrusted: .certificate
      case .notTLS: .notTLS
      case .noApplicationProtocol: .notHTTP2
      case .refused: .refused
      case .protocolViolation: .tlsProtocol
      case .badFile, .library: .internalError
      }
    self.init(reason, error.message)
  }
}

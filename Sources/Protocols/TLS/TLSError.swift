/// A failure of TLS, told in one plain sentence.
package struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it is.
  package enum Code: Sendable, Equatable {
    /// A file of certificates or keys cannot be read or used.
    case badFile
    /// The peer's certificate is missing, expired, for another name, or of an unknown CA.
    case untrusted
    /// The peer does not speak TLS.
    case notTLS
    /// The peer does not speak HTTP/2 (ALPN `h2`).
    case noApplicationProtocol
    /// The peer has told us that it does not go on.
    case refused
    /// The peer breaks the rules of TLS, or shares no version or cipher with us.
    case protocolViolation
    /// The library failed, for instance for lack of memory.
    case library
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}

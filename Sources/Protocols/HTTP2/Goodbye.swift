/// Why a connection tells its peer to go, by GOAWAY.
package struct Goodbye: Sendable, Equatable {
  /// What kind of reason it is; the raw values name it in metrics.
  package enum Reason: String, Sendable, CaseIterable {
    /// Its owner stops.
    case shutdown
    case idle
    case age
    /// Calls went on for longer than a drain lets them.
    case drainTimeout = "drain_timeout"
    case handshakeTimeout = "handshake_timeout"
    case keepaliveTimeout = "keepalive_timeout"
    /// The peer takes nothing of what waits for it.
    case stallTimeout = "stall_timeout"
    case tooManyPings = "too_many_pings"
    /// A bound of frames or bytes was passed.
    case calm = "enhance_your_calm"
    /// The peer broke a rule of HTTP/2.
    case protocolError = "protocol_error"
    /// The library failed.
    case internalError = "internal_error"
  }

  package let reason: Reason
  /// What the peer is told.
  package let code: HTTP2ErrorCode
  /// In words.
  package let message: String

  package init(_ reason: Reason, _ code: HTTP2ErrorCode, _ message: String) {
    (self.reason, self.code, self.message) = (reason, code, message)
  }

  /// The end of a connection whose session has failed.
  init(_ error: HTTP2Error) {
    self.init(Self.reason(error.wireCode, error.message), error.wireCode, error.message)
  }

  /// A GOAWAY that the library sends of its own accord.
  init(library code: HTTP2ErrorCode) {
    self.init(Self.reason(code, ""), code, "the peer broke a rule of HTTP/2")
  }

  private static func reason(_ code: HTTP2ErrorCode, _ message: String) -> Reason {
    switch code {
    case .noError: .shutdown
    case .enhanceYourCalm: message == tooManyPings ? .tooManyPings : .calm
    case .internalError: .internalError
    default: .protocolError
    }
  }

  /// What gRPC's servers say of them, and clients look for.
  static let tooManyPings = "too_many_pings"

  package static let shutdown = Goodbye(.shutdown, .noError, "the server stops")
  static let idle = Goodbye(.idle, .noError, "the connection is idle")
  static let age = Goodbye(.age, .noError, "the connection has reached its age")
  static let drainTimeout = Goodbye(.drainTimeout, .noError, "the time to drain is over")
  static let handshakeTimeout = Goodbye(.handshakeTimeout, .noError, "no SETTINGS in time")
  static let keepaliveTimeout = Goodbye(
    .keepaliveTimeout, .noError, "the peer does not answer")
  static let stallTimeout = Goodbye(.stallTimeout, .enhanceYourCalm, "the peer does not read")
}

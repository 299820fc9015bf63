import CNghttp2

/// An error code of HTTP/2 (RFC 9113 section 7).
package struct HTTP2ErrorCode: RawRepresentable, Sendable, Hashable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  package static let noError = HTTP2ErrorCode(rawValue: 0)
  package static let protocolError = HTTP2ErrorCode(rawValue: 1)
  package static let internalError = HTTP2ErrorCode(rawValue: 2)
  package static let flowControlError = HTTP2ErrorCode(rawValue: 3)
  package static let streamClosed = HTTP2ErrorCode(rawValue: 5)
  package static let refusedStream = HTTP2ErrorCode(rawValue: 7)
  package static let cancel = HTTP2ErrorCode(rawValue: 8)
  package static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 11)
  package static let inadequateSecurity = HTTP2ErrorCode(rawValue: 12)
  /// Never on the wire: the connection ended below the stream.
  package static let connectionLost = HTTP2ErrorCode(rawValue: .max)
}

/// A failure of a whole HTTP/2 connection.
package struct HTTP2Error: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it is.
  package enum Code: Sendable, Equatable {
    /// The peer does not speak HTTP/2, or breaks its rules.
    case protocolViolation
    /// The peer sends more control frames than is reasonable.
    case flooded
    /// The connection takes no new streams.
    case draining
    /// The header list is larger than the peer takes.
    case tooLarge
    /// The connection is closed.
    case closed
    /// The library failed, for instance for lack of memory.
    case library
  }

  package let code: Code
  package let message: String
  /// What the peer is told.
  package let wireCode: HTTP2ErrorCode

  package init(code: Code, message: String) {
    self.code = code
    self.message = message
    wireCode =
      switch code {
      case .protocolViolation: .protocolError
      case .flooded: .enhanceYourCalm
      case .draining, .tooLarge, .closed: .noError
      case .library: .internalError
      }
  }

  init(_ fault: ConnectionFault) {
    code = fault.code == .enhanceYourCalm ? .flooded : .protocolViolation
    message = fault.message
    wireCode = fault.code
  }

  /// Wraps a return code of nghttp2.
  init(library number: Int) {
    let code: Code =
      switch number {
      case Int(NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue), Int(NGHTTP2_ERR_PROTO.rawValue):
        .protocolViolation
      case Int(NGHTTP2_ERR_FLOODED.rawValue), Int(NGHTTP2_ERR_TOO_MANY_SETTINGS.rawValue),
        Int(NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue):
        .flooded
      case Int(NGHTTP2_ERR_START_STREAM_NOT_ALLOWED.rawValue),
        Int(NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue):
        .draining
      default: .library
      }
    self.init(code: code, message: String(cString: nghttp2_strerror(Int32(number))))
  }

  package var description: String { message }
}

import HTTP2

/// The rules of one call on the client, without I/O: what the server's frames mean.
struct ClientCallState {
  private(set) var initialMetadata = Metadata()
  private(set) var trailingMetadata = Metadata()
  /// How the server's compressed messages are coded.
  private(set) var compression = Compression.identity
  /// The status that the server sent: outer nil while there is none, inner nil for OK.
  private var status: RPCError??

  /// Whether the server has said how the call ended.
  var hasStatus: Bool { status != nil }

  /// A header block; an error ends the call.
  mutating func receivedHeaders(_ fields: HeaderFields) -> RPCError? {
    let httpStatus = fields.first(":status") ?? ""
    let isGRPC = fields.first("content-type")?.hasPrefix("application/grpc") ?? false
    if fields.first("grpc-status") != nil {
      receivedTrailers(fields)
      return nil
    }
    guard httpStatus == "200", isGRPC else { return Self.error(httpStatus: httpStatus) }
    initialMetadata = Self.custom(fields)
    return takeCompression(fields)
  }

  private mutating func takeCompression(_ fields: HeaderFields) -> RPCError? {
    var problem: RPCError?
    fields.visit { name, value in
      guard name.equals("grpc-encoding") else { return }
      if let known = Compression(value) {
        compression = known
      } else {
        problem = RPCError(
          .internalError, "the server compresses with '\(value.text)', which was not offered")
      }
    }
    return problem
  }

  mutating func receivedTrailers(_ fields: HeaderFields) {
    status = .some(StatusFields.error(in: fields))
    trailingMetadata = Self.custom(fields)
  }

  /// How the call ends when the server has ended its side; nil for OK.
  func ended(isInsideMessage: Bool) -> RPCError? {
    guard let status else {
      return RPCError(.internalError, "the server ended the call without a status")
    }
    if status == nil, isInsideMessage {
      return Self.cutShort
    }
    return status
  }

  static let cutShort = RPCError(.internalError, "the last message is cut short")

  /// How the call ends when its stream was reset or lost, perhaps after its deadline.
  ///
  /// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors
  func closed(_ code: HTTP2ErrorCode, isLate: Bool) -> RPCError {
    if let status, let error = status { return error }
    switch code {
    case .connectionLost: return RPCError(.unavailable, "the connection was lost")
    case .refusedStream: return RPCError(.unavailable, "the server refused the call")
    case .cancel where isLate:
      // The server's clock was ahead of our timer.
      return RPCError(.deadlineExceeded, "the deadline has passed")
    case .cancel: return RPCError(.cancelled, "the server cancelled the call")
    case .enhanceYourCalm: return RPCError(.resourceExhausted, "the server asks for less")
    case .inadequateSecurity: return RPCError(.permissionDenied, "the transport is not secure")
    default: return RPCError(.internalError, "the stream was reset with code \(code.rawValue)")
    }
  }

  private static func custom(_ fields: HeaderFields) -> Metadata {
    var metadata = Metadata()
    fields.visit { name, value in
      // A value that is not base64 is only lost.
      if StatusFields.isCustom(name) { try? metadata.receive(name: name, value: value) }
    }
    return metadata
  }

  /// https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
  private static func error(httpStatus: String) -> RPCError {
    let code: StatusCode =
      switch httpStatus {
      case "400": .internalError
      case "401": .unauthenticated
      case "403": .permissionDenied
      case "404": .unimplemented
      case "429", "502", "503", "504": .unavailable
      default: .unknown
      }
    return RPCError(code, "the peer does not speak gRPC (HTTP status \(httpStatus))")
  }
}

import HTTP2
import Reactor

/// How a call ended, as its trailers say it.
enum StatusFields {
  static let ok = HeaderFields(["grpc-status": "0"])
  /// `ok`, prepared.
  static let okBlock = HeaderBlock(ok)
  static let responseHeaders = HeaderFields([
    ":status": "200", "content-type": "application/grpc",
  ])
  private static let announcing = HeaderFields([
    ":status": "200", "content-type": "application/grpc",
    "grpc-accept-encoding": Compression.accepted,
  ])
  private static let compressing = HeaderFields([
    ":status": "200", "content-type": "application/grpc",
    "grpc-accept-encoding": Compression.accepted, "grpc-encoding": Compression.gzip.name,
  ])
  private static let responseBlock = HeaderBlock(responseHeaders)
  private static let announcingBlock = HeaderBlock(announcing)
  private static let compressingBlock = HeaderBlock(compressing)
  private static let maxMessageBytes = 4096

  /// `responseHeaders`, prepared.
  static func responseBlock(_ compression: Compression, announcing: Bool) -> HeaderBlock {
    switch compression {
    case .gzip: compressingBlock
    case .identity: announcing ? announcingBlock : responseBlock
    }
  }

  /// The response headers without the application's; what we accept is of interest to clients
  /// that know of compression.
  static func responseHeaders(_ compression: Compression, announcing: Bool) -> HeaderFields {
    switch compression {
    case .gzip: compressing
    case .identity: announcing ? self.announcing : responseHeaders
    }
  }

  /// The trailers of a call; `limit` is what the client says to take, and what is above it is left
  /// out: metadata, details, at last the message.
  static func trailers(
    _ error: RPCError?, _ custom: Metadata?, after head: HeaderFields, orBare bare: HeaderFields,
    limit: Int
  ) -> HeaderFields {
    var fields = head
    if let error { append(error, to: &fields) } else { fields.append(contentsOf: ok) }
    custom?.append(to: &fields)
    guard fields.listBytes > limit else { return fields }
    let short = RPCError(
      error?.code ?? .resourceExhausted,
      error?.message ?? "the trailing metadata is larger than the client takes")
    fields = bare
    append(short, to: &fields)
    guard fields.listBytes > limit else { return fields }
    fields = bare
    append(RPCError(short.code, ""), to: &fields)
    return fields
  }

  /// Appends the fields of a status that is not OK.
  private static func append(_ error: RPCError, to fields: inout HeaderFields) {
    fields.append("grpc-status", String(error.code.rawValue))
    if !error.message.isEmpty {
      // A message has to fit into the peer's bound on header lists.
      fields.append(
        "grpc-message", bytes: PercentCoding.encode(error.message, limit: maxMessageBytes))
    }
    // Details of another status would contradict the header, which clients take ill.
    if let details = error.details, StatusDetails.code(details) == error.code.rawValue {
      fields.append("grpc-status-details-bin", bytes: Base64.encode(details))
    }
    if error.forbidsRetry {
      fields.append("grpc-retry-pushback-ms", "-1")
    } else if let wait = error.retryAfter {
      let milliseconds = max(0, wait.wholeNanoseconds.dividedRoundingUp(by: 1_000_000))
      fields.append("grpc-retry-pushback-ms", String(milliseconds))
    }
    error.metadata.append(to: &fields)
  }

  /// Reads trailers.
  ///
  /// - Returns: nil for OK; an error that says so when the status is missing or illegal.
  static func error(in fields: HeaderFields) -> RPCError? {
    var code: StatusCode?
    var isPresent = false
    var error = RPCError(.unknown, "")
    fields.visit { name, value in
      if name.equals("grpc-status") {
        isPresent = true
        code = Int(value.text).flatMap(StatusCode.init(rawValue:))
      } else if name.equals("grpc-message") {
        error.message = PercentCoding.decode(value.array)
      } else if name.equals("grpc-status-details-bin") {
        error.details = Base64.decode(value.array)
      } else if name.equals("grpc-retry-pushback-ms") {
        // What cannot be read forbids it too (gRFC A6).
        error.retryAfter = Int32(value.text).flatMap { $0 < 0 ? nil : .milliseconds(Int($0)) }
        error.forbidsRetry = error.retryAfter == nil
      } else if isCustom(name) {
        // A server that sends a value which is not legal only loses that value.
        try? error.metadata.receive(name: name, value: value)
      }
    }
    guard isPresent else { return RPCError(.internalError, "the server sent no grpc-status") }
    if code == .ok { return nil }
    error.code = code ?? .unknown
    // The header is what was agreed on; details that say something else are of no use.
    if let details = error.details, StatusDetails.code(details) != error.code.rawValue {
      error.details = nil
    }
    return error
  }

  /// Whether a field is metadata of the application.
  static func isCustom(_ name: RawSpan) -> Bool {
    switch name.byteCount {
    case 2: !name.equals("te")
    case 4: !name.equals("date")
    case 6: !name.equals("server") && isUnreserved(name)
    case 10: !name.equals("user-agent") && isUnreserved(name)
    case 12: !name.equals("content-type") && isUnreserved(name)
    case 14: !name.equals("content-length") && isUnreserved(name)
    case 15: !name.equals("accept-encoding") && isUnreserved(name)
    default: isUnreserved(name)
    }
  }

  private static func isUnreserved(_ name: RawSpan) -> Bool {
    !name.hasPrefix(":") && !name.hasPrefix("grpc-")
  }
}

extension Int64 {
  fileprivate func dividedRoundingUp(by divisor: Int64) -> Int64 {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest > 0 ? quotient + 1 : quotient
  }
}

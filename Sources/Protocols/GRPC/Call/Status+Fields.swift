import HTTP2
import Reactor

/// How a call ended, as its trailers say it.
enum StatusFields {
  static let ok = HeaderFields(["grpc-status": "0"])
  static let responseHeaders = HeaderFields([
    ":status": "200", "content-type": "application/grpc",
  ])
  private static let maxMessageBytes = 4096

  /// Appends the fields of a status that is not OK.
  static func append(_ error: RPCError, to fields: inout HeaderFields) {
    fields.append("grpc-status", String(error.code.rawValue))
    if !error.message.isEmpty {
      // A message has to fit into the peer's bound on header lists.
      var text = PercentCoding.encode(error.message).prefix(maxMessageBytes)
      while text.last == 0x20 { text.removeLast() }
      fields.append("grpc-message", bytes: text)
    }
    if let details = error.details {
      fields.append("grpc-status-details-bin", bytes: Base64.encode(details))
    }
    if let wait = error.retryAfter {
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
        error.retryAfter = Int32(value.text).flatMap { $0 < 0 ? nil : .milliseconds(Int($0)) }
      } else if isCustom(name) {
        // A server that sends a value which is not base64 only loses that value.
        try? error.metadata.receive(name: name, value: value)
      }
    }
    guard isPresent else { return RPCError(.internalError, "the server sent no grpc-status") }
    if code == .ok { return nil }
    error.code = code ?? .unknown
    return error
  }

  /// Whether a field is metadata of the application.
  static func isCustom(_ name: RawSpan) -> Bool {
    !(name.hasPrefix(":") || name.hasPrefix("grpc-") || name.equals("content-type")
      || name.equals("te") || name.equals("user-agent") || name.equals("accept-encoding")
      || name.equals("content-length") || name.equals("date") || name.equals("server"))
  }
}

extension Int64 {
  fileprivate func dividedRoundingUp(by divisor: Int64) -> Int64 {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest > 0 ? quotient + 1 : quotient
  }
}

package import GRPC

// Rich errors: the details of google.rpc that programs read, beside the sentence for people.
// https://google.aip.dev/193
extension RPCError {
  /// Most bytes of a sentence that goes with details. The details repeat it, and all of it has to
  /// fit into the 8 KiB of trailers that clients take by default.
  private static let longestMessage = 1_000
  private static let typePrefix = "type.googleapis.com/"

  /// An error with details, such as an `RPCBadRequest` or an `RPCRetryInfo`; a long message is
  /// cut.
  package init(_ code: StatusCode, _ message: String, with details: [any APIMessage]) {
    let message = Self.shortened(message)
    let status = RPCStatus(
      code: Int32(code.rawValue), message: message, details: details.map(Self.any))
    self.init(code, message, details: status.encoded())
  }

  /// The same error with one more detail.
  package func adding(_ detail: some APIMessage) -> RPCError {
    var error = self
    var status =
      richStatus ?? RPCStatus(code: Int32(code.rawValue), message: Self.shortened(message))
    status.details.append(Self.any(detail))
    error.message = status.message
    error.details = status.encoded()
    return error
  }

  /// The first detail of a type; nil when there is none, or the peer sent one that is malformed.
  package func detail<Detail: APIMessage>(_ type: Detail.Type) -> Detail? {
    let url = Self.typePrefix + type.type.name
    guard let found = richStatus?.details.first(where: { $0.typeUrl == url }) else { return nil }
    return try? Detail(decoding: found.value)  // a peer's nonsense is no detail
  }

  private var richStatus: RPCStatus? {
    details.flatMap { try? RPCStatus(decoding: $0) }  // a peer's nonsense is no detail
  }

  private static func any(_ detail: any APIMessage) -> ProtobufAny {
    ProtobufAny(typeUrl: typePrefix + type(of: detail).type.name, value: detail.encoded())
  }

  /// What both `grpc-message` and the details can carry, so that they agree.
  static func shortened(_ text: String) -> String {
    let clean = text.replacing("\0", with: "\u{FFFD}")
    guard clean.utf8.count > longestMessage else { return clean }
    var end = clean.utf8.index(clean.startIndex, offsetBy: longestMessage)
    while end.samePosition(in: clean.unicodeScalars) == nil { end = clean.utf8.index(before: end) }
    return clean[..<end] + "…"
  }
}

extension RPCError {
  /// INVALID_ARGUMENT for a field of the request, e.g. "matrix.workloads[0].name"; empty for the
  /// request itself. `reason` goes on from the field's name: "is not valid UTF-8".
  package static func invalidArgument(field: String, reason: String) -> RPCError {
    let violation = RPCBadRequest.FieldViolation(
      field: shortened(field), description: shortened(reason))
    return RPCError(
      .invalidArgument, "\(field.isEmpty ? "the request" : field) \(reason)",
      with: [RPCBadRequest(fieldViolations: [violation])])
  }

  /// The same error with the time after which the call may be repeated.
  package func retry(after delay: Duration) -> RPCError {
    var error = self
    error.retryAfter = delay
    return error.tellingRetry
  }

  /// The same error with an `RPCRetryInfo` that says what `retryAfter` does.
  package var tellingRetry: RPCError {
    guard let (seconds, attoseconds) = retryAfter?.components else { return self }
    let delay = ProtobufDuration(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
    return adding(RPCRetryInfo(retryDelay: delay))
  }

  /// The same error with an `RPCQuotaFailure`: a bound's name, whose it is, and what it allows.
  package func over(quota name: String, of subject: String, value: Int) -> RPCError {
    let violation = RPCQuotaFailure.Violation(
      subject: subject, description: Self.shortened(message), quotaId: name,
      quotaValue: Int64(value))
    return adding(RPCQuotaFailure(violations: [violation]))
  }

  /// The same error with a reason for programs: a constant in UPPER_SNAKE_CASE that stays, in the
  /// domain `benchfront`.
  package func because(_ reason: String) -> RPCError {
    adding(RPCErrorInfo(reason: reason, domain: "benchfront"))
  }
}

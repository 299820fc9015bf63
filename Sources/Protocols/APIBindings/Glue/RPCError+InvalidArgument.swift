package import GRPC

extension RPCError {
  /// INVALID_ARGUMENT for a field of the request, e.g. "matrix.workloads[0].name"; empty for the
  /// request itself. `reason` goes on from the field's name: "is not valid UTF-8".
  ///
  /// The details are a google.rpc.Status with a google.rpc.BadRequest that names the field.
  package static func invalidArgument(field: String, reason: String) -> RPCError {
    let message = "\(field.isEmpty ? "the request" : field) \(reason)"
    return RPCError(
      .invalidArgument, message, details: badRequest(field, reason, message: message))
  }

  /// https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
  private static func badRequest(_ field: String, _ reason: String, message: String) -> [UInt8] {
    let violation = text(1, field) + text(2, reason)
    let any =
      text(1, "type.googleapis.com/google.rpc.BadRequest")
      + part(2, part(1, violation))
    return [1 << 3, UInt8(StatusCode.invalidArgument.rawValue)] + text(2, message) + part(3, any)
  }

  private static func text(_ number: UInt8, _ text: String) -> [UInt8] {
    part(number, Array(text.utf8))
  }

  /// A length-delimited field.
  private static func part(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    var bytes = [number << 3 | 2]
    var rest = content.count
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
    return bytes + content
  }
}

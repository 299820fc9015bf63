import HTTP2

/// What the header block of a request says.
struct RequestHead {
  /// What is to be done with a request.
  enum Outcome {
    case call(RequestHead)
    /// It is not gRPC: an HTTP status and nothing more.
    case httpStatus(String)
    case failure(RPCError)
  }

  let entry: Router.Entry
  let timeout: Duration?
  let metadata: Metadata

  private struct Collected {
    var isPost = false
    var isGRPC = false
    var entry: Router.Entry?
    var path = ""
    var timeout: Duration?
    var metadata = Metadata()
    var failure: RPCError?
  }

  static func parse(_ fields: HeaderFields, _ router: Router) -> Outcome {
    var found = Collected()
    fields.visit { name, value in take(name, value, router, &found) }
    guard found.isPost else { return .httpStatus("405") }
    guard found.isGRPC else { return .httpStatus("415") }
    guard let entry = found.entry else {
      return .failure(RPCError(.unimplemented, "there is no method \(found.path)"))
    }
    if let failure = found.failure { return .failure(failure) }
    return .call(RequestHead(entry: entry, timeout: found.timeout, metadata: found.metadata))
  }

  private static func take(
    _ name: RawSpan, _ value: RawSpan, _ router: Router, _ found: inout Collected
  ) {
    if name.equals(":path") {
      found.entry = router.find(value)
      if found.entry == nil { found.path = value.text }
    } else if name.equals(":method") {
      found.isPost = value.equals("POST")
    } else if name.equals("content-type") {
      found.isGRPC = isGRPC(value)
    } else if name.hasPrefix(":") {
      return
    } else if name.equals("grpc-timeout") {
      found.timeout = Timeout.parse(value.array)
      if found.timeout == nil {
        found.failure = RPCError(.invalidArgument, "grpc-timeout '\(value.text)' is malformed")
      }
    } else if name.equals("grpc-encoding") {
      if !value.equals("identity") { found.failure = unknownCompression(value.text) }
    } else if StatusFields.isCustom(name) {
      do throws(RPCError) {
        try found.metadata.receive(name: name, value: value)
      } catch {
        found.failure = error
      }
    }
  }

  private static func isGRPC(_ value: RawSpan) -> Bool {
    guard value.hasPrefix("application/grpc") else { return false }
    return value.byteCount == 16 || value.hasPrefix("application/grpc+")
      || value.hasPrefix("application/grpc;")
  }

  private static func unknownCompression(_ name: String) -> RPCError {
    RPCError(.unimplemented, "compression '\(name)' is not supported, only identity is")
  }
}

import HTTP2

/// What the header block of a request says.
struct RequestHead {
  /// What is to be done with a request.
  enum Outcome {
    case call(RequestHead)
    /// Nothing that a gRPC status could answer.
    case notGRPC(PlainAnswer)
    case failure(RPCError)
  }

  let entry: Router.Entry
  let timeout: Duration?
  let encodings: RequestEncodings
  let metadata: Metadata

  private struct Collected {
    var isPost = false
    var isGRPC = false
    var takesTrailers = false
    var entry: Router.Entry?
    var path = ""
    var timeout: Duration?
    var encodings = RequestEncodings()
    var metadata: Metadata
    var failure: RPCError?
  }

  static func parse(_ fields: HeaderFields, _ router: Router) -> Outcome {
    var found = Collected(metadata: Metadata(roomFor: fields))
    fields.visit { name, value in take(name, value, router, &found) }
    guard found.isPost else { return .notGRPC(.wrongMethod) }
    guard found.isGRPC else { return .notGRPC(.wrongContentType) }
    guard found.takesTrailers else {
      return .failure(
        RPCError(.internalError, "the request lacks 'te: trailers': something may drop trailers"))
    }
    guard let entry = found.entry else {
      return .failure(RPCError(.unimplemented, "there is no method \(found.path)"))
    }
    if let failure = found.failure { return .failure(failure) }
    return .call(
      RequestHead(
        entry: entry, timeout: found.timeout, encodings: found.encodings,
        metadata: found.metadata))
  }

  /// Lengths tell most names apart.
  private static func take(
    _ name: RawSpan, _ value: RawSpan, _ router: Router, _ found: inout Collected
  ) {
    switch name.byteCount {
    case 2 where name.equals("te"):
      // What is not exactly this, HTTP/2 does not allow (RFC 9113 section 8.2.2).
      found.takesTrailers = true
    case 5 where name.equals(":path"):
      found.entry = router.find(value)
      if found.entry == nil { found.path = value.text }
    case 7 where name.equals(":method"): found.isPost = value.equals("POST")
    case 12 where name.equals("content-type"): found.isGRPC = isGRPC(value)
    case 1... where name.hasPrefix(":"): return
    default: takeOther(name, value, &found)
    }
  }

  private static func takeOther(
    _ name: RawSpan, _ value: RawSpan, _ found: inout Collected
  ) {
    if name.hasPrefix("grpc-") {
      takeReserved(name, value, &found)
    } else if StatusFields.isCustom(name) {
      do throws(RPCError) {
        try found.metadata.receive(name: name, value: value)
      } catch {
        found.failure = error
      }
    }
  }

  /// Takes what gRPC defines; the rest of its names is never an error and never the application's.
  private static func takeReserved(
    _ name: RawSpan, _ value: RawSpan, _ found: inout Collected
  ) {
    if name.equals("grpc-timeout") {
      found.timeout = Timeout.parse(value.array)
      if found.timeout == nil {
        found.failure = RPCError(.invalidArgument, "grpc-timeout '\(value.text)' is malformed")
      }
    } else if name.equals("grpc-accept-encoding") {
      found.encodings.areNamed = true
      if Compression.isGzip(in: value) { found.encodings.acceptsGzip = true }
    } else if name.equals("grpc-encoding") {
      found.encodings.areNamed = true
      if let compression = Compression(value) {
        found.encodings.request = compression
      } else {
        found.failure = RequestEncodings.unknown(value.text)
      }
    }
  }

  /// Messages are protobuf's, whether the content type says so or nothing; parameters are ignored.
  private static func isGRPC(_ value: RawSpan) -> Bool {
    guard value.hasPrefix("application/grpc") else { return false }
    return value.byteCount == 16 || value.equals("application/grpc+proto")
      || value.hasPrefix("application/grpc;") || value.hasPrefix("application/grpc+proto;")
  }
}

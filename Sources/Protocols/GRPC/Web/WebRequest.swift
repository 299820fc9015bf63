import HTTP2

/// A request of gRPC-Web, which is gRPC for browsers: they can neither send `te` nor read trailers.
///
/// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
struct WebRequest {
  /// What is to be done with a request that is not gRPC.
  enum Outcome {
    case call(WebRequest)
    case preflight(HeaderFields)
    case refused(PlainAnswer)
    /// A page of this origin may not call.
    case refusedOrigin(String)
    /// It is not gRPC-Web either.
    case foreign
  }

  /// The same request as gRPC, less what a browser says of itself.
  let fields: HeaderFields
  let format: WebFormat
  let answer: WebAnswer

  private struct Collected {
    var method: [UInt8] = []
    var contentType: [UInt8]?
    var accept: [UInt8] = []
    var origin: String?
    var originCount = 0
    var isPreflight = false
    var requestedNames: [UInt8]?
    var isEncoded = false
    var fields = HeaderFields()
  }

  static func parse(_ fields: HeaderFields, _ origins: WebOrigins) -> Outcome {
    var found = Collected()
    fields.visit { name, value in take(name, value, &found) }
    // Browsers send one; of several nobody can say which page calls.
    let grant = found.originCount > 1 ? nil : found.origin.flatMap(origins.grant)
    if found.method.elementsEqual("OPTIONS".utf8), found.isPreflight, found.origin != nil {
      guard let grant else { return .refusedOrigin(found.origin ?? "") }
      return .preflight(Preflight.answer(grant, requested: found.requestedNames))
    }
    guard found.method.elementsEqual("POST".utf8),
      let format = found.contentType.flatMap(WebFormat.init(contentType:))
    else { return .foreign }
    // The browser would keep the answer from the page, but the call would have been made.
    if let origin = found.origin, grant == nil { return .refusedOrigin(origin) }
    let answer = WebAnswer(WebFormat(accept: found.accept) ?? format, grant: grant)
    guard !found.isEncoded else { return .refused(PlainAnswer.encodedBody.adding(answer.origin)) }
    found.fields.append("content-type", "application/grpc")
    found.fields.append("te", "trailers")
    return .call(WebRequest(fields: found.fields, format: format, answer: answer))
  }

  private static func take(_ name: RawSpan, _ value: RawSpan, _ found: inout Collected) {
    if name.equals(":method") { found.method = value.array }
    if name.equals("content-type") {
      found.contentType = value.array
    } else if name.equals("accept") {
      found.accept = value.array
    } else if name.equals("origin") {
      found.origin = value.text
      found.originCount += 1
    } else if name.equals("access-control-request-method") {
      found.isPreflight = true
    } else if name.equals("access-control-request-headers") {
      found.requestedNames = value.array
    } else if name.equals("content-encoding") {
      found.isEncoded = !value.equals("identity")
    } else if !isOfBrowser(name) {
      found.fields.append(name.text, bytes: value.array)
    }
  }

  /// Whether a field says something of the browser, its user or the connection, and nothing of the
  /// call. Answers are never compressed: browsers cannot read them, so what is accepted is one.
  private static func isOfBrowser(_ name: RawSpan) -> Bool {
    name.equals("te") || name.equals("x-grpc-web") || name.equals("grpc-accept-encoding")
      || name.equals("cookie") || name.equals("referer") || name.equals("priority")
      || name.equals("dnt") || name.equals("cache-control") || name.equals("pragma")
      || name.hasPrefix("sec-") || name.hasPrefix("accept-")
  }
}

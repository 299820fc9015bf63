import HTTP2

// The header fields of an answer: encodings, metadata, the status.
extension ServerCall {
  var compressesNow: Bool {
    responseCompression == .gzip
      && context?.compressesResponses ?? shared.configuration.compressesResponses
  }

  /// What is announced with the first message: it binds none of the messages to it.
  var wishedCompression: Compression {
    let isWished = shared.configuration.compressesResponses || context?.compressesResponses != nil
    return isWished && encodings.acceptsGzip ? .gzip : .identity
  }

  func headersProblem() -> RPCError? {
    guard let context, !context.addsNothing, !context.initialMetadata.isEmpty,
      responseHeaders(.gzip).listBytes > peerHeaderListBytes
    else { return nil }
    return RPCError(.resourceExhausted, "the initial metadata is larger than the client takes")
  }

  func responseHeaders(_ compression: Compression) -> HeaderFields {
    let base = StatusFields.responseHeaders(compression, announcing: encodings.areNamed)
    guard let context, !context.initialMetadata.isEmpty else { return base }
    var fields = base
    context.initialMetadata.append(to: &fields)
    return fields
  }

  func trailersOnly(_ error: RPCError?) -> HeaderFields {
    StatusFields.trailers(
      error, context?.trailingMetadata, after: responseHeaders(.identity),
      orBare: StatusFields.responseHeaders, limit: peerHeaderListBytes)
  }

  /// Sends the response headers before the first message.
  func sendHeaders(_ compression: Compression) {
    guard web == nil, context?.addsNothing ?? true else {
      return respond(responseHeaders(compression), endsStream: false)
    }
    stream.respond(StatusFields.responseBlock(compression, announcing: encodings.areNamed))
  }

  /// Sends the status behind the messages.
  func sendTrailers(_ error: RPCError?) {
    if error == nil, web == nil, context?.addsNothing ?? true {
      return stream.finish(trailers: StatusFields.okBlock)
    }
    respond(
      trailers: StatusFields.trailers(
        error, context?.trailingMetadata, after: HeaderFields(), orBare: HeaderFields(),
        limit: peerHeaderListBytes))
  }
}

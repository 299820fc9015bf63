import CNghttp2

/// What streams ask of their session.
extension HTTP2Session {
  func submitResponse(_ stream: HTTP2Stream, _ fields: HeaderFields, endsStream: Bool) {
    var provider = Self.dataProvider
    let code = fields.withNameValues { list, count in
      withUnsafePointer(to: &provider) { provider in
        nghttp2_submit_response(pointer, stream.id, list, count, endsStream ? nil : provider)
      }
    }
    if endsStream { stream.isOutboundEnded = true }
    if code == 0 { markOutput() } else { stream.reset(.internalError) }
  }

  /// Lets a stream that had nothing to send take part again.
  func resume(_ stream: HTTP2Stream) {
    guard stream.isDeferred else { return }
    stream.isDeferred = false
    // It fails only for a stream that is being closed, which needs nothing more.
    if nghttp2_session_resume_data(pointer, stream.id) == 0 { markOutput() }
  }

  func submitReset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
    // It fails only for lack of memory, and then the next call of the session fails too.
    _ = nghttp2_submit_rst_stream(pointer, 0, stream.id, code.rawValue)
    markOutput()
  }

  func consume(_ stream: HTTP2Stream, _ count: Int) {
    precondition(count <= stream.unconsumedBytes, "more was consumed than was delivered")
    guard count > 0 else { return }
    stream.unconsumedBytes -= count
    release(count, of: stream)
    // It fails only for a stream that is being closed, whose window no longer matters.
    _ = nghttp2_session_consume_stream(pointer, stream.id, count)
    markOutput()
  }

  /// Pays back to the connection's window what was held while handlers lagged behind.
  func release(_ count: Int, of stream: HTTP2Stream) {
    bufferedBytes -= count
    guard owedBytes > 0, bufferedBytes <= configuration.connectionBufferBytes, let pointer
    else { return }
    _ = nghttp2_session_consume_connection(pointer, owedBytes)
    owedBytes = 0
  }
}

import HTTP2

/// Stands between a stream whose request comes in base64 and its call.
final class WebTextBody: HTTP2StreamHandler {
  let call: ServerCall
  private var decoder = Base64Stream()

  init(_ call: ServerCall) { self.call = call }

  func streamReceivedData(_ text: RawSpan) {
    guard call.failure == nil else { return call.stream.consume(text.byteCount) }
    let before = decoder.symbols
    guard let bytes = decoder.decode(text) else {
      call.stream.consume(text.byteCount)
      return call.fail(RPCError(.internalError, "the body is not base64"))
    }
    // The call consumes what it gets, and knows nothing of what the text has more.
    let more = before + text.byteCount - decoder.symbols - bytes.count
    call.stream.consume(min(more, call.stream.unconsumedBytes))
    if !bytes.isEmpty { call.streamReceivedData(bytes.span.bytes) }
  }

  func streamReceivedEnd() {
    if decoder.isWhole { return call.streamReceivedEnd() }
    call.fail(RPCError(.internalError, "the body ends inside its base64"))
  }

  func streamReceivedHeaders(_ fields: HeaderFields) { call.streamReceivedHeaders(fields) }
  func streamReceivedTrailers(_ fields: HeaderFields) { call.streamReceivedTrailers(fields) }
  func streamHeadersTooLarge() { call.streamHeadersTooLarge() }
  func streamBecameWritable() { call.streamBecameWritable() }
  func streamAged() { call.streamAged() }
  func streamClosed(_ code: HTTP2ErrorCode) { call.streamClosed(code) }
}

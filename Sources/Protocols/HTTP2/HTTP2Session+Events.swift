import CNghttp2

/// What nghttp2 reports while it takes bytes or makes them; nothing here feeds or drains it.
extension HTTP2Session {
  func stream(_ id: Int32) -> HTTP2Stream? { find(id)?.takeUnretainedValue() }

  private func find(_ id: Int32) -> Unmanaged<HTTP2Stream>? {
    guard let pointer, let found = nghttp2_session_get_stream_user_data(pointer, id) else {
      return nil
    }
    return .fromOpaque(found)
  }

  /// Calls `body` with a stream without counting a reference to it: within a callback the list of
  /// streams holds it, since `close` waits for the end of the callback.
  private func withStream<Result>(_ id: Int32, _ body: (HTTP2Stream) -> Result) -> Result? {
    find(id)?._withUnsafeGuaranteedRef(body)
  }

  func headersBegin(_ head: nghttp2_frame_hd) -> Int32 {
    fields.removeAll()
    decodedBytes = 0
    guard role == .server, find(head.stream_id) == nil else { return 0 }
    let stream = HTTP2Stream(id: head.stream_id, session: self)
    link(stream)
    return nghttp2_session_set_stream_user_data(
      pointer, head.stream_id, Unmanaged.passUnretained(stream).toOpaque())
  }

  func header(
    _ head: nghttp2_frame_hd, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) -> Int32 {
    decodedBytes += name.count + value.count + 32
    if decodedBytes > configuration.maxDecodedHeaderBytes {
      return fail(.calm("the header list is far too large"))
    }
    if decodedBytes > Int(configuration.maxHeaderListBytes)
      || fields.count >= configuration.maxHeaderFields
    {
      stream(head.stream_id)?.isTooLarge = true
    } else {
      fields.append(name: name, value: value)
    }
    return 0
  }

  /// Stops the library; the call that runs throws `fault`.
  private func fail(_ fault: ConnectionFault) -> Int32 {
    self.fault = self.fault ?? fault
    return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
  }

  func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    if isClosing { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
    switch UInt32(frame.pointee.hd.type) {
    case NGHTTP2_HEADERS.rawValue:
      let head = frame.pointee.hd
      withStream(head.stream_id) { headersEnd(head, $0) }
    case NGHTTP2_DATA.rawValue:
      let head = frame.pointee.hd
      withStream(head.stream_id) { deliverEnd(head, $0) }
    case NGHTTP2_SETTINGS.rawValue:
      hasReceivedSettings = true
      if let fault = settingsEnd() { return fail(fault) }
    case NGHTTP2_GOAWAY.rawValue:
      isDraining = true
      let text = UnsafeRawBufferPointer(
        start: frame.pointee.goaway.opaque_data, count: frame.pointee.goaway.opaque_data_len)
      delegate?.sessionReceivedGoAway(
        HTTP2ErrorCode(rawValue: frame.pointee.goaway.error_code),
        String(decoding: text, as: UTF8.self))
    case NGHTTP2_PING.rawValue: return pingReceived(frame.pointee.ping)
    default: break
    }
    return 0
  }

  private func pingReceived(_ ping: nghttp2_ping) -> Int32 {
    if ping.hd.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0 {
      if ping.opaque_data.0 == Self.windowProbe {
        let before = windows.windowBytes
        if windows.answered(at: clock()) { growWindows(from: before) }
      } else {
        delegate?.sessionReceivedPingAnswer()
      }
    } else if role == .server, !pings.received(at: clock(), hasStreams: openStreams > 0) {
      return fail(.calm(Goodbye.tooManyPings))
    }
    return 0
  }

  private func headersEnd(_ head: nghttp2_frame_hd, _ stream: HTTP2Stream) {
    let isFirst = !stream.hasHeaders
    stream.hasHeaders = true
    if role == .server, isFirst { admit(stream) }
    guard let handler = stream.handler, !stream.isReset else { return }
    if stream.isTooLarge {
      handler.streamHeadersTooLarge()
    } else if isFirst, role == .client, isInformational {
      // The real response follows; nobody waits for the news of it.
      stream.hasHeaders = false
    } else if isFirst {
      handler.streamReceivedHeaders(fields)
    } else {
      handler.streamReceivedTrailers(fields)
    }
    deliverEnd(head, stream)
  }

  /// An open stream with its handler, as measured with calls that send nothing.
  private static let streamBytes = 4_096

  /// Opens a stream of the peer, unless all connections together hold too much already.
  private func admit(_ stream: HTTP2Stream) {
    stream.openBytes = Self.streamBytes + min(decodedBytes, Int(configuration.maxHeaderListBytes))
    opened.add(stream.openBytes)
    guard !opened.isOverdrawn else { return stream.reset(.refusedStream) }
    delegate?.sessionOpened(stream)
  }

  private var isInformational: Bool { fields.first(":status")?.hasPrefix("1") ?? false }

  private func deliverEnd(_ head: nghttp2_frame_hd, _ stream: HTTP2Stream) {
    guard head.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0, !stream.isReset,
      !stream.isTooLarge
    else { return }
    stream.handler?.streamReceivedEnd()
  }

  func data(_ id: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let pointer, !isClosing else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
    let isTaken = withStream(id) { deliver(bytes, to: $0, pointer) } ?? false
    return isTaken ? 0 : nghttp2_session_consume(pointer, id, bytes.count)
  }

  /// Gives body bytes to a stream's handler; false when nobody wants them.
  private func deliver(
    _ bytes: UnsafeRawBufferPointer, to stream: HTTP2Stream, _ pointer: OpaquePointer
  ) -> Bool {
    guard let handler = stream.handler, !stream.isReset, !stream.isTooLarge else { return false }
    stream.unconsumedBytes += bytes.count
    inbound.add(bytes.count)
    if hasInboundRoom {
      _ = nghttp2_session_consume_connection(pointer, bytes.count)
    } else {
      owedBytes += bytes.count
      awaitRoom()
    }
    handler.streamReceivedData(bytes.bytes)
    return true
  }

  func streamClosed(_ id: Int32, _ code: HTTP2ErrorCode) -> Int32 {
    if let stream = stream(id) { end(stream, code) }
    return 0
  }

  func requestLeaves(_ head: nghttp2_frame_hd) -> Int32 {
    if UInt32(head.type) == NGHTTP2_HEADERS.rawValue { stream(head.stream_id)?.wasSent = true }
    return 0
  }

  func frameSent(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
    let head = frame.pointee.hd
    switch UInt32(head.type) {
    case NGHTTP2_DATA.rawValue:
      inspector.sentData()
      return messageSent(head)
    case NGHTTP2_HEADERS.rawValue: return messageSent(head)
    case NGHTTP2_GOAWAY.rawValue:
      delegate?.sessionSentGoAway(HTTP2ErrorCode(rawValue: frame.pointee.goaway.error_code))
      return 0
    case NGHTTP2_RST_STREAM.rawValue:
      do throws(ConnectionFault) {
        try inspector.sentReset(
          head.stream_id, HTTP2ErrorCode(rawValue: frame.pointee.rst_stream.error_code),
          isOurs: stream(head.stream_id)?.isReset ?? false)
      } catch {
        return fail(error)
      }
      return 0
    default: return 0
    }
  }

  private func messageSent(_ head: nghttp2_frame_hd) -> Int32 {
    guard role == .server else { return 0 }
    pings.sentFrame()
    // An answer that is complete before the request is makes the rest of it needless.
    guard head.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
      nghttp2_session_get_stream_remote_close(pointer, head.stream_id) == 0
    else { return 0 }
    stream(head.stream_id)?.isReset = true
    return nghttp2_submit_rst_stream(
      pointer, 0, head.stream_id, UInt32(NGHTTP2_NO_ERROR.rawValue))
  }

  func fill(
    _ id: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ flags: inout UInt32
  ) -> Int {
    withStream(id) { fill($0, buffer, &flags) }
      ?? Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  }

  private func fill(
    _ stream: HTTP2Stream, _ buffer: UnsafeMutableRawBufferPointer, _ flags: inout UInt32
  ) -> Int {
    let isDirect = min(buffer.count, stream.outbound.count) >= DirectOutput.leastBytes
    let count =
      isDirect
      ? min(buffer.count, stream.outbound.count) : take(from: stream) { $0.move(into: buffer) }
    if isDirect { flags |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue }
    if stream.outbound.count == (isDirect ? count : 0), stream.isOutboundEnded {
      flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
      if let trailers = stream.trailers, submitTrailers(stream.id, trailers) {
        flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
      }
    } else if count == 0 {
      stream.isDeferred = true
      return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
    return count
  }

  private func submitTrailers(_ id: Int32, _ trailers: Trailers) -> Bool {
    switch trailers {
    case .block(let block): nghttp2_submit_trailer(pointer, id, block.list, block.count) == 0
    case .fields(let fields):
      fields.withNameValues { nghttp2_submit_trailer(pointer, id, $0, $1) } == 0
    }
  }
}

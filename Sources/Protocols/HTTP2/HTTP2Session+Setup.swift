import CNghttp2

extension HTTP2Session {
  func create() throws(HTTP2Error) {
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    try check(nghttp2_session_callbacks_new(&callbacks))
    defer { nghttp2_session_callbacks_del(callbacks) }
    try check(nghttp2_option_new(&option))
    defer { nghttp2_option_del(option) }
    guard let callbacks, let option else { throw HTTP2Error(code: .library, message: "no memory") }
    Self.install(callbacks)
    if role == .client { Self.installForClient(callbacks) }
    setLimits(option)
    let context = Unmanaged.passUnretained(self).toOpaque()
    switch role {
    case .server: try check(nghttp2_session_server_new2(&pointer, callbacks, context, option))
    case .client: try check(nghttp2_session_client_new2(&pointer, callbacks, context, option))
    }
  }

  private func setLimits(_ option: OpaquePointer) {
    nghttp2_option_set_no_auto_window_update(option, 1)
    nghttp2_option_set_no_closed_streams(option, 1)
    nghttp2_option_set_peer_max_concurrent_streams(option, 100)
    nghttp2_option_set_max_reserved_remote_streams(option, 0)
    nghttp2_option_set_max_settings(option, 32)
    nghttp2_option_set_max_outbound_ack(option, configuration.maxQueuedFrames)
    // The inspector counts these better: the library counts a CONTINUATION again whenever its head
    // is cut, and takes 1,000 cancelled calls for an attack.
    nghttp2_option_set_max_continuations(option, 16 * configuration.maxHeaderFrames)
    nghttp2_option_set_stream_reset_rate_limit(option, .max, .max)
    // Our own bound answers with a status; this one only keeps the library in check.
    nghttp2_option_set_max_send_header_block_length(option, 1_048_576)
  }

  func submitSettings() throws(HTTP2Error) {
    var settings = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
        value: configuration.streamWindowBytes),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
        value: configuration.maxHeaderListBytes),
    ]
    switch role {
    case .server:
      settings.append(
        nghttp2_settings_entry(
          settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
          value: configuration.maxConcurrentStreams))
    case .client:
      settings.append(
        nghttp2_settings_entry(
          settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
    }
    try check(nghttp2_submit_settings(pointer, 0, settings, settings.count))
    try check(
      nghttp2_session_set_local_window_size(
        pointer, 0, 0, Int32(clamping: configuration.connectionWindowBytes)))
  }

  private func check(_ code: Int32) throws(HTTP2Error) {
    if code != 0 { throw HTTP2Error(library: Int(code)) }
  }

  private static func install(_ callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
      guard let frame else { return 0 }
      return with(context) { $0.headersBegin(frame.pointee.hd) }
    }
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, head, context in
      guard let head, head.pointee.type == UInt8(NGHTTP2_SETTINGS.rawValue) else { return 0 }
      return with(context) { session -> Int32 in
        session.settingsBegin()
        return 0
      }
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, context in
      guard let frame else { return 0 }
      return with(context) {
        $0.header(
          frame.pointee.hd, UnsafeRawBufferPointer(start: name, count: nameCount),
          UnsafeRawBufferPointer(start: value, count: valueCount))
      }
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
      guard let frame else { return 0 }
      return with(context) { $0.frameReceived(frame) }
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, id, bytes, count, context in
      with(context) { $0.data(id, UnsafeRawBufferPointer(start: bytes, count: count)) }
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, context in
      with(context) { $0.streamClosed(id, HTTP2ErrorCode(rawValue: code)) }
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
      guard let frame else { return 0 }
      return with(context) { $0.frameSent(frame) }
    }
    nghttp2_session_callbacks_set_send_data_callback(callbacks) {
      _, frame, head, count, _, context in
      guard let frame, let head else { return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
      return with(context) {
        $0.sendDirectly(
          frame.pointee.hd.stream_id, head: UnsafeRawBufferPointer(start: head, count: 9),
          count: count)
      }
    }
  }

  private static func installForClient(_ callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_before_frame_send_callback(callbacks) { _, frame, context in
      guard let frame else { return 0 }
      return with(context) { $0.requestLeaves(frame.pointee.hd) }
    }
  }

  static var dataProvider: nghttp2_data_provider {
    nghttp2_data_provider(source: nghttp2_data_source()) {
      _, id, buffer, count, flags, _, context in
      guard let flags else { return 0 }
      return with(context) {
        $0.fill(id, UnsafeMutableRawBufferPointer(start: buffer, count: count), &flags.pointee)
      }
    }
  }
}

/// Calls a session back without counting a reference to it: the library calls only within
/// `receive`, `takeOutput` and `close`, and whoever runs one of those keeps the session alive.
private func with<Number: BinaryInteger>(
  _ context: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Number
) -> Number {
  guard let context else { return 0 }
  return Unmanaged<HTTP2Session>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
}

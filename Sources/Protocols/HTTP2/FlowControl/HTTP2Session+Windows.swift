import CNghttp2

/// Receive windows that grow.
extension HTTP2Session {
  /// The first byte of the PINGs that measure the path; others begin with 0.
  static let windowProbe: UInt8 = 1

  func submitPing(_ content: [UInt8]?) {
    guard let pointer else { return }
    let code = content?.withUnsafeBufferPointer { nghttp2_submit_ping(pointer, 0, $0.baseAddress) }
    if code ?? nghttp2_submit_ping(pointer, 0, nil) == 0 {
      inspector.sentPing()
      markOutput()
    }
  }

  func probeWindows() { submitPing([Self.windowProbe, 0, 0, 0, 0, 0, 0, 0]) }

  /// What is left of the window that a stream gives the peer.
  func receivableBytes(of stream: HTTP2Stream) -> Int {
    guard let pointer else { return 0 }
    return max(0, Int(nghttp2_session_get_stream_local_window_size(pointer, stream.id)))
  }

  /// Lets the peer send more before we take it, where all connections together leave room for that;
  /// a failure leaves the windows as they are.
  func growWindows(from before: Int) {
    let size = UInt32(clamping: windows.windowBytes)
    let growth = max(0, 4 * Int(size) - Int(configuration.connectionWindowBytes))
    guard inbound.grow(to: max(growth, Int(size))) else { return windows.stay(at: before) }
    let setting = nghttp2_settings_entry(
      settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: size)
    _ = withUnsafePointer(to: setting) { nghttp2_submit_settings(pointer, 0, $0, 1) }
    let connection = max(configuration.connectionWindowBytes, 4 * size)
    _ = nghttp2_session_set_local_window_size(pointer, 0, 0, Int32(clamping: connection))
    markOutput()
  }
}

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

  /// Lets the peer send more before we take it; a failure leaves the windows as they are.
  func growWindows() {
    let size = UInt32(clamping: windows.windowBytes)
    let setting = nghttp2_settings_entry(
      settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: size)
    _ = withUnsafePointer(to: setting) { nghttp2_submit_settings(pointer, 0, $0, 1) }
    let connection = max(configuration.connectionWindowBytes, 4 * size)
    _ = nghttp2_session_set_local_window_size(pointer, 0, 0, Int32(clamping: connection))
    markOutput()
  }
}

import CNghttp2

extension HTTP2Session {
  /// Bytes of a header list that the peer says to take, as `HeaderFields.listBytes` counts them.
  var peerHeaderListBytes: Int {
    guard let pointer else { return 0 }
    return Int(nghttp2_session_get_remote_settings(pointer, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE))
  }
}

extension HTTP2Stream {
  /// Bytes of a header list that the peer says to take, as `HeaderFields.listBytes` counts them.
  package var peerHeaderListBytes: Int {
    session?._withUnsafeGuaranteedRef { $0.peerHeaderListBytes } ?? 0
  }
}

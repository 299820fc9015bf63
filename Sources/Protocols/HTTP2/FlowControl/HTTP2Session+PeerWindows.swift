import CNghttp2

/// What the peer lets us send on streams, before SETTINGS change it.
struct PeerWindows {
  /// The window of a new stream.
  let initial: Int
  /// The largest window of the open streams.
  let largest: Int

  /// Whether a window passes the largest that there may be when new streams get `next`.
  func overflow(at next: Int) -> Bool { largest + next - initial > Int(Int32.max) }
}

/// SETTINGS that make a window too large end the connection (RFC 9113 section 6.9.2); nghttp2 ends
/// the stream alone, and says so to nobody.
extension HTTP2Session {
  private var initialPeerWindow: Int {
    Int(
      nghttp2_session_get_remote_settings(pointer, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE))
  }

  /// SETTINGS begin, or go on: nothing is sent from here until the end of `receive`.
  func settingsBegin() {
    var largest = 0
    forEachStream { stream in
      let window = nghttp2_session_get_stream_remote_window_size(pointer, stream.id)
      largest = max(largest, Int(window))
    }
    beforeSettings = PeerWindows(initial: initialPeerWindow, largest: largest)
  }

  /// SETTINGS are in force; returns why the connection has to end for them.
  func settingsEnd() -> ConnectionFault? {
    defer { beforeSettings = nil }
    guard openStreams > 0, beforeSettings?.overflow(at: initialPeerWindow) == true else {
      return nil
    }
    return ConnectionFault(.flowControlError, "SETTINGS make the window of a stream too large")
  }
}

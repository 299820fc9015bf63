/// Which streams a client has opened and not ended, as seen from its frames alone.
///
/// nghttp2 forgets closed streams and lets frames on them pass. This keeps what RFC 9113 section
/// 5.1 needs: the open ids, the few that we cut and that the client may still send on, and the
/// ids that were skipped. When a list is full its oldest part is forgotten, and frames on
/// forgotten streams pass.
struct PeerStreams {
  static let maxOpen = 4096
  static let maxCut = 256
  static let maxGaps = 32

  private var open: [Int32] = []
  private var cut: [Int32] = []
  private var gaps: [ClosedRange<Int32>] = []
  private var last: Int32 = -1
  /// Nothing is known about closed streams up to here.
  private var forgotten: Int32 = -1

  /// Headers arrive on a stream: they open it, or are its trailers.
  mutating func headers(_ id: Int32, ends: Bool) -> ConnectionFault? {
    guard id > 0, id & 1 == 1 else { return nil }
    guard id > last else { return frame(id, ends: ends, isHeaders: true) }
    if id > last + 2 { skip((last + 2)...(id - 2)) }
    last = id
    if !ends { begin(id) }
    return nil
  }

  /// Data arrives on a stream.
  mutating func data(_ id: Int32, ends: Bool) -> ConnectionFault? {
    // An idle stream is nghttp2's to refuse.
    guard id > 0, id & 1 == 1, id <= last else { return nil }
    return frame(id, ends: ends, isHeaders: false)
  }

  /// The client has reset a stream.
  mutating func reset(_ id: Int32) {
    if let index = open.lastIndex(of: id) { open.remove(at: index) }
  }

  /// We have reset a stream; the client may not know yet.
  mutating func cut(_ id: Int32) {
    guard let index = open.lastIndex(of: id) else { return }
    open.remove(at: index)
    cut.append(id)
    if cut.count > Self.maxCut { forgotten = max(forgotten, cut.removeFirst()) }
  }

  private mutating func begin(_ id: Int32) {
    open.append(id)
    guard open.count > Self.maxOpen else { return }
    forgotten = max(forgotten, open[Self.maxOpen / 2 - 1])
    open.removeFirst(Self.maxOpen / 2)
  }

  private mutating func skip(_ ids: ClosedRange<Int32>) {
    gaps.append(ids)
    if gaps.count > Self.maxGaps { forgotten = max(forgotten, gaps.removeFirst().upperBound) }
  }

  private mutating func frame(_ id: Int32, ends: Bool, isHeaders: Bool) -> ConnectionFault? {
    // The newest streams are the busiest.
    if let index = open.lastIndex(of: id) {
      if ends { open.remove(at: index) }
      return nil
    }
    if id <= forgotten || cut.contains(id) { return nil }
    if isHeaders, gaps.contains(where: { $0.contains(id) }) {
      return ConnectionFault(.protocolError, "a stream was opened below one that was opened before")
    }
    return ConnectionFault(.streamClosed, "a frame arrived on a stream that its sender had ended")
  }
}

/// Why a connection must end, and what the peer is told.
struct ConnectionFault: Error, Equatable {
  let code: HTTP2ErrorCode
  let message: String

  init(_ code: HTTP2ErrorCode, _ message: String) {
    self.code = code
    self.message = message
  }

  /// A bound was passed.
  static func calm(_ message: String) -> ConnectionFault {
    ConnectionFault(.enhanceYourCalm, message)
  }
}

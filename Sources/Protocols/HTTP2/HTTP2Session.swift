import CNghttp2
package import Reactor

/// One side of an HTTP/2 connection as a pure object: bytes in, events and bytes out.
///
/// It wraps a session of nghttp2 (https://nghttp2.org/documentation/). It has no socket, its clock
/// is given, and it is used from one thread at a time.
package final class HTTP2Session {
  /// Which side of the connection it is.
  package enum Role: Sendable { case server, client }

  package let role: Role
  package let configuration: HTTP2Configuration
  /// Who owns the session, and takes itself out before it goes: a weak reference would cost each
  /// stream more than what it tells.
  unowned(unsafe) var delegate: (any HTTP2SessionDelegate)?

  var pointer: OpaquePointer?
  /// The open streams, in no order; each is counted once for its place here.
  private var streams: [Unmanaged<HTTP2Stream>] = []
  /// Streams that were ever open.
  package private(set) var openedStreams = 0
  package internal(set) var hasReceivedSettings = false
  package internal(set) var isDraining = false

  private var isBusy = false
  private var isOutputMarked = false
  private var closeCode: HTTP2ErrorCode?
  /// Why a callback has stopped the library.
  var fault: ConnectionFault?

  let clock: () -> MonotonicTime
  var inspector: FrameInspector
  var pings: PingPolicy
  var windows: WindowEstimator
  /// What stood before the SETTINGS that arrive now.
  var beforeSettings: PeerWindows?

  var fields = HeaderFields()
  /// Decoded bytes of the present header list, delivered or not.
  var decodedBytes = 0
  /// Bytes that the window waits for or that handlers keep.
  var inbound: ByteLedger.Entry
  /// What open streams hold that no window counts: their metadata, and themselves.
  var opened: ByteLedger.Entry
  var owedBytes = 0
  /// Whether somebody is to look for room in the process.
  var awaitsRoom = false
  /// Bytes that wait for the peer's windows or for the socket.
  var outbound: ByteLedger.Entry
  /// Bytes that wait for room among those.
  var reserved: ByteLedger.Entry
  /// Where `takeOutput` passes bytes to, while it runs.
  var direct: DirectOutput?
  /// Whether a stream waits for the queues of all to shrink.
  var isOutboundFull = false
  /// Whether streams that waited may have room now.
  var hasNewRoom = false

  /// Creates the session and queues its SETTINGS.
  ///
  /// - Throws: `HTTP2Error` when the library lacks memory.
  package init(
    role: Role, configuration: HTTP2Configuration, ledgers: HTTP2Ledgers? = nil,
    clock: @escaping () -> MonotonicTime = { .now() }, delegate: any HTTP2SessionDelegate
  ) throws(HTTP2Error) {
    self.role = role
    self.configuration = configuration
    self.delegate = delegate
    self.clock = clock
    inspector = FrameInspector(
      isServer: role == .server, configuration: configuration, clock: clock)
    pings = PingPolicy(configuration)
    windows = WindowEstimator(
      windowBytes: Int(configuration.streamWindowBytes),
      maxBytes: Int(configuration.maxStreamWindowBytes))
    inbound = ByteLedger.Entry(ledgers?.inbound)
    opened = ByteLedger.Entry(ledgers?.inbound)
    outbound = ByteLedger.Entry(ledgers?.outbound)
    reserved = ByteLedger.Entry(ledgers?.outbound)
    try create()
    try submitSettings()
  }

  deinit { close() }

  // MARK: Bytes

  /// Takes bytes from the peer.
  ///
  /// - Throws: `HTTP2Error` when the connection must be closed.
  package func receive(_ bytes: RawSpan) throws(HTTP2Error) {
    guard let pointer else { throw HTTP2Error(code: .closed, message: "the session is closed") }
    precondition(!isBusy, "a callback fed its session")
    isBusy = true
    // What was sent since the frame began has made windows smaller.
    if beforeSettings != nil { settingsBegin() }
    let count = bytes.withUnsafeBytes { buffer in
      do throws(ConnectionFault) {
        try inspector.inspect(buffer)
      } catch {
        fault = error
        return 0
      }
      return nghttp2_session_mem_recv(
        pointer, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), buffer.count)
    }
    try leave(count)
    if nghttp2_session_get_outbound_queue_size(pointer) > configuration.maxQueuedFrames {
      throw HTTP2Error(.calm("the peer does not read what it makes us send"))
    }
    markOutput()
  }

  /// Ends a call into the library, and carries out a `close` that was asked for within it.
  private func leave(_ count: Int) throws(HTTP2Error) {
    isBusy = false
    if let closeCode {
      close(closeCode)
      throw HTTP2Error(code: .closed, message: "the session is closed")
    }
    if let fault { throw HTTP2Error(fault) }
    if count < 0 { throw HTTP2Error(library: count) }
  }

  var isClosing: Bool { closeCode != nil }

  func markOutput() {
    guard !isOutputMarked else { return }
    isOutputMarked = true
    delegate?.sessionHasOutput()
  }

  /// Passes at most about `limit` bytes for the peer to `sink`, frame by frame.
  ///
  /// - Returns: whether there is nothing left to send now.
  package func takeOutput(
    limit: Int, _ sink: (RawSpan) -> Void
  ) throws(HTTP2Error) -> Bool {
    // Within a callback there is nothing to take yet.
    if isBusy { return true }
    isOutputMarked = false
    defer { wakeBlockedStreams() }
    return try withoutActuallyEscaping(sink) { sink throws(HTTP2Error) in
      direct = DirectOutput(sink: sink, room: limit)
      defer { direct = nil }
      return try passOutput(to: sink)
    }
  }

  private func passOutput(to sink: (RawSpan) -> Void) throws(HTTP2Error) -> Bool {
    while direct?.room ?? 0 > 0 {
      guard let pointer else { return true }
      var bytes: UnsafePointer<UInt8>?
      isBusy = true
      let count = nghttp2_session_mem_send(pointer, &bytes)
      try leave(count)
      guard count > 0, let bytes else { return self.direct?.room ?? 0 > 0 }
      sink(UnsafeRawBufferPointer(start: bytes, count: count).bytes)
      self.direct?.room -= count
    }
    return false
  }

  /// What the peer may send on a stream before its handler takes it.
  package var streamWindowBytes: Int { windows.windowBytes }

  /// Whether both directions are over, so that the connection can be closed.
  package var isFinished: Bool {
    guard let pointer else { return true }
    return nghttp2_session_want_read(pointer) == 0 && nghttp2_session_want_write(pointer) == 0
  }

  // MARK: The connection

  /// Bytes that each side lets the other send, on all streams together.
  var credit: (send: Int, receive: Int)? {
    guard let pointer else { return nil }
    return (
      Int(nghttp2_session_get_remote_window_size(pointer)),
      Int(nghttp2_session_get_local_window_size(pointer))
    )
  }

  /// Probes the peer.
  package func ping() { submitPing(nil) }

  /// Tells the peer to open no more streams; those under way go on.
  package func announceShutdown() {
    guard let pointer, role == .server else { return }
    isDraining = true
    if nghttp2_submit_shutdown_notice(pointer) == 0 { markOutput() }
  }

  /// Refuses streams from now on; the session is finished when the open ones are.
  package func goAway(_ code: HTTP2ErrorCode = .noError) {
    guard let pointer else { return }
    isDraining = true
    let last = nghttp2_session_get_last_proc_stream_id(pointer)
    if nghttp2_submit_goaway(pointer, 0, last, code.rawValue, nil, 0) == 0 {
      markOutput()
    }
  }

  /// A GOAWAY that can be sent past the library, also when that has failed.
  func farewell(_ code: HTTP2ErrorCode, _ reason: String) -> [UInt8] {
    let last = pointer.map { max(0, nghttp2_session_get_last_proc_stream_id($0)) } ?? 0
    let text = reason.utf8.prefix(128)
    var bytes: [UInt8] = [
      0, 0, UInt8(8 + text.count), UInt8(NGHTTP2_GOAWAY.rawValue), 0, 0, 0, 0, 0,
    ]
    for word in [UInt32(bitPattern: last), code.rawValue] {
      withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) }
    }
    return bytes + text
  }

  /// Lets each handler look whether its peer is too slow.
  func ageStreams() {
    forEachStream { $0.handler?.streamAged() }
  }

  /// Opens a stream as the client.
  ///
  /// - Throws: `HTTP2Error` with code `draining` when the connection takes no new streams,
  ///   `tooLarge` when the peer takes no such header list.
  package func request(
    _ fields: HeaderFields, handler: any HTTP2StreamHandler
  ) throws(HTTP2Error) -> HTTP2Stream {
    guard let pointer, !isDraining else {
      throw HTTP2Error(code: .draining, message: "the connection takes no new streams")
    }
    guard fields.listBytes <= peerHeaderListBytes else {
      throw HTTP2Error(
        code: .tooLarge,
        message: "\(fields.listBytes) bytes of headers, the peer takes \(peerHeaderListBytes)")
    }
    let stream = HTTP2Stream(id: 0, session: self)
    stream.handler = handler
    var provider = Self.dataProvider
    let id = fields.withNameValues { list, count in
      nghttp2_submit_request(
        pointer, nil, list, count, &provider, Unmanaged.passUnretained(stream).toOpaque())
    }
    guard id >= 0 else {
      stream.session = nil
      throw HTTP2Error(library: Int(id))
    }
    stream.id = id
    link(stream)
    markOutput()
    return stream
  }

  /// Frees the session and ends every open stream with `code`.
  ///
  /// Asked for during `receive` or `takeOutput`, it happens at the end of that call.
  package func close(_ code: HTTP2ErrorCode = .connectionLost) {
    guard let pointer else { return }
    if isBusy {
      closeCode = closeCode ?? code
      return
    }
    self.pointer = nil
    nghttp2_session_del(pointer)
    while let stream = streams.last { end(stream.takeUnretainedValue(), code) }
    inbound.close()
    opened.close()
    outbound.close()
    reserved.close()
  }

  // MARK: Streams

  /// Streams that are open now.
  package var openStreams: Int { streams.count }

  func link(_ stream: HTTP2Stream) {
    stream.place = streams.count
    streams.append(.passRetained(stream))
    openedStreams += 1
  }

  /// Takes a stream out of the list; the caller holds it.
  private func unlink(_ stream: HTTP2Stream) {
    let last = streams.removeLast()
    if stream.place < streams.count {
      streams[stream.place] = last
      last._withUnsafeGuaranteedRef { $0.place = stream.place }
    }
    Unmanaged.passUnretained(stream).release()
  }

  /// Calls `body` with each stream that is open now, the oldest first.
  func forEachStream(_ body: (HTTP2Stream) -> Void) {
    let streams = streams.map { $0.takeUnretainedValue() }.sorted { $0.id < $1.id }
    for stream in streams where !stream.isClosed { body(stream) }
  }

  /// Takes a stream out and tells its handler.
  func end(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
    guard !stream.isClosed else { return }
    unlink(stream)
    opened.add(-stream.openBytes)
    stream.openBytes = 0
    release(stream.unconsumedBytes + stream.heldBytes)
    (stream.unconsumedBytes, stream.heldBytes) = (0, 0)
    discardOutput(of: stream)
    _ = reserve(stream, 0)
    stream.session = nil
    let handler = stream.handler
    stream.handler = nil
    handler?.streamClosed(code)
  }
}

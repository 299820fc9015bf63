import CNghttp2

/// What streams ask of their session.
extension HTTP2Session {
  func submitResponse(
    _ stream: HTTP2Stream, _ list: UnsafePointer<nghttp2_nv>?, _ count: Int, endsStream: Bool
  ) {
    var provider = Self.dataProvider
    let code = withUnsafePointer(to: &provider) { provider in
      nghttp2_submit_response(pointer, stream.id, list, count, endsStream ? nil : provider)
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

  /// Adds body bytes to a stream's queue.
  func enqueue(_ chunk: consuming OutboundChunk, on stream: HTTP2Stream) {
    outbound.add(chunk.count)
    stream.outbound.append(chunk)
    resume(stream)
  }

  /// Whether all queues that a stream's bytes stand in are below their bounds.
  func isWritable(_ stream: HTTP2Stream) -> Bool {
    let hasRoom = hasOutboundRoom
    if hasRoom, stream.outbound.count < configuration.streamQueueBytes { return true }
    stream.wasBlocked = true
    if !hasRoom { isOutboundFull = true }
    return false
  }

  func discardOutput(of stream: HTTP2Stream) {
    guard stream.outbound.count > 0 else { return }
    outbound.add(-stream.outbound.count)
    stream.outbound.removeAll()
    noteRoom(on: stream)
  }

  /// Sets how many bytes of a stream wait until they may be queued; false when they are too many.
  func reserve(_ stream: HTTP2Stream, _ count: Int) -> Bool {
    reserved.add(count - stream.reservedBytes)
    stream.reservedBytes = count
    return count == 0 || !reserved.isOverdrawn
  }

  /// Whether the queues of all streams together leave room for more.
  var hasOutboundRoom: Bool {
    outbound.bytes < configuration.connectionQueueBytes && !outbound.isOverdrawn
  }

  /// A queue has become shorter.
  func noteRoom(on stream: HTTP2Stream) {
    if stream.wasBlocked, stream.outbound.count < configuration.streamQueueBytes / 2 {
      hasNewRoom = true
    }
    if isOutboundFull, outbound.bytes < configuration.connectionQueueBytes / 2, hasOutboundRoom {
      isOutboundFull = false
      hasNewRoom = true
    }
  }

  /// Tells streams that had to wait for room that there is some, the oldest first.
  func wakeBlockedStreams() {
    guard hasNewRoom else { return }
    hasNewRoom = false
    forEachStream { stream in
      guard stream.wasBlocked, stream.outbound.count < configuration.streamQueueBytes / 2 else {
        return
      }
      // Those before may have filled the room again.
      guard hasOutboundRoom else {
        isOutboundFull = true
        return
      }
      stream.wasBlocked = false
      stream.handler?.streamBecameWritable()
    }
  }

  func consume(_ stream: HTTP2Stream, _ count: Int) {
    precondition(count <= stream.unconsumedBytes, "more was consumed than was delivered")
    guard count > 0 else { return }
    if windows.received(count, clock) { probeWindows() }
    stream.unconsumedBytes -= count
    release(count)
    // It fails only for a stream that is being closed, whose window no longer matters.
    _ = nghttp2_session_consume_stream(pointer, stream.id, count)
    markOutput()
  }

  /// Sets how many bytes a handler keeps that the window does not wait for; false when they are
  /// too many, all streams together.
  func hold(_ stream: HTTP2Stream, _ count: Int) -> Bool {
    let more = count - stream.heldBytes
    guard more != 0 else { return true }
    stream.heldBytes = count
    if more < 0 {
      release(-more)
      return true
    }
    inbound.add(more)
    return hasInboundRoom
  }

  var hasInboundRoom: Bool {
    inbound.bytes <= configuration.connectionBufferBytes && !inbound.isOverdrawn
  }

  /// Asks to be told of room in the process, which other connections make.
  func awaitRoom() {
    guard !awaitsRoom else { return }
    awaitsRoom = true
    delegate?.sessionAwaitsRoom()
  }

  /// Goes on where there is room again; else it asks once more.
  func lookForRoom() {
    guard awaitsRoom else { return }
    awaitsRoom = false
    guard hasInboundRoom else { return awaitRoom() }
    payOwed()
    forEachStream { $0.handler?.streamGotRoom() }
  }

  /// Makes room.
  func release(_ count: Int) {
    inbound.add(-count)
    payOwed()
  }

  /// Pays back to the connection's window what was withheld while handlers lagged behind.
  private func payOwed() {
    guard owedBytes > 0, hasInboundRoom, let pointer else { return }
    _ = nghttp2_session_consume_connection(pointer, owedBytes)
    owedBytes = 0
    markOutput()
  }
}

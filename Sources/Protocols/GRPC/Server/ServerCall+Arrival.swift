import HTTP2

extension ServerCall {
  /// The bytes that the next message takes in memory, nil after the last. It waits until the
  /// message is there, or much of it, and takes nothing: the window stays as it is.
  func arrival() async throws -> Int? {
    precondition(loop.isCurrent, "a stream is read on its loop")
    bounds.isPatient = true
    while true {
      if let failure { throw failure }
      if let next = deframer.announced, next.isWhole || isWorthTaking(next) {
        // What a compressed message becomes is known when it is there.
        return next.isCompressed ? shared.configuration.maxRequestBytes : next.byteCount
      }
      if state.hasRequestEnded { return nil }
      let ticket = arrivals.nextTicket()
      try await withTaskCancellationHandler {
        try await withUnsafeThrowingContinuation { arrivals.wait(ticket, $0) }
      } onCancel: {
        loop.execute { self.arrivals.cancel(ticket) }
      }
    }
  }

  /// Whether the peer can send no more of a message until some of it is taken, and there is room
  /// for the rest.
  private func isWorthTaking(_ next: MessageDeframer.Announced) -> Bool {
    next.byteCount - next.receivedBytes > stream.receivableBytes && hasRoomOrWaits()
  }

  /// False when the call waits until requests leave room in memory: it goes on then, and meanwhile
  /// its peer may send no more. A call that takes messages as they come does not wait, and is given
  /// up when it has to keep too much.
  func hasRoomOrWaits() -> Bool {
    bounds.awaitsRoom = bounds.isPatient && !stream.hasInboundRoom
    if bounds.awaitsRoom { stream.awaitRoom() }
    return !bounds.awaitsRoom
  }

  func streamGotRoom() {
    bounds.awaitsRoom = false
    arrivals.resumeAll()
    guard reader.isWaiting, failure == nil, hasRoomOrWaits() else { return }
    stream.consume(stream.unconsumedBytes)
    _ = stream.hold(keptBytes)
  }
}

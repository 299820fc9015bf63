import HTTP2

extension ServerCall {
  /// A message of which so much has come is worth taking before the rest has: the peer may not be
  /// able to send more until some is taken.
  private static let worthTakingBytes = 32_768

  /// The bytes that the next message takes in memory, nil after the last. It waits until the
  /// message is there, or much of it, and takes nothing: the window stays as it is.
  func arrival() async throws -> Int? {
    precondition(loop.isCurrent, "a stream is read on its loop")
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

  /// With no room for requests in this process nobody may send the rest; then who reads is refused,
  /// and makes room.
  private func isWorthTaking(_ next: MessageDeframer.Announced) -> Bool {
    next.receivedBytes >= Self.worthTakingBytes || !stream.hasInboundRoom
  }
}

/// What happens on one stream; every method is called on the connection's loop.
///
/// No method may feed or drain the session; submitting frames through the stream is fine.
package protocol HTTP2StreamHandler: AnyObject {
  /// The header block of a request or response.
  func streamReceivedHeaders(_ fields: HeaderFields)
  /// Body bytes, valid during the call; give their count back by `HTTP2Stream.consume`.
  func streamReceivedData(_ bytes: RawSpan)
  /// The trailers, which end the body.
  func streamReceivedTrailers(_ fields: HeaderFields)
  /// The peer has ended its side.
  func streamReceivedEnd()
  /// The header block was larger than the bound; nothing else is delivered.
  func streamHeadersTooLarge()
  /// There is room in the queue again.
  func streamBecameWritable()
  /// Some time has passed, `HTTP2Configuration.messageTimeout` since the last such call at least.
  func streamAged()
  /// There is room again for what requests bring, after `HTTP2Stream.awaitRoom`.
  func streamGotRoom()
  /// The stream is over; called once, last.
  func streamClosed(_ code: HTTP2ErrorCode)
}

extension HTTP2StreamHandler {
  package func streamAged() {}
  package func streamGotRoom() {}
}

/// What ends our side of a stream.
enum Trailers {
  case block(HeaderBlock)
  case fields(HeaderFields)
}

/// One HTTP/2 stream; it is used on its connection's loop only.
///
/// After the stream is closed every method does nothing.
package final class HTTP2Stream {
  package internal(set) var id: Int32
  /// Held until the stream is closed.
  package var handler: (any HTTP2StreamHandler)?

  /// Not counted, which would cost more than what is asked of it: the session closes its streams
  /// before it goes, and then this is nil.
  var session: Unmanaged<HTTP2Session>?
  /// The place among the session's streams.
  var place = 0

  var outbound = OutboundQueue()
  var trailers: Trailers?
  var isOutboundEnded = false
  var isDeferred = false
  var hasHeaders = false
  var isTooLarge = false
  var isReset = false
  /// Whether a client's request has begun to leave; false for one that waits for its turn.
  package internal(set) var wasSent = false
  var wasBlocked = false
  /// Bytes delivered to the handler and not consumed yet.
  package internal(set) var unconsumedBytes = 0
  /// Bytes that wait until they may be queued.
  var reservedBytes = 0
  /// What the stream costs while it is open, beside its bytes.
  var openBytes = 0
  /// Bytes that the handler has consumed and keeps nevertheless.
  var heldBytes = 0

  init(id: Int32, session: HTTP2Session) {
    self.id = id
    self.session = .passUnretained(session)
  }

  /// Whether the stream is over.
  package var isClosed: Bool { session == nil }

  /// Bytes that wait for the peer's window or for the socket.
  package var queuedBytes: Int { outbound.count }

  /// Whether the stream's queue, those of its connection and those of the whole process are below
  /// their bounds; `streamBecameWritable` tells when it is so again.
  package var isWritable: Bool {
    session?._withUnsafeGuaranteedRef { $0.isWritable(self) } ?? false
  }

  /// Counts bytes that wait for `isWritable` with those that are queued, until it is called with 0.
  ///
  /// - Returns: false when all connections together hold too many; then nobody should wait.
  package func reserve(_ count: Int) -> Bool {
    session?._withUnsafeGuaranteedRef { $0.reserve(self, count) } ?? true
  }

  /// Sends the response headers; `endsStream` when nothing follows.
  package func respond(_ fields: HeaderFields, endsStream: Bool) {
    session?._withUnsafeGuaranteedRef { session in
      fields.withNameValues { session.submitResponse(self, $0, $1, endsStream: endsStream) }
    }
  }

  /// Sends response headers that were prepared, which a body follows.
  package func respond(_ block: HeaderBlock) {
    session?._withUnsafeGuaranteedRef {
      $0.submitResponse(self, block.list, block.count, endsStream: false)
    }
  }

  /// Queues body bytes; the caller keeps to `isWritable`.
  package func send(_ chunk: consuming OutboundChunk) {
    guard let session, !isOutboundEnded, !isReset else { return }
    let owned = chunk
    session._withUnsafeGuaranteedRef { $0.enqueue(owned, on: self) }
  }

  /// Ends our side after what is queued, with trailers if there are any.
  package func finish(trailers: HeaderFields? = nil) {
    finish(trailers.map(Trailers.fields))
  }

  /// Ends our side after what is queued, with trailers that were prepared.
  package func finish(trailers: HeaderBlock) {
    finish(.block(trailers))
  }

  private func finish(_ trailers: Trailers?) {
    guard let session, !isOutboundEnded, !isReset else { return }
    isOutboundEnded = true
    self.trailers = trailers
    session._withUnsafeGuaranteedRef { $0.resume(self) }
  }

  /// Ends the stream at once in both directions.
  package func reset(_ code: HTTP2ErrorCode) {
    guard let session, !isReset else { return }
    isReset = true
    session._withUnsafeGuaranteedRef {
      $0.discardOutput(of: self)
      $0.submitReset(self, code)
    }
  }

  /// Says how many bytes the handler keeps although it has consumed them.
  ///
  /// - Returns: false when all streams together keep too many; then the call has to be given up.
  package func hold(_ count: Int) -> Bool {
    session?._withUnsafeGuaranteedRef { $0.hold(self, count) } ?? true
  }

  /// Whether there is room for more of what requests bring, on the connection and in the process.
  package var hasInboundRoom: Bool {
    session?._withUnsafeGuaranteedRef { $0.hasInboundRoom } ?? true
  }

  /// Whether the connection's window is withheld from the peer until there is such room.
  package var isConnectionHeldUp: Bool {
    session?._withUnsafeGuaranteedRef { $0.owedBytes > 0 } ?? false
  }

  /// Asks for `streamGotRoom` once there is such room.
  package func awaitRoom() { session?._withUnsafeGuaranteedRef { $0.awaitRoom() } }

  /// Bytes that the peer may send before more are consumed, as far as the stream goes.
  package var receivableBytes: Int {
    session?._withUnsafeGuaranteedRef { $0.receivableBytes(of: self) } ?? 0
  }

  /// Says that the handler is done with bytes, so that the peer may send as many more.
  package func consume(_ count: Int) {
    session?._withUnsafeGuaranteedRef { $0.consume(self, count) }
  }
}

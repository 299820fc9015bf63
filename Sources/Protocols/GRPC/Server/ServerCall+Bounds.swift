import HTTP2

/// What a call does that others have to be guarded against.
struct CallBounds {
  /// Whether a task of the handler runs.
  var isRunning = false
  /// Whether it runs although the stream is over.
  var isAbandoned = false
  /// Whether a unary handler waits until the client reads what others have answered.
  var isParked = false
  /// Bytes of answers that wait for room.
  var waitingBytes = 0
  /// The message that was incomplete when the stream aged last, -1 for none.
  var lateMessage = -1
  /// How often the stream has aged since then.
  var lateCount = 0
  /// Whether the handler asks how large messages are before it takes them.
  var isPatient = false
  /// Whether the peer may send no more because requests fill the memory.
  var awaitsRoom = false
}

extension ServerCall {
  /// Smaller requests are not worth the count.
  private static let uncountedBytes = 4096

  /// Bytes of requests in memory that the window does not wait for.
  var keptBytes: Int {
    let kept = deframer.heldBytes + (request?.bytes.count ?? 0) - stream.unconsumedBytes
    return kept < Self.uncountedBytes ? 0 : kept
  }

  /// Gives the call up when requests fill the memory that the connection or the process has.
  func countMemory() throws(RPCError) {
    guard !stream.hold(keptBytes), !bounds.isPatient else { return }
    deframer = MessageDeframer(maxMessageBytes: 0)
    request = nil
    throw RPCError(.resourceExhausted, "too many requests wait in the server's memory")
  }

  /// Counts an answer that waits for room; it is given up when all connections hold too many.
  func beginWait(for count: Int) throws(RPCError) {
    bounds.waitingBytes += count
    guard !stream.reserve(bounds.waitingBytes) else { return }
    throw RPCError(.resourceExhausted, "too many answers wait in the server's memory")
  }

  func endWait(for count: Int) {
    bounds.waitingBytes -= count
    _ = stream.reserve(bounds.waitingBytes)
  }

  /// Ages that a message may take which waits for others to make room.
  private static let patience = 5

  /// A message that was incomplete at the last time and still is has taken too long, if all the
  /// while we could have taken it, and the peer was free to send it; where nobody makes room it has
  /// to go at last.
  func streamAged() {
    let isRead = reader.isWaiting || !arrivals.isEmpty
    arrivals.resumeAll()
    let isWanted = failure == nil && !state.hasRequestEnded && (isUnary || isRead)
    guard isWanted, isUnary || deframer.isInsideMessage else {
      bounds.lateMessage = -1
      return
    }
    guard bounds.lateMessage == deframer.messageCount else {
      bounds.lateMessage = deframer.messageCount
      bounds.lateCount = 0
      return
    }
    bounds.lateCount += 1
    let isHeldUp = bounds.awaitsRoom || stream.isConnectionHeldUp
    guard bounds.lateCount >= (isHeldUp ? Self.patience : 1) else { return }
    fail(RPCError(.deadlineExceeded, "the message took too long to arrive"))
  }

  /// The stream is over; a handler that runs on is counted until it ends.
  func abandon() {
    bounds.isParked = false
    guard bounds.isRunning else { return }
    bounds.isAbandoned = true
    connection.abandonedHandlers += 1
  }

  func handlerEnded() {
    bounds.isRunning = false
    if bounds.isAbandoned { connection.abandonedHandlers -= 1 }
  }
}

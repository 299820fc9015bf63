import HTTP2
import Reactor

// What is counted of a call, and what the interceptors hear of it.
extension ServerCall {
  func tellInterceptors(_ context: ServerContext) -> RPCError? {
    var told = 0
    defer { tally?.told = told }
    do throws(RPCError) {
      try shared.beginnings?.tellBeginning(context, &told)
      return nil
    } catch {
      return error
    }
  }

  /// Ends the call when an interceptor does not let it go on.
  func check() {
    guard failure == nil, let context else { return }
    do throws(RPCError) {
      try shared.beginnings?.tellContinuation(context)
    } catch {
      let isBlocked = stream.queuedBytes > 0
      fail(error)
      // The status would wait behind what the client does not read.
      if isBlocked { stream.reset(.cancel) }
    }
  }

  func count(streamEnd code: HTTP2ErrorCode) {
    if code == .noError {
      connection.counts.streamsSucceeded += 1
    } else {
      connection.counts.streamsFailed += 1
    }
  }

  /// The call has a status, or nobody to send one to.
  func ended(_ failure: RPCError?, isOfHandler: Bool = false) {
    ended(CallEnd(code: failure?.code ?? .ok, failure: failure, isOfHandler: isOfHandler))
  }

  /// The client has left a call that had no status yet.
  func endedAbandoned() { ended(CallEnd(code: .cancelled, isAbandoned: true)) }

  private func ended(_ end: CallEnd) {
    if end.code == .ok {
      connection.counts.callsSucceeded += 1
    } else {
      connection.counts.callsFailed += 1
    }
    if tally != nil { report(end) }
  }

  /// Tells the interceptors of the end, once.
  private func report(_ end: CallEnd) {
    var end = end
    if context == nil { end.peer = connection.socket.peer }
    guard let record = tally?.record(entry, state, end, at: MonotonicTime.now().nanoseconds)
    else { return }
    // Nobody could be told of the beginning of a call to a method that does not exist.
    let told = context == nil ? Int.max : tally?.told ?? 0
    shared.ends?.tellEnd(context, record, below: told)
  }
}

import HTTP2
import Reactor

/// One attempt at a call: waits for a connection, then reads what comes on its stream.
///
/// It is used on the channel's loop only.
final class CallAttempt: HTTP2StreamHandler {
  let info: ClientCallInfo
  let deadline: MonotonicTime?
  /// Attempts before it that failed.
  let previousAttempts: Int
  /// Nil once the attempt is over.
  private var call: ClientCall?
  private(set) var stream: HTTP2Stream?
  private let coder: MessageCoder
  private let interceptors: [any ClientInterceptor]
  private let began = MonotonicTime.now()
  private var (sentBytes, receivedBytes) = (0, 0)
  private var state = ClientCallState()
  private var deframer: MessageDeframer
  /// Whether the message that was received last came compressed.
  private(set) var isResponseCompressed = false

  init(_ call: ClientCall, coder: MessageCoder, maxResponseBytes: Int, previousAttempts: Int) {
    self.call = call
    self.coder = coder
    self.previousAttempts = previousAttempts
    (info, deadline, interceptors) = (call.info, call.deadline, call.interceptors)
    deframer = MessageDeframer(maxMessageBytes: maxResponseBytes)
  }

  var options: CallOptions { info.options }
  var isOver: Bool { call == nil }
  var initialMetadata: Metadata { state.initialMetadata }
  var trailingMetadata: Metadata { state.trailingMetadata }
  var isInsideMessage: Bool { deframer.isInsideMessage }

  // MARK: From the channel

  /// The attempt has its stream.
  func opened(_ stream: HTTP2Stream) {
    self.stream = stream
    call?.attemptOpened(stream)
  }

  /// There is no connection for it.
  func missed(_ error: RPCError) { finish(.failed(error)) }

  /// It cannot be made, and no other would be better.
  func refuse(_ error: RPCError) { call?.cancel(error) }

  // MARK: From the call

  func begin(on core: ChannelCore) {
    for interceptor in interceptors { interceptor.attemptBegan(info) }
    core.start(self)
  }

  func send(_ chunk: OutboundChunk) {
    sentBytes += chunk.count - MessageDeframer.prefixBytes
    stream?.send(chunk)
  }

  /// Nothing more is told to the call, which has ended with `code`; messages that are here can
  /// still be taken.
  func abandon(_ code: StatusCode, resetting: Bool) {
    leave(code)
    if resetting { stream?.reset(.cancel) }
  }

  private func leave(_ code: StatusCode) {
    guard call != nil else { return }
    call = nil
    guard !interceptors.isEmpty else { return }
    let prefixes = deframer.messageCount * MessageDeframer.prefixBytes
    let record = AttemptRecord(
      code: code, nanoseconds: MonotonicTime.now().nanoseconds &- began.nanoseconds,
      requestBytes: sentBytes, responseBytes: max(0, receivedBytes - prefixes))
    for interceptor in interceptors.reversed() { interceptor.attemptEnded(info, record) }
  }

  func takeMessage() throws(RPCError) -> [UInt8]? {
    guard let frame = try deframer.next() else { return nil }
    consume(frame.wireBytes)
    isResponseCompressed = frame.isCompressed
    return try coder.message(frame, limit: deframer.maxMessageBytes)
  }

  /// Lets the server send as much more.
  func consume(_ count: Int) {
    guard let stream else { return }
    stream.consume(min(count, stream.unconsumedBytes))
  }

  /// Forgets the messages that were not taken.
  func dropMessages() { deframer = MessageDeframer(maxMessageBytes: 0) }

  // MARK: From the stream

  func streamReceivedHeaders(_ fields: HeaderFields) {
    if let error = state.receivedHeaders(fields) { return finish(.failed(error)) }
    deframer.compression = state.compression
    if !state.hasStatus { call?.commit() }
  }

  func streamReceivedData(_ bytes: RawSpan) {
    guard let call else { return consume(bytes.byteCount) }
    receivedBytes += bytes.byteCount
    do throws(RPCError) {
      try deframer.push(bytes)
      if call.wantsMessage {
        consume(bytes.byteCount)
        try call.attemptHasMessages(self)
      }
    } catch {
      call.cancel(error)
    }
  }

  func streamReceivedTrailers(_ fields: HeaderFields) { state.receivedTrailers(fields) }

  func streamReceivedEnd() {
    let error = state.ended(isInsideMessage: deframer.isInsideMessage)
    finish(error.map { .failed($0) } ?? .ok)
  }

  func streamBecameWritable() { call?.attemptIsWritable() }

  func streamHeadersTooLarge() {
    call?.cancel(RPCError(.resourceExhausted, "the server's header list is too large"))
  }

  func streamClosed(_ code: HTTP2ErrorCode) {
    let wasSent = stream?.wasSent ?? true
    stream = nil
    guard let call else { return }
    let isLate = deadline.map { $0 <= call.loop.now() } ?? false
    let error = state.closed(code, isLate: isLate)
    if !wasSent, code == .refusedStream || code == .connectionLost {
      finish(.neverSent(error))
    } else if code == .refusedStream, !state.hasStatus {
      finish(.refused(error))
    } else {
      finish(.failed(error))
    }
  }

  private func finish(_ end: AttemptEnd) {
    guard let call else { return }
    leave(end.error?.code ?? .ok)
    call.attemptEnded(self, end)
  }
}

import HTTP2
import Reactor

/// One call on the client: joins the HTTP/2 stream, the rules and the caller.
// @unchecked: everything but constants is touched on the channel's loop only.
final class ClientCall: HTTP2StreamHandler, @unchecked Sendable {
  let method: MethodDescriptor
  let options: CallOptions
  let loop: EventLoop
  let deadline: MonotonicTime?
  private let isUnary: Bool
  private let maxResponseBytes: Int
  private let coder: MessageCoder

  private var stream: HTTP2Stream?
  private var state = ClientCallState()
  private var deframer: MessageDeframer
  private var deadlineTimer: Timer?
  private var hasSentAll = false
  /// Whether the message that was received last came compressed.
  private(set) var isResponseCompressed = false
  /// Messages that wait for the peer's window.
  private var sending = 0
  private var reader = ReaderSlot()
  private var writers = WriterQueue()
  /// How the call has ended: outer nil while it runs, inner nil for OK.
  private var outcome: RPCError??
  /// The request of a unary call, kept until the server has taken it on.
  private var request: [UInt8]?
  private var response: [UInt8]?
  private var mayTryAgain = true
  /// Receives the end of a unary call.
  private var completion: UnsafeContinuation<[UInt8], any Error>?
  /// Receives the news that a streaming call has its stream.
  private var opening: UnsafeContinuation<Void, any Error>?
  private weak var core: ChannelCore?

  init(
    _ method: MethodDescriptor, options: CallOptions, core: ChannelCore, isUnary: Bool
  ) {
    self.method = method
    self.options = options
    self.isUnary = isUnary
    loop = core.loop
    coder = core.coder
    maxResponseBytes = core.configuration.maxResponseBytes
    let hasDeadline = options.timeout != nil || options.deadline != nil
    deadline = hasDeadline ? options.deadline(from: loop.now()) : nil
    deframer = MessageDeframer(maxMessageBytes: maxResponseBytes)
  }

  var isOver: Bool { outcome != nil }
  var initialMetadata: Metadata { state.initialMetadata }
  var trailingMetadata: Metadata { state.trailingMetadata }

  // MARK: The beginning

  func start(
    _ core: ChannelCore, request: [UInt8], _ completion: UnsafeContinuation<[UInt8], any Error>
  ) {
    self.request = request
    self.completion = completion
    begin(core)
  }

  func start(_ core: ChannelCore, _ opening: UnsafeContinuation<Void, any Error>) {
    self.opening = opening
    begin(core)
  }

  private func begin(_ core: ChannelCore) {
    self.core = core
    if let outcome { return answer(outcome) }
    if let deadline {
      deadlineTimer = loop.schedule(at: deadline) { [weak self] in
        self?.cancel(RPCError(.deadlineExceeded, "the deadline has passed"))
      }
    }
    core.start(self)
  }

  /// The call has its stream.
  func opened(_ stream: HTTP2Stream) {
    self.stream = stream
    if let request {
      hasSentAll = true
      stream.send(chunk(request))
      stream.finish()
    }
    let waiting = opening
    opening = nil
    waiting?.resume()
  }

  // MARK: From the stream

  func streamReceivedHeaders(_ fields: HeaderFields) {
    if let error = state.receivedHeaders(fields) { return cancel(error) }
    deframer.compression = state.compression
  }

  func streamReceivedData(_ bytes: RawSpan) {
    guard outcome == nil else { return consume(bytes.byteCount) }
    do throws(RPCError) {
      try deframer.push(bytes)
      if isUnary {
        consume(bytes.byteCount)
        try collectResponse()
      } else if reader.isWaiting {
        consume(bytes.byteCount)
        if let message = try takeMessage() { reader.resume(returning: message) }
      }
    } catch {
      cancel(error)
    }
  }

  private func consume(_ count: Int) {
    guard let stream else { return }
    stream.consume(min(count, stream.unconsumedBytes))
  }

  private func collectResponse() throws(RPCError) {
    while let frame = try deframer.next() {
      guard response == nil else {
        throw RPCError(.unimplemented, "the server sent more than one message")
      }
      response = try open(frame)
    }
  }

  private func open(_ frame: MessageDeframer.Frame) throws(RPCError) -> [UInt8] {
    isResponseCompressed = frame.isCompressed
    return try coder.message(frame, limit: maxResponseBytes)
  }

  private func chunk(_ message: [UInt8], compressed: Bool = true) -> OutboundChunk {
    coder.chunk(message, compressed: compressed && options.compression == .gzip)
  }

  func streamReceivedTrailers(_ fields: HeaderFields) { state.receivedTrailers(fields) }
  func streamReceivedEnd() { end(state.ended(isInsideMessage: deframer.isInsideMessage)) }
  func streamBecameWritable() { writers.resumeAll() }

  func streamHeadersTooLarge() {
    cancel(RPCError(.resourceExhausted, "the server's header list is too large"))
  }

  func streamClosed(_ code: HTTP2ErrorCode) {
    stream = nil
    // A refused stream was not seen by any handler, so it can safely be tried once more.
    if outcome == nil, code == .refusedStream, mayTryAgain, request != nil, let core {
      mayTryAgain = false
      state = ClientCallState()
      return core.start(self)
    }
    end(state.closed(code, isLate: deadline.map { $0 <= loop.now() } ?? false))
  }

  // MARK: Messages

  private func takeMessage() throws(RPCError) -> [UInt8]? {
    guard let frame = try deframer.next() else { return nil }
    consume(frame.wireBytes)
    return try open(frame)
  }

  func next() async throws -> [UInt8]? {
    precondition(loop.isCurrent, "a stream is read on its loop")
    if let ready = nextNow() { return try ready.get() }
    let ticket = reader.nextTicket()
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { wait(ticket, $0) }
    } onCancel: {
      loop.execute { self.reader.cancel(ticket) }
    }
  }

  /// What `next` returns without waiting, nil when it has to wait.
  private func nextNow() -> Result<[UInt8]?, any Error>? {
    do throws(RPCError) {
      if let message = try takeMessage() { return .success(message) }
    } catch {
      lose(error)
      return .failure(error)
    }
    guard let outcome else { return nil }
    if outcome == nil, deframer.isInsideMessage { lose(ClientCallState.cutShort) }
    return self.outcome?.map { .failure($0) } ?? .success(nil)
  }

  private func wait(_ ticket: UInt64, _ continuation: ReaderSlot.Continuation) {
    if let ready = nextNow() { return continuation.resume(with: ready) }
    // Part of a message larger than the window may be here; the rest has to come.
    consume(.max)
    reader.wait(ticket, continuation)
  }

  func send(_ message: [UInt8], compressed: Bool) async throws {
    precondition(loop.isCurrent, "a stream is written on its loop")
    guard !hasSentAll else {
      throw RPCError(.failedPrecondition, "a message was sent after the last one")
    }
    sending += 1
    defer {
      sending -= 1
      endStream()
    }
    while mustWait {
      let ticket = writers.nextTicket()
      try await withTaskCancellationHandler {
        try await withUnsafeThrowingContinuation { continuation in
          writers.wait(ticket, continuation)
          if !mustWait { writers.resumeAll() }
        }
      } onCancel: {
        loop.execute { self.writers.cancel(ticket) }
      }
    }
    if let outcome { throw outcome ?? RPCError(.cancelled, "the server has ended the call") }
    stream?.send(chunk(message, compressed: compressed))
  }

  private var mustWait: Bool {
    guard outcome == nil, let stream else { return false }
    return !stream.isWritable
  }

  func finishSending() {
    guard !hasSentAll else { return }
    hasSentAll = true
    endStream()
  }

  /// Ends our side once no message waits for the window any more.
  private func endStream() {
    if hasSentAll, sending == 0, !isUnary { stream?.finish() }
  }

  // MARK: The end

  /// Ends the call from our side, with the reason that the caller sees.
  func cancel(_ reason: RPCError) {
    guard outcome == nil else { return }
    end(reason)
  }

  /// Ends the call with an error found in what came before its end, perhaps after that.
  private func lose(_ error: RPCError) {
    deframer = MessageDeframer(maxMessageBytes: 0)
    if outcome == nil { end(error) } else { outcome = .some(error) }
  }

  private func end(_ error: RPCError?) {
    guard outcome == nil else { return }
    var error = error
    if isUnary, error == nil, response == nil {
      // https://github.com/grpc/grpc/blob/master/doc/statuscodes.md, as for two messages.
      error = RPCError(.unimplemented, "the server sent no message")
    }
    outcome = .some(error)
    deadlineTimer?.cancel()
    deadlineTimer = nil
    // A stream that has ended on both sides takes no notice.
    if error != nil || !hasSentAll { stream?.reset(.cancel) }
    answer(error)
  }

  private func answer(_ error: RPCError?) {
    if let completion {
      self.completion = nil
      if let error {
        completion.resume(throwing: error)
      } else {
        completion.resume(returning: response ?? [])
      }
    }
    let waiting = opening
    opening = nil
    waiting?.resume(throwing: error ?? RPCError(.cancelled, "the call is over"))
    if let error { reader.resume(throwing: error) } else if reader.isWaiting { deliverLast() }
    writers.resumeAll()
    request = nil
  }

  private func deliverLast() {
    guard let last = nextNow() else { return }
    reader.resume(with: last)
  }
}

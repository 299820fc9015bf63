import HTTP2
import Reactor

/// One call on the client: joins its attempts and the caller.
// @unchecked: everything but constants is touched on the channel's loop only.
final class ClientCall: @unchecked Sendable {
  let info: ClientCallInfo
  let interceptors: [any ClientInterceptor]
  let loop: EventLoop
  let deadline: MonotonicTime?
  private let isUnary: Bool
  private weak var core: ChannelCore?

  private var attempt: CallAttempt?
  private var retry: RetryState
  private let began = MonotonicTime.now()
  private var attempts = 0
  /// How many interceptors have heard of the call.
  private var told = 0
  private var isCounted = false
  private var kept = RequestBuffer()
  private var timers: (deadline: Timer?, retry: Timer?)
  private var hasSentAll = false
  /// Messages that wait for the peer's window, or for another attempt's stream.
  private var sending = 0
  private var reader = ReaderSlot()
  private var writers = WriterQueue()
  /// How the call has ended: outer nil while it runs, inner nil for OK.
  private var outcome: RPCError??
  /// The answer of a unary call.
  private var response: [UInt8]?
  /// Receives the end of a unary call.
  private var completion: UnsafeContinuation<[UInt8], any Error>?
  /// Receives the news that a streaming call has its stream.
  private var opening: UnsafeContinuation<Void, any Error>?

  init(
    _ method: MethodDescriptor, options: CallOptions, core: ChannelCore, isUnary: Bool
  ) {
    info = ClientCallInfo(method: method, target: core.targetName, options: options)
    interceptors = core.configuration.interceptors
    self.isUnary = isUnary
    self.core = core
    loop = core.loop
    let hasDeadline = options.timeout != nil || options.deadline != nil
    deadline = hasDeadline ? options.deadline(from: loop.now()) : nil
    retry = RetryState(
      core.configuration.retryPolicy, isIdempotent: options.isIdempotent ?? method.isIdempotent)
  }

  var initialMetadata: Metadata { attempt?.initialMetadata ?? Metadata() }
  var trailingMetadata: Metadata { attempt?.trailingMetadata ?? Metadata() }
  var isResponseCompressed: Bool { attempt?.isResponseCompressed ?? false }

  // MARK: The beginning

  func start(request: [UInt8], _ completion: UnsafeContinuation<[UInt8], any Error>) {
    self.completion = completion
    hasSentAll = true
    keep(RequestBuffer.Message(bytes: request, isCompressed: true))
    begin()
  }

  func start(_ opening: UnsafeContinuation<Void, any Error>) {
    self.opening = opening
    begin()
  }

  private func begin() {
    if let outcome { return answer(outcome) }
    core?.callBegan()
    isCounted = true
    do throws(RPCError) {
      for interceptor in interceptors {
        told += 1
        try interceptor.callBegins(info)
      }
    } catch {
      return end(error)
    }
    if let deadline {
      timers.deadline = loop.schedule(at: deadline) { [weak self] in self?.expire() }
    }
    tryOnce()
  }

  private func expire() {
    let last = retry.lastError.map { "; before that \($0)" } ?? ""
    cancel(RPCError(.deadlineExceeded, "the deadline has passed\(last)"))
  }

  private func tryOnce() {
    stopResting()
    guard outcome == nil else { return }
    guard let core else { return end(ChannelCore.closedError) }
    let attempt = CallAttempt(
      self, coder: core.coder, maxResponseBytes: core.configuration.maxResponseBytes,
      previousAttempts: retry.previousAttempts)
    self.attempt = attempt
    attempts += 1
    attempt.begin(on: core)
  }

  // MARK: From the attempt

  func attemptOpened(_ stream: HTTP2Stream) {
    for message in kept.messages { deliver(message) }
    if retry.isCommitted { forget() }
    if hasSentAll, sending == 0 { stream.finish() }
    let waiting = opening
    opening = nil
    waiting?.resume()
    writers.resumeAll()
  }

  /// The server has begun to answer: what it does now cannot be undone.
  func commit() {
    retry.isCommitted = true
    forget()
  }

  /// Whether messages are to be handed on as they come.
  var wantsMessage: Bool { isUnary || reader.isWaiting }

  func attemptHasMessages(_ attempt: CallAttempt) throws(RPCError) {
    if isUnary {
      while let message = try attempt.takeMessage() {
        guard response == nil else {
          throw RPCError(.unimplemented, "the server sent more than one message")
        }
        response = message
      }
    } else if let message = try attempt.takeMessage() {
      reader.resume(returning: message)
    }
  }

  func attemptIsWritable() { writers.resumeAll() }

  func attemptEnded(_ attempt: CallAttempt, _ end: AttemptEnd) {
    guard outcome == nil else { return }
    guard let core else { return self.end(end.error) }
    switch core.decide(&retry, after: end) {
    case .end(let error): self.end(error)
    case .again(let wait):
      attempt.abandon(.unavailable, resetting: true)
      guard wait > .zero else { return tryOnce() }
      guard core.rest(self) else { return self.end(end.error) }
      timers.retry = loop.schedule(after: wait) { self.tryOnce() }
    }
  }

  private func stopResting() {
    guard let timer = timers.retry else { return }
    timer.cancel()
    timers.retry = nil
    core?.wake(self)
  }

  // MARK: Messages to the server

  /// Keeps a message for another attempt, as long as there is room.
  private func keep(_ message: RequestBuffer.Message) {
    guard !retry.isCommitted else { return }
    let hasRoom = core?.reserve(message.bytes.count, beside: kept.reservedBytes) ?? false
    if !hasRoom {
      retry.isCommitted = true
      if !isUnary { return forget() }
    }
    kept.append(message, isReserved: hasRoom)
  }

  private func forget() {
    core?.release(kept.reservedBytes)
    kept.removeAll()
  }

  private func deliver(_ message: RequestBuffer.Message) {
    let isCompressed = message.isCompressed && info.options.compression == .gzip
    guard let coder = core?.coder else { return }
    attempt?.send(coder.chunk(message.bytes, compressed: isCompressed))
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
    let message = RequestBuffer.Message(bytes: message, isCompressed: compressed)
    keep(message)
    deliver(message)
  }

  private var mustWait: Bool { outcome == nil && attempt?.stream?.isWritable != true }

  func finishSending() {
    guard !hasSentAll else { return }
    hasSentAll = true
    endStream()
  }

  /// Ends our side once no message waits for the window any more.
  private func endStream() {
    if hasSentAll, sending == 0, !isUnary { attempt?.stream?.finish() }
  }

  // MARK: Messages from the server

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
      if let message = try attempt?.takeMessage() { return .success(message) }
    } catch {
      lose(error)
      return .failure(error)
    }
    guard let outcome else { return nil }
    if outcome == nil, attempt?.isInsideMessage == true { lose(ClientCallState.cutShort) }
    return self.outcome?.map { .failure($0) } ?? .success(nil)
  }

  private func wait(_ ticket: UInt64, _ continuation: ReaderSlot.Continuation) {
    if let ready = nextNow() { return continuation.resume(with: ready) }
    // Part of a message larger than the window may be here; the rest has to come.
    attempt?.consume(.max)
    reader.wait(ticket, continuation)
  }

  // MARK: The end

  /// Ends the call from our side, with the reason that the caller sees.
  func cancel(_ reason: RPCError) {
    guard outcome == nil else { return }
    end(reason)
  }

  /// Ends the call, and the connection that carries it.
  func abandonConnection(_ reason: RPCError) {
    let carrier = attempt?.stream.flatMap { core?.carrier(of: $0) }
    // First, lest the end of the connection begins another attempt.
    cancel(reason)
    if let carrier { carrier.subchannel.abandon(carrier.connection, reason.message) }
  }

  /// Ends the call with an error found in what came before its end, perhaps after that.
  private func lose(_ error: RPCError) {
    attempt?.dropMessages()
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
    timers.deadline?.cancel()
    timers.deadline = nil
    stopResting()
    forget()
    // A stream that has ended on both sides takes no notice.
    attempt?.abandon(error?.code ?? .ok, resetting: error != nil || !hasSentAll)
    tellEnd(error)
    if isCounted { core?.callEnded() }
    answer(error)
  }

  private func tellEnd(_ error: RPCError?) {
    guard told > 0 else { return }
    let record = ClientCallRecord(
      error: error, nanoseconds: MonotonicTime.now().nanoseconds &- began.nanoseconds,
      attempts: attempts)
    for interceptor in interceptors.prefix(told).reversed() {
      interceptor.callEnded(info, record)
    }
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
  }

  private func deliverLast() {
    guard let last = nextNow() else { return }
    reader.resume(with: last)
  }
}

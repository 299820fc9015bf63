import HTTP2
import Reactor
import TLS

/// One call on the server: joins the HTTP/2 stream, the rules and the handler.
// @unchecked: everything is touched on the connection's loop only; tasks of the call prefer it.
final class ServerCall: HTTP2StreamHandler, @unchecked Sendable {
  let stream: HTTP2Stream
  let loop: EventLoop
  private let shared: ServerShared
  private let peer: SocketAddress?
  private let identity: TLSIdentity?
  private var entry: Router.Entry?
  private(set) var context: ServerContext?
  private var state = ServerCallState(kind: .unary)
  private var deframer: MessageDeframer
  private var request: [UInt8] = []
  private var deadlineTimer: Timer?
  private var task: Task<Void, Never>?
  /// Why the call is over, once it is.
  private var failure: RPCError?
  private var tally: CallTally?
  private var reader = ReaderSlot()
  private var writers = WriterQueue()

  init(
    _ stream: HTTP2Stream, shared: ServerShared, loop: EventLoop, peer: SocketAddress?,
    identity: TLSIdentity?
  ) {
    self.stream = stream
    self.shared = shared
    self.loop = loop
    self.peer = peer
    self.identity = identity
    deframer = MessageDeframer(maxMessageBytes: shared.configuration.maxRequestBytes)
    if !shared.configuration.interceptors.isEmpty {
      tally = CallTally(began: MonotonicTime.now().nanoseconds)
    }
  }

  // MARK: From the stream

  func streamReceivedHeaders(_ fields: HeaderFields) {
    switch RequestHead.parse(fields, shared.router) {
    case .call(let head): begin(head)
    case .httpStatus(let status):
      failure = RPCError(.internalError, "not a gRPC request")
      _ = state.finish()
      stream.respond(HeaderFields([":status": status]), endsStream: true)
    case .failure(let error): finish(error)
    }
  }

  private func begin(_ head: RequestHead) {
    entry = head.entry
    state = ServerCallState(kind: head.entry.method.kind)
    let deadline = head.timeout.map { loop.now().advanced(by: $0) }
    let context = ServerContext(
      entry: head.entry, metadata: head.metadata, deadline: deadline, peer: peer,
      identity: identity, eventLoop: loop)
    self.context = context
    if tally != nil, let refusal = tellInterceptors(context) { return finish(refusal) }
    if let deadline {
      deadlineTimer = loop.schedule(at: deadline) { [weak self] in self?.expire() }
    }
    if case .streaming(let handler) = head.entry.handler { start(handler, context) }
  }

  private func start(
    _ handler: @escaping @Sendable (ServerStream) async throws -> Void, _ context: ServerContext
  ) {
    let stream = ServerStream(call: self, context: context)
    task = Task(executorPreference: loop) { [self] in
      do {
        try await handler(stream)
        finish(nil)
      } catch {
        finish(statusOf(error))
      }
    }
  }

  private func tellInterceptors(_ context: ServerContext) -> RPCError? {
    do throws(RPCError) {
      for interceptor in shared.configuration.interceptors {
        tally?.told += 1
        try interceptor.callBegan(context)
      }
      return nil
    } catch {
      return error
    }
  }

  /// Tells the interceptors of the end, once.
  private func report(_ code: StatusCode, isAbandoned: Bool = false) {
    let method = entry?.method
    let now = MonotonicTime.now().nanoseconds
    guard
      let record = tally?.record(method, state, code: code, at: now, isAbandoned: isAbandoned)
    else { return }
    let all = shared.configuration.interceptors
    // Nobody could be told of the beginning of a call to a method that does not exist.
    for interceptor in (context == nil ? all[...] : all.prefix(tally?.told ?? 0)).reversed() {
      interceptor.callEnded(context, record)
    }
  }

  func streamReceivedData(_ bytes: RawSpan) {
    tally?.receivedBytes += bytes.byteCount
    guard failure == nil else { return stream.consume(bytes.byteCount) }
    do {
      try deframer.push(bytes)
    } catch {
      return fail(error)
    }
    while state.requests < deframer.messageCount {
      if let error = state.received() { return fail(error) }
    }
    if isUnary {
      stream.consume(bytes.byteCount)
      if let message = deframer.next() { request = message }
    } else if reader.isWaiting {
      stream.consume(bytes.byteCount)
      deliver()
    }
  }

  private var isUnary: Bool { entry?.isUnary ?? false }

  func streamReceivedTrailers(_ fields: HeaderFields) {}

  func streamReceivedEnd() {
    switch state.ended(isInsideMessage: deframer.isInsideMessage) {
    case .ignore: break
    case .fail(let error): fail(error)
    case .proceed:
      if isUnary { runUnary() } else if reader.isWaiting { deliver() }
    }
  }

  func streamHeadersTooLarge() {
    fail(RPCError(.resourceExhausted, "the header list is too large"))
  }

  func streamBecameWritable() { writers.resumeAll() }

  func streamClosed(_ code: HTTP2ErrorCode) {
    guard !state.isFinished else { return cancelWaiters() }
    _ = state.finish()
    if tally != nil { report(.cancelled, isAbandoned: true) }
    stop(RPCError(.cancelled, "the client is gone"))
  }

  // MARK: Messages

  private func runUnary() {
    guard case .unary(let handler) = entry?.handler, let context else { return }
    let message = request
    request = []
    do {
      switch try message.withUnsafeBytes({ try handler($0, context) }) {
      case .message(let bytes): reply(bytes)
      case .later(let work): runLater(work)
      }
    } catch {
      finish(statusOf(error))
    }
  }

  private func runLater(_ work: @escaping @Sendable () async throws -> [UInt8]) {
    task = Task(executorPreference: loop) { [self] in
      do { reply(try await work()) } catch { finish(statusOf(error)) }
    }
  }

  private func reply(_ message: [UInt8]) {
    guard sendNow(message) == nil else { return }
    finish(nil)
  }

  /// Sends without a look at the window.
  private func sendNow(_ message: [UInt8]) -> RPCError? {
    switch state.sending() {
    case .refuse(let error): return failure ?? error
    case .headersFirst:
      stream.respond(responseHeaders, endsStream: false)
      fallthrough
    case .message:
      tally?.sentBytes += message.count
      stream.send(OutboundChunk(message: message))
      return nil
    }
  }

  private var responseHeaders: HeaderFields {
    guard let context, !context.initialMetadata.isEmpty else { return StatusFields.responseHeaders }
    var fields = StatusFields.responseHeaders
    context.initialMetadata.append(to: &fields)
    return fields
  }

  /// The next whole message; the window opens by its size.
  private func takeMessage() -> [UInt8]? {
    guard let message = deframer.next() else { return nil }
    let size = message.count + MessageDeframer.prefixBytes
    stream.consume(min(size, stream.unconsumedBytes))
    return message
  }

  private func deliver() {
    if let message = takeMessage() {
      reader.resume(returning: message)
    } else if state.hasRequestEnded {
      reader.resume(returning: nil)
    }
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
    if failure == nil, let message = takeMessage() { return .success(message) }
    if let failure { return .failure(failure) }
    return state.hasRequestEnded ? .success(nil) : nil
  }

  private func wait(_ ticket: UInt64, _ continuation: ReaderSlot.Continuation) {
    if let ready = nextNow() { return continuation.resume(with: ready) }
    // Part of a message larger than the window may be here; the rest has to come.
    stream.consume(stream.unconsumedBytes)
    reader.wait(ticket, continuation)
  }

  func send(_ message: [UInt8]) async throws {
    precondition(loop.isCurrent, "a stream is written on its loop")
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
    if let failure { throw failure }
    if let error = sendNow(message) { throw error }
  }

  private var mustWait: Bool { failure == nil && !stream.isClosed && !stream.isWritable }

  // MARK: The end

  private static let over = RPCError(.cancelled, "the call is over")

  private func expire() {
    fail(RPCError(.deadlineExceeded, "the deadline has passed"))
  }

  /// Ends the call against the handler's will.
  private func fail(_ error: RPCError) {
    stop(error)
    finish(error)
  }

  /// Tells the handler that nobody waits for it.
  private func stop(_ reason: RPCError) {
    failure = failure ?? reason
    context?.isCancelled = true
    task?.cancel()
    cancelWaiters()
  }

  private func cancelWaiters() {
    deadlineTimer?.cancel()
    deadlineTimer = nil
    task = nil
    if reader.isWaiting { reader.resume(throwing: failure ?? Self.over) }
    if !writers.isEmpty { writers.resumeAll() }
  }

  /// Sends the status; nil for OK.
  private func finish(_ error: RPCError?) {
    switch state.finish() {
    case .nothing: return
    case .trailersOnly:
      stream.respond(trailers(error, startingWith: responseHeaders), endsStream: true)
    case .trailers:
      stream.finish(trailers: trailers(error, startingWith: HeaderFields()))
    }
    if tally != nil { report(error?.code ?? .ok) }
    failure = error ?? Self.over
    cancelWaiters()
  }

  private func trailers(_ error: RPCError?, startingWith head: HeaderFields) -> HeaderFields {
    let custom = context?.trailingMetadata ?? Metadata()
    if error == nil, head.isEmpty, custom.isEmpty { return StatusFields.ok }
    var fields = head
    if let error {
      StatusFields.append(error, to: &fields)
    } else {
      fields.append(contentsOf: StatusFields.ok)
    }
    custom.append(to: &fields)
    return fields
  }

  /// The status of an error that a handler threw.
  private func statusOf(_ error: any Error) -> RPCError {
    if let error = error as? RPCError {
      return error.code == .ok ? RPCError(.unknown, "a handler threw OK") : error
    }
    if error is CancellationError { return RPCError(.cancelled, "the call was cancelled") }
    if let method = entry?.method { shared.configuration.unexpectedError(method, error) }
    return RPCError(.unknown, "the server met an unexpected error")
  }
}

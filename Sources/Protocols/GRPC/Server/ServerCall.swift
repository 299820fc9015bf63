import HTTP2
import Reactor
import TLS

/// One call on the server: joins the HTTP/2 stream, the rules and the handler.
// @unchecked: everything is touched on the connection's loop only; tasks of the call prefer it.
final class ServerCall: HTTP2StreamHandler, @unchecked Sendable {
  let stream: HTTP2Stream
  let connection: HTTP2Connection
  private let home: ServerHome
  private(set) var entry: Router.Entry?
  private(set) var context: ServerContext?
  private(set) var state = ServerCallState(kind: .unary)
  var deframer: MessageDeframer
  var request: MessageDeframer.Frame?
  var encodings = RequestEncodings()
  /// How the answer is written for gRPC-Web; nil for gRPC.
  var web: WebAnswer?
  /// How the answers may be coded, once their headers have gone.
  var responseCompression = Compression.identity
  /// Bytes that came out of compressed messages since the loop had a turn for others.
  private var inflatedBytes = 0
  private var deadlineTimer: Timer?
  private var task: Task<Void, Never>?
  /// Why the call is over, once it is.
  private(set) var failure: RPCError?
  var tally: CallTally?
  var bounds = CallBounds()
  private(set) var reader = ReaderSlot()
  private var writers = WriterQueue()
  /// Who waits for the next message to come, and does not take it yet.
  var arrivals = WriterQueue()

  init(_ stream: HTTP2Stream, connection: HTTP2Connection, home: ServerHome) {
    self.stream = stream
    self.connection = connection
    self.home = home
    deframer = MessageDeframer(maxMessageBytes: home.shared.configuration.maxRequestBytes)
    connection.counts.streamsStarted += 1
    if shared.beginnings != nil {
      tally = CallTally(began: connection.lastRead.nanoseconds)
      connection.counts.lastStreamStarted = connection.lastRead
    }
  }

  var loop: EventLoop { home.loop }
  var shared: ServerShared { home.shared }
  private var coder: MessageCoder { home.coder }

  // MARK: From the stream

  func streamReceivedHeaders(_ fields: HeaderFields) {
    switch RequestHead.parse(fields, shared.router) {
    case .call(let head): begin(head)
    case .notGRPC(let answer): beginForWeb(fields, or: answer)
    case .failure(let error): finish(error)
    }
  }

  /// Answers a request that is not gRPC, so that there is no status to send.
  func refuse(_ answer: PlainAnswer) {
    endWithoutStatus()
    connection.counts.callsFailed += 1
    stream.respond(answer.fields, endsStream: false)
    stream.send(OutboundChunk(body: Array(answer.text.utf8)))
    stream.finish()
  }

  /// Nothing more is to come of a request that is no call.
  func endWithoutStatus() {
    failure = RPCError(.internalError, "not a gRPC request")
    _ = state.finish()
  }

  func begin(_ head: RequestHead) {
    entry = head.entry
    state = ServerCallState(kind: head.entry.method.kind)
    encodings = head.encodings
    deframer.compression = head.encodings.request
    let deadline = head.timeout.map { loop.now().advanced(by: $0) }
    let context = ServerContext(
      entry: head.entry, metadata: head.metadata, deadline: deadline, connection: connection)
    self.context = context
    if tally != nil, let refusal = tellInterceptors(context) { return finish(refusal) }
    if let deadline {
      deadlineTimer = loop.schedule(at: deadline) { [weak self] in self?.expire() }
    }
    if head.entry.isUnary { return }
    if case .streaming(let handler) = head.entry.handler { start(handler, context) }
  }

  private func start(
    _ handler: @escaping @Sendable (ServerStream) async throws -> Void, _ context: ServerContext
  ) {
    let stream = ServerStream(call: self, context: context)
    bounds.isRunning = true
    task = Task(executorPreference: loop) { [self] in
      do {
        try await handler(stream)
        finish(nil)
      } catch {
        finish(statusOf(error), isOfHandler: true)
      }
      handlerEnded()
    }
  }

  func streamReceivedData(_ bytes: RawSpan) {
    tally?.receivedBytes += bytes.byteCount
    guard failure == nil else { return stream.consume(bytes.byteCount) }
    do throws(RPCError) {
      try deframer.push(bytes)
      try countMessages()
      if isUnary {
        stream.consume(bytes.byteCount)
        if let frame = try deframer.next() { request = frame }
      } else {
        try deliver(bytes.byteCount)
        if !arrivals.isEmpty { arrivals.resumeAll() }
      }
      try countMemory()
    } catch {
      fail(error)
    }
  }

  private func countMessages() throws(RPCError) {
    while state.requests < deframer.messageCount {
      connection.counts.messagesReceived += 1
      if let error = state.received() { throw error }
    }
  }

  var isUnary: Bool { entry?.isUnary ?? false }

  func streamReceivedTrailers(_ fields: HeaderFields) {}

  func streamReceivedEnd() {
    switch state.ended(isInsideMessage: deframer.isInsideMessage) {
    case .ignore: break
    case .fail(let error): fail(error)
    case .proceed:
      if isUnary { return runUnaryWithRoom() }
      do throws(RPCError) { try deliver(0) } catch { fail(error) }
      arrivals.resumeAll()
    }
  }

  func streamHeadersTooLarge() {
    fail(RPCError(.resourceExhausted, "the header list is too large"))
  }

  func streamBecameWritable() {
    if bounds.isParked { runUnaryWithRoom() } else { writers.resumeAll() }
  }

  /// Answers that nobody reads must not pile up: the handler waits for room, not its answer.
  private func runUnaryWithRoom() {
    bounds.isParked = !stream.isWritable
    if !bounds.isParked { runUnary() }
  }

  func streamClosed(_ code: HTTP2ErrorCode) {
    abandon()
    count(streamEnd: code)
    guard !state.isFinished else { return cancelWaiters() }
    _ = state.finish()
    endedAbandoned()
    stop(RPCError(.cancelled, "the client is gone"))
  }

  // MARK: Messages

  private func runUnary() {
    guard case .unary(let handler) = entry?.handler, let context, let frame = request else {
      return
    }
    request = nil
    _ = stream.hold(0)
    if let deadline = context.deadline, deadline <= loop.now() { return expire() }
    let message: [UInt8]
    do throws(RPCError) { message = try open(frame) } catch { return finish(error) }
    do {
      switch try message.withUnsafeBytes({ try handler($0, context) }) {
      case .message(let bytes): reply(bytes)
      case .later(let work): runLater(work)
      }
    } catch {
      finish(statusOf(error), isOfHandler: true)
    }
  }

  private func runLater(_ work: @escaping @Sendable () async throws -> [UInt8]) {
    bounds.isRunning = true
    task = Task(executorPreference: loop) { [self] in
      do {
        try await send(try await work())
        finish(nil)
      } catch {
        finish(statusOf(error), isOfHandler: true)
      }
      handlerEnded()
    }
  }

  private func reply(_ message: [UInt8]) {
    guard sendNow(message) == nil else { return }
    finish(nil)
  }

  /// Sends without a look at the window.
  private func sendNow(_ message: [UInt8]) -> RPCError? {
    if state.outbound == .idle, let error = headersProblem() {
      fail(error)
      return error
    }
    switch state.sending() {
    case .refuse(let error): return failure ?? error
    case .headersFirst:
      responseCompression = wishedCompression
      sendHeaders(responseCompression)
      fallthrough
    case .message:
      let chunk = coder.chunk(message, compressed: compressesNow)
      connection.counts.messagesSent += 1
      tally?.sentBytes += chunk.count - MessageDeframer.prefixBytes
      stream.send(web?.textChunk(message) ?? chunk)
      return nil
    }
  }

  /// The next whole message; the window opens by its size.
  private func takeMessage() throws(RPCError) -> [UInt8]? {
    guard let frame = try deframer.next() else { return nil }
    try countMessages()
    stream.consume(min(frame.wireBytes, stream.unconsumedBytes))
    _ = stream.hold(keptBytes)
    return try open(frame)
  }

  private func open(_ frame: MessageDeframer.Frame) throws(RPCError) -> [UInt8] {
    context?.isRequestCompressed = frame.isCompressed
    let message = try coder.message(frame, limit: shared.configuration.maxRequestBytes)
    if frame.isCompressed { inflatedBytes += message.count }
    return message
  }

  /// Hands the next message, or the end, to the task that waits for it; consumes what has come.
  private func deliver(_ count: Int) throws(RPCError) {
    guard reader.isWaiting else { return }
    if hasRoomOrWaits() { stream.consume(min(count, stream.unconsumedBytes)) }
    if let message = try takeMessage() {
      reader.resume(returning: message)
    } else if state.hasRequestEnded {
      try checkEnd()
      reader.resume(returning: nil)
    }
  }

  /// Many short messages may hide until here that the last is cut short.
  private func checkEnd() throws(RPCError) {
    if deframer.isInsideMessage { throw ServerCallState.cutShort }
  }

  func next() async throws -> [UInt8]? {
    precondition(loop.isCurrent, "a stream is read on its loop")
    if inflatedBytes > Self.inflatedBytesPerTurn {
      inflatedBytes = 0
      try await loop.sleep(for: .zero)
    }
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
    if let failure { return .failure(failure) }
    do throws(RPCError) {
      if let message = try takeMessage() { return .success(message) }
      guard state.hasRequestEnded else { return nil }
      try checkEnd()
      return .success(nil)
    } catch {
      fail(error)
      return .failure(error)
    }
  }

  private func wait(_ ticket: UInt64, _ continuation: ReaderSlot.Continuation) {
    if let ready = nextNow() { return continuation.resume(with: ready) }
    // Part of a message larger than the window may be here; the rest has to come.
    if hasRoomOrWaits() { stream.consume(stream.unconsumedBytes) }
    reader.wait(ticket, continuation)
    do throws(RPCError) { try countMemory() } catch { fail(error) }
  }

  func send(_ message: [UInt8]) async throws {
    precondition(loop.isCurrent, "a stream is written on its loop")
    if mustWait { try await waitForRoom(for: message.count) }
    if let failure { throw failure }
    if let error = sendNow(message) { throw error }
  }

  /// Waits until the stream can be written to, unless too much waits already.
  private func waitForRoom(for count: Int) async throws {
    defer { endWait(for: count) }
    try beginWait(for: count)
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
  }

  private var mustWait: Bool { failure == nil && !stream.isClosed && !stream.isWritable }

  // MARK: The end

  private static let over = RPCError(.cancelled, "the call is over")
  private static let inflatedBytesPerTurn = 262_144

  private func expire() {
    let isBlocked = stream.queuedBytes > 0
    fail(RPCError(.deadlineExceeded, "the deadline has passed"))
    // The status would wait behind what the client does not read.
    if isBlocked { stream.reset(.cancel) }
  }

  /// Ends the call against the handler's will.
  func fail(_ error: RPCError) {
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
    if !arrivals.isEmpty { arrivals.resumeAll() }
  }

  /// Sends the status; nil for OK.
  private func finish(_ error: RPCError?, isOfHandler: Bool = false) {
    switch state.finish() {
    case .nothing: return
    case .trailersOnly: respond(trailersOnly(error), endsStream: true)
    case .trailers: sendTrailers(error)
    }
    ended(error, isOfHandler: isOfHandler)
    failure = error ?? Self.over
    cancelWaiters()
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

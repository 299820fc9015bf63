import CPostgres
package import Reactor

/// One connection, in pipeline mode: statements are sent as they come, and answered in order.
///
/// It lives on its loop. When it breaks, every call on it fails with `connection`; it is not made
/// again, which is its pool's part.
package actor PostgresConnection {
  enum State {
    case connecting(CheckedContinuation<Void, any Error>, Timer)
    case ready
    case copying(CopyState)
    case closed(PostgresError)
  }

  /// The loop that the connection lives on.
  package nonisolated let loop: EventLoop
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  nonisolated let configuration: PostgresConfiguration
  /// libpq's connection; nil once it has ended, which all of libpq takes for a broken one.
  private(set) var handle: OpaquePointer?
  var state: State?
  private var watch: Watch?
  var calls: [PipelinedCall] = []
  var prepared = PreparedStatements()
  private var lastCall: UInt64 = 0
  private var silence: Timer?
  var notificationHandler: ((PostgresNotification) -> Void)?
  /// Who wants to know of its end.
  var endHandler: ((PostgresError) -> Void)?
  /// Whether it is not to be used again: a cancellation was sent, which may meet a later statement,
  /// or the server said that it is no longer the right one.
  var isSpoilt = false
  /// Nothing is read: whoever takes rows is behind, and the rest waits in the socket.
  var isPaused = false
  /// Bytes of calls that were sent since the socket last took everything.
  var unsentCount = 0
  private var hasUnsent = false
  /// When calls of the present borrower end at the latest.
  var deadline: MonotonicTime?

  init(handle: sending OpaquePointer, loop: EventLoop, configuration: PostgresConfiguration) {
    self.handle = handle
    self.loop = loop
    self.configuration = configuration
  }

  isolated deinit {
    watch?.cancel()
    silence?.cancel()
    finish()
  }

  /// Tells the server, and frees what libpq holds.
  private func finish() {
    PQfinish(handle)
    handle = nil
  }

  /// Whether statements may be sent.
  var isUsable: Bool {
    if case .ready = state { !isSpoilt } else { false }
  }

  // MARK: Connecting

  /// Waits until the server has let the connection in.
  func establish(by limit: MonotonicTime) async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let timer = loop.schedule(at: limit) { [weak self] in
          self?.assumeIsolated { $0.fail(PostgresError(.connection, "connecting took too long")) }
        }
        state = .connecting(continuation, timer)
        guard PQstatus(handle) != CONNECTION_BAD else { return fail(brokenConnection()) }
        // Why a server lets nobody in is told by its SQLSTATE alone in every language.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        if Task.isCancelled { return giveUpConnecting() }
        watch(.write)
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.giveUpConnecting() } }
    }
  }

  private func giveUpConnecting() {
    guard case .connecting = state else { return }
    fail(PostgresError(.cancelled, "connecting was given up"))
  }

  /// libpq may have another socket after each step, so that the watch is made anew.
  private func poll() {
    watch?.cancel()
    watch = nil
    switch PQconnectPoll(handle) {
    case PGRES_POLLING_READING: watch(.read)
    case PGRES_POLLING_WRITING: watch(.write)
    case PGRES_POLLING_OK: established()
    default: fail(brokenConnection())
    }
  }

  private func established() {
    guard case .connecting(let continuation, let timer) = state else { return }
    timer.cancel()
    PQsetNoticeProcessor(handle, { _, _ in }, nil)
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
      return fail(brokenConnection())
    }
    state = .ready
    watch(.read)
    continuation.resume()
  }

  private func watch(_ interest: Interest) {
    do {
      watch = try loop.watch(PQsocket(handle), interest) { [weak self] readiness in
        self?.assumeIsolated { $0.ready(readiness) }
      }
    } catch { fail(PostgresError(.connection, "\(error)")) }
  }

  // MARK: What the socket says

  private func ready(_ readiness: Readiness) {
    switch state {
    case .connecting: return poll()
    case .closed, nil: return
    case .ready, .copying: break
    }
    if readiness.contains(.writable) { flush() }
    guard readiness != .writable else { return }
    read()
  }

  /// Takes what has come. A record of TLS may hold more than libpq takes at once, of which no
  /// descriptor tells.
  private func read() {
    repeat {
      guard PQconsumeInput(handle) == 1 else { return broke() }
      silenceEnds()
      goOn()
      // A hang-up without an answer: nothing more will come.
      if PQstatus(handle) == CONNECTION_BAD { fail(brokenConnection()) }
    } while !isPaused && cpostgres_has_pending(handle) != 0
    updateInterest()
  }

  /// The last words of a server that goes away tell more than that the socket was closed.
  private func broke() {
    let error = brokenConnection()
    // libpq has closed its socket.
    watch?.cancel()
    watch = nil
    goOn()
    fail(error)
  }

  private func goOn() {
    if case .copying(let copy) = state { copyMayGoOn(copy) } else { takeAnswers() }
    takeNotifications()
  }

  /// Whoever took rows wants more.
  func resumeReading() {
    isPaused = false
    goOn()
    if !isPaused, cpostgres_has_pending(handle) != 0 { read() }
    updateInterest()
  }

  /// Sends what libpq holds; what the socket does not take now goes when it is writable.
  func flush() {
    let left = PQflush(handle)
    guard left >= 0 else { return fail(brokenConnection()) }
    hasUnsent = left > 0
    if !hasUnsent { unsentCount = 0 }
    updateInterest()
    if !hasUnsent, case .copying(let copy) = state { copyIsFlushed(copy) }
  }

  func updateInterest() {
    guard PQsocket(handle) >= 0 else { return }
    var interest: Interest = isPaused ? [] : .read
    if hasUnsent { interest.insert(.write) }
    watch?.update(interest)
  }

  func brokenConnection() -> PostgresError {
    PostgresError(connecting: String(cString: PQerrorMessage(handle)))
  }

  /// Ends the connection: everybody who waits is told.
  func fail(_ error: PostgresError) {
    let last = state
    if case .closed = last { return }
    state = .closed(error)
    watch?.cancel()
    watch = nil
    silenceEnds()
    finish()
    switch last {
    case .connecting(let continuation, let timer):
      timer.cancel()
      continuation.resume(throwing: error)
    case .copying(let copy): copy.fail(error)
    default: break
    }
    let waiting = calls
    calls = []
    for call in waiting {
      call.fail(error)
      call.finish()
    }
    notificationHandler = nil
    endHandler?(error)
    endHandler = nil
  }

  /// Closes the connection; calls that are under way fail with `closed`.
  package func close() {
    fail(PostgresError(.closed, "the connection was closed"))
  }

  // MARK: Silence

  func newCallID() -> UInt64 {
    lastCall += 1
    return lastCall
  }

  /// While an answer is due, a server that says nothing for too long is given up.
  func awaitAnswer() {
    guard silence == nil, !isPaused else { return }
    silence = loop.schedule(after: configuration.answerTimeout) { [weak self] in
      self?.assumeIsolated { connection in
        connection.silence = nil
        connection.fail(PostgresError(.connection, "the database does not answer"))
      }
    }
  }

  func silenceEnds() {
    silence?.cancel()
    silence = nil
  }

  func awaitAnswerIfDue() {
    if !calls.isEmpty { awaitAnswer() }
  }
}

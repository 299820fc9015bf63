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
  var watch: Watch?
  var calls: [PipelinedCall] = []
  var prepared = PreparedStatements()
  private var lastCall: UInt64 = 0
  private var silence: Timer?
  var notificationHandler: ((PostgresNotification) -> Void)?
  /// Whether a cancellation was ever sent: it may meet a later statement, so such a connection is
  /// not used again.
  var hasCancelled = false

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
    if case .ready = state { !hasCancelled } else { false }
  }

  // MARK: Connecting

  /// Connects; names are looked up off the loop.
  ///
  /// - Throws: `PostgresError` with kind `connection`.
  package static func connect(
    _ configuration: PostgresConfiguration, loop: EventLoop
  ) async throws -> PostgresConnection {
    var string = try ConnectionString(parsing: configuration.connectionString)
    string.setDefault("application_name", "benchfront")
    string.setDefault("client_encoding", "UTF8")
    // A peer that has vanished is noticed within half a minute.
    string.setDefault("keepalives_idle", "15")
    string.setDefault("keepalives_interval", "5")
    string.setDefault("keepalives_count", "3")
    string.setDefault("tcp_user_timeout", "30000")
    let target = try await string.resolved()
    guard let handle = target.start() else {
      throw PostgresError(.connection, "libpq has no memory for a connection")
    }
    let connection = PostgresConnection(
      handle: handle, loop: loop, configuration: configuration)
    try await connection.establish()
    do {
      let limit = configuration.statementTimeout.wholeNanoseconds / 1_000_000
      _ = try await connection.run([PostgresStatement("SET statement_timeout = \(limit)")])
    } catch {
      await connection.close()
      throw error
    }
    return connection
  }

  private func establish() async throws {
    try await withCheckedThrowingContinuation { continuation in
      let timer = loop.schedule(after: configuration.connectTimeout) { [weak self] in
        self?.assumeIsolated { $0.fail(PostgresError(.connection, "connecting took too long")) }
      }
      state = .connecting(continuation, timer)
      guard PQstatus(handle) != CONNECTION_BAD else { return fail(brokenConnection()) }
      watch(.write)
    }
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
    guard PQconsumeInput(handle) == 1 else { return fail(brokenConnection()) }
    silenceEnds()
    if case .copying(let copy) = state { return copyMayGoOn(copy) }
    takeAnswers()
    takeNotifications()
    // A hang-up without an answer: nothing more will come.
    if PQstatus(handle) == CONNECTION_BAD { fail(brokenConnection()) }
  }

  /// Sends what libpq holds; what the socket does not take now goes when it is writable.
  func flush() {
    let left = PQflush(handle)
    guard left >= 0 else { return fail(brokenConnection()) }
    watch?.update(left == 0 ? .read : [.read, .write])
    if left == 0, case .copying(let copy) = state { copyIsFlushed(copy) }
  }

  func brokenConnection() -> PostgresError {
    let reason = String(cString: PQerrorMessage(handle)).oneLine
    return PostgresError(.connection, reason.isEmpty ? "the connection broke" : reason)
  }

  /// Ends the connection: everybody who waits is told.
  func fail(_ error: PostgresError) {
    let last = state
    if case .closed = last { return }
    state = .closed(error)
    watch?.cancel()
    watch = nil
    silence?.cancel()
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
    guard silence == nil else { return }
    silence = loop.schedule(after: configuration.answerTimeout) { [weak self] in
      self?.assumeIsolated { connection in
        connection.silence = nil
        connection.fail(PostgresError(.connection, "the database does not answer"))
      }
    }
  }

  private func silenceEnds() {
    silence?.cancel()
    silence = nil
  }

  func awaitAnswerIfDue() {
    if !calls.isEmpty { awaitAnswer() }
  }
}

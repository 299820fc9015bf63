import CPostgres
package import Reactor

/// Where the rows of a COPY FROM go.
package struct CopyWriter: Sendable {
  let connection: PostgresConnection

  /// Sends bytes, cut anywhere; it returns when the socket has taken them.
  package func write(_ bytes: [UInt8]) async throws { try await connection.put(bytes) }
}

extension PostgresConnection {
  /// Runs `COPY ... FROM STDIN`; pipeline mode forbids it, so the connection leaves that meanwhile.
  ///
  /// A task that is cancelled, or a deadline that passes, ends the COPY and the connection.
  ///
  /// - Parameters:
  ///   - deadline: when all of it is to be over.
  ///   - body: writes the rows; what it throws takes the COPY back, and is thrown.
  /// - Returns: how many rows were copied.
  package func copyIn(
    _ sql: String, deadline: MonotonicTime? = nil,
    _ body: @Sendable (CopyWriter) async throws -> Void
  ) async throws -> Int {
    try await beginCopy(sql, PGRES_COPY_IN, deadline)
    do {
      try await body(CopyWriter(connection: self))
    } catch {
      // Whatever the server says to that, the reason is what `body` threw.
      _ = try? await endCopyIn(because: "the copy was given up")
      throw error
    }
    return try await endCopyIn(because: nil)
  }

  /// Runs `COPY ... TO STDOUT` and hands over its bytes, in pieces of about 64 KiB; nothing more is
  /// read while one is looked at.
  ///
  /// A task that is cancelled, a deadline that passes, or what `body` throws, ends the connection.
  ///
  /// - Parameter deadline: when all of it is to be over.
  /// - Returns: how many rows were copied.
  package func copyOut(
    _ sql: String, deadline: MonotonicTime? = nil, _ body: @Sendable ([UInt8]) async throws -> Void
  ) async throws -> Int {
    try await beginCopy(sql, PGRES_COPY_OUT, deadline)
    do {
      while true {
        let bytes = try await nextCopied()
        guard !bytes.isEmpty else { break }
        try await body(bytes)
      }
    } catch {
      // There is no way to stop it but to cancel, which ends this connection.
      stopCopying(PostgresError(.closed, "the copy was given up"))
      throw error
    }
    return try await endCopy()
  }

  // MARK: Beginning

  private func beginCopy(
    _ sql: String, _ expected: ExecStatusType, _ own: MonotonicTime?
  ) async throws {
    if case .closed(let error) = state { throw error }
    guard case .ready = state, calls.isEmpty else {
      throw PostgresError(.unexpected, "the connection is in use")
    }
    let limit = [own, deadline].compactMap { $0 }.min()
    if let limit, limit <= loop.now() { throw Self.late }
    guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, sql) == 1 else { throw broken() }
    let copy = CopyState()
    state = .copying(copy)
    if let limit {
      copy.timer = loop.schedule(at: limit) { [weak self] in
        self?.assumeIsolated { $0.endPresentCopy(Self.late) }
      }
    }
    try await wait(copy) { continuation in
      copy.phase = .starting(continuation)
      flush()
      awaitAnswer()
    }
    guard let result = PQgetResult(handle) else {
      copy.error = PostgresError(.unexpected, "the server said nothing to the copy")
      _ = try await endCopy()
      return
    }
    defer { PQclear(result) }
    switch PQresultStatus(result) {
    case expected: return
    case PGRES_FATAL_ERROR:
      copy.error = PostgresError(result: result)
      _ = try await endCopy()
    default:
      // Something else than the COPY that was meant: the connection's protocol is out of step.
      let error = PostgresError(.unexpected, "the statement is not the COPY that was meant")
      fail(error)
      throw error
    }
  }

  private func broken() -> PostgresError {
    let error = brokenConnection()
    fail(error)
    return error
  }

  private func copying() throws(PostgresError) -> CopyState {
    switch state {
    case .copying(let copy):
      if let error = copy.endReason {
        stopCopying(error)
        throw error
      }
      return copy
    case .closed(let error): throw error
    default: throw PostgresError(.unexpected, "no copy is under way")
    }
  }

  // MARK: Waiting and giving up

  /// Waits for what `begin` asks for, unless the task is cancelled.
  private func wait<Value: Sendable>(
    _ copy: CopyState, _ begin: (CheckedContinuation<Value, any Error>) -> Void
  ) async throws -> Value {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        begin(continuation)
        if Task.isCancelled { endPresentCopy(Self.cancelled) }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.endPresentCopy(Self.cancelled) } }
    }
  }

  private func endPresentCopy(_ reason: PostgresError) {
    guard case .copying(let copy) = state else { return }
    // While its body is at work nobody waits here; the next who does is told.
    if copy.isOpen { copy.endReason = reason } else { stopCopying(reason) }
  }

  /// Ends a COPY, and the connection with it: the rows under way cannot be skipped.
  private func stopCopying(_ reason: PostgresError) {
    guard case .copying = state else { return }
    Canceller(of: handle)?.send()
    fail(reason)
  }

  private func backToPipeline() {
    guard case .copying(let copy) = state else { return }
    copy.timer?.cancel()
    silenceEnds()
    guard PQenterPipelineMode(handle) == 1 else { return fail(brokenConnection()) }
    state = .ready
  }

  // MARK: Writing

  /// libpq would keep whatever it is given: each piece waits until the socket has taken it.
  private static let writtenPerPiece = 262_144

  func put(_ bytes: [UInt8]) async throws {
    var start = 0
    while start < bytes.count {
      let end = min(start + Self.writtenPerPiece, bytes.count)
      try await put(bytes[start..<end])
      start = end
    }
  }

  private func put(_ bytes: ArraySlice<UInt8>) async throws {
    let copy = try copying()
    let code = bytes.withUnsafeBytes { bytes in
      PQputCopyData(
        handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
    }
    guard code == 1 else { throw broken() }
    try await wait(copy) { continuation in
      copy.phase = .flushing(continuation)
      awaitAnswer()
      flush()
    }
  }

  func copyIsFlushed(_ copy: CopyState) {
    guard case .flushing(let continuation) = copy.phase else { return }
    copy.phase = .open
    silenceEnds()
    continuation.resume()
  }

  private func endCopyIn(because reason: String?) async throws -> Int {
    _ = try copying()
    guard PQputCopyEnd(handle, reason) == 1 else { throw broken() }
    return try await endCopy()
  }

  private func endCopy() async throws -> Int {
    let copy = try copying()
    return try await wait(copy) { continuation in
      copy.phase = .ending(continuation)
      awaitAnswer()
      flush()
      resumeReading()
    }
  }

  // MARK: From the socket

  func copyMayGoOn(_ copy: CopyState) {
    if PQstatus(handle) == CONNECTION_BAD { return fail(brokenConnection()) }
    switch copy.phase {
    case .starting(let continuation):
      guard PQisBusy(handle) == 0 else { return awaitAnswer() }
      copy.phase = .open
      continuation.resume()
    case .reading(let continuation): takeCopied(copy, continuation)
    case .ending: takeCopyResults(copy)
    case .open, .flushing: break
    }
  }

  private func nextCopied() async throws -> [UInt8] {
    let copy = try copying()
    return try await wait(copy) { continuation in
      copy.phase = .reading(continuation)
      resumeReading()
    }
  }

  /// A piece ends with the row that brings it to so many bytes.
  private static let copiedPerPiece = 65_536

  private func takeCopied(
    _ copy: CopyState, _ continuation: CheckedContinuation<[UInt8], any Error>
  ) {
    var bytes: [UInt8] = []
    while bytes.count < Self.copiedPerPiece, !copy.isAtEnd {
      var row: UnsafeMutablePointer<CChar>?
      let count = PQgetCopyData(handle, &row, 1)
      if count > 0, let row {
        bytes += UnsafeRawBufferPointer(start: row, count: Int(count))
        PQfreemem(row)
        continue
      }
      if count == -2 { return fail(brokenConnection()) }
      copy.isAtEnd = count == -1
      if count == 0, bytes.isEmpty { return awaitAnswer() }
      break
    }
    copy.phase = .open
    // Nothing is read while what came is looked at.
    isPaused = true
    silenceEnds()
    continuation.resume(returning: bytes)
  }

  private func takeCopyResults(_ copy: CopyState) {
    guard case .ending(let continuation) = copy.phase else { return }
    while PQisBusy(handle) == 0 {
      guard let result = PQgetResult(handle) else {
        copy.phase = .open
        backToPipeline()
        if case .closed(let error) = state { return continuation.resume(throwing: error) }
        if let error = copy.error { return continuation.resume(throwing: error) }
        return continuation.resume(returning: copy.copiedCount)
      }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK:
        copy.copiedCount = Int(String(cString: PQcmdTuples(result))) ?? 0
      case PGRES_FATAL_ERROR:
        let error = PostgresError(result: result)
        if error.remedy == .reconnect { isSpoilt = true }
        if copy.error == nil { copy.error = error }
      default: break
      }
      PQclear(result)
    }
    awaitAnswer()
  }
}

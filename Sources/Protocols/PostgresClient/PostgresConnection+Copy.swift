import CPostgres
import Reactor

/// A COPY under way, which has the connection for itself.
final class CopyState {
  enum Phase {
    /// The server has not said yet that it is ready.
    case starting(CheckedContinuation<Void, any Error>)
    /// Nobody waits.
    case open
    /// What was written waits for the socket.
    case flushing(CheckedContinuation<Void, any Error>)
    /// Somebody waits for the next bytes of COPY TO.
    case reading(CheckedContinuation<[UInt8], any Error>)
    /// The last bytes were sent, or came.
    case ending(CheckedContinuation<Int, any Error>)
  }

  var phase = Phase.open
  /// Whether the last row of COPY TO has come.
  var isAtEnd = false
  var copiedCount = 0
  var error: PostgresError?

  func fail(_ error: PostgresError) {
    let last = phase
    phase = .open
    self.error = error
    switch last {
    case .open: break
    case .starting(let waiting), .flushing(let waiting): waiting.resume(throwing: error)
    case .reading(let waiting): waiting.resume(throwing: error)
    case .ending(let waiting): waiting.resume(throwing: error)
    }
  }
}

/// Where the rows of a COPY FROM go.
package struct CopyWriter: Sendable {
  let connection: PostgresConnection

  /// Sends bytes, cut anywhere; it returns when the socket has taken them.
  package func write(_ bytes: [UInt8]) async throws { try await connection.put(bytes) }
}

extension PostgresConnection {
  /// Runs `COPY ... FROM STDIN`; pipeline mode forbids it, so the connection leaves that meanwhile.
  ///
  /// - Parameter body: writes the rows; what it throws takes the COPY back, and is thrown.
  /// - Returns: how many rows were copied.
  package func copyIn(
    _ sql: String, _ body: @Sendable (CopyWriter) async throws -> Void
  ) async throws -> Int {
    try await beginCopy(sql, PGRES_COPY_IN)
    do {
      try await body(CopyWriter(connection: self))
    } catch {
      _ = try? await endCopyIn(because: "the copy was given up")
      throw error
    }
    return try await endCopyIn(because: nil)
  }

  /// Runs `COPY ... TO STDOUT` and hands over its bytes, a row at a time or less often.
  package func copyOut(
    _ sql: String, _ body: @Sendable ([UInt8]) async throws -> Void
  ) async throws -> Int {
    try await beginCopy(sql, PGRES_COPY_OUT)
    do {
      while true {
        let bytes = try await nextCopied()
        guard !bytes.isEmpty else { break }
        try await body(bytes)
      }
    } catch {
      // There is no way to stop it but to cancel, which ends this connection.
      fail(PostgresError(.closed, "the copy was given up"))
      throw error
    }
    return try await endCopy()
  }

  // MARK: Steps

  private func beginCopy(_ sql: String, _ expected: ExecStatusType) async throws {
    if case .closed(let error) = state { throw error }
    guard case .ready = state, calls.isEmpty else {
      throw PostgresError(.unexpected, "the connection is in use")
    }
    guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, sql) == 1 else {
      throw broken()
    }
    let copy = CopyState()
    state = .copying(copy)
    try await withCheckedThrowingContinuation { continuation in
      copy.phase = .starting(continuation)
      flush()
      awaitAnswer()
    }
    guard let result = PQgetResult(handle) else {
      throw endEarly(PostgresError(.unexpected, "the server said nothing to the copy"))
    }
    defer { PQclear(result) }
    switch PQresultStatus(result) {
    case expected: return
    case PGRES_FATAL_ERROR: throw endEarly(PostgresError(result: result))
    default:
      // Something else than the COPY that was meant: the connection's protocol is out of step.
      let error = PostgresError(.unexpected, "the statement is not the COPY that was meant")
      fail(error)
      throw error
    }
  }

  private func endEarly(_ error: PostgresError) -> PostgresError {
    while let result = PQgetResult(handle) { PQclear(result) }
    backToPipeline()
    return error
  }

  private func broken() -> PostgresError {
    let error = brokenConnection()
    fail(error)
    return error
  }

  private func backToPipeline() {
    guard case .copying = state else { return }
    guard PQenterPipelineMode(handle) == 1 else { return fail(brokenConnection()) }
    state = .ready
  }

  func put(_ bytes: [UInt8]) async throws {
    let copy = try copying()
    let code = bytes.withUnsafeBytes { bytes in
      PQputCopyData(
        handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
    }
    guard code == 1 else {
      throw broken()
    }
    // libpq would keep whatever it is given: wait until the socket has taken it.
    try await withCheckedThrowingContinuation { continuation in
      copy.phase = .flushing(continuation)
      flush()
    }
  }

  func copyIsFlushed(_ copy: CopyState) {
    guard case .flushing(let continuation) = copy.phase else { return }
    copy.phase = .open
    continuation.resume()
  }

  private func endCopyIn(because reason: String?) async throws -> Int {
    _ = try copying()
    let code = PQputCopyEnd(handle, reason)
    guard code == 1 else {
      throw broken()
    }
    return try await endCopy()
  }

  private func endCopy() async throws -> Int {
    let copy = try copying()
    return try await withCheckedThrowingContinuation { continuation in
      copy.phase = .ending(continuation)
      flush()
      awaitAnswer()
      takeCopyResults(copy)
    }
  }

  private func copying() throws(PostgresError) -> CopyState {
    switch state {
    case .copying(let copy): return copy
    case .closed(let error): throw error
    default: throw PostgresError(.unexpected, "no copy is under way")
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
    return try await withCheckedThrowingContinuation { continuation in
      copy.phase = .reading(continuation)
      watch?.update(.read)
      takeCopied(copy, continuation)
    }
  }

  /// At most so many bytes are handed over at once.
  private static let copiedPerChunk = 65_536

  private func takeCopied(
    _ copy: CopyState, _ continuation: CheckedContinuation<[UInt8], any Error>
  ) {
    var bytes: [UInt8] = []
    while bytes.count < Self.copiedPerChunk, !copy.isAtEnd {
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
    watch?.update([])
    continuation.resume(returning: bytes)
  }

  private func takeCopyResults(_ copy: CopyState) {
    guard case .ending(let continuation) = copy.phase else { return }
    watch?.update(.read)
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
      case PGRES_FATAL_ERROR: copy.error = PostgresError(result: result)
      default: break
      }
      PQclear(result)
    }
    awaitAnswer()
  }
}

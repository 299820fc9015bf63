import CPostgres
package import Reactor

extension PostgresConnection {
  /// Runs statements in one implicit transaction, in one round trip.
  ///
  /// - Parameter deadline: when it is to be over; the server is asked to stop then.
  /// - Returns: an answer for each.
  /// - Throws: `PostgresError`; with `cancelled` when the calling task is cancelled, or
  ///   `deadlineExceeded`, after the server was asked to stop.
  package func run(
    _ statements: [PostgresStatement], deadline: MonotonicTime? = nil
  ) async throws -> [PostgresAnswer] {
    let id = newCallID()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        send(id, statements, .answers(continuation), deadline)
        // The handler below may have come too early.
        if Task.isCancelled { cancel(id, Self.cancelled) }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.cancel(id, Self.cancelled) } }
    }
  }

  /// Runs one statement.
  package func run(
    _ sql: String, _ parameters: [PostgresParameter] = [], deadline: MonotonicTime? = nil
  ) async throws -> PostgresAnswer {
    let answers = try await run([PostgresStatement(sql, parameters)], deadline: deadline)
    guard let answer = answers.first else {
      throw PostgresError(.unexpected, "the statement has no answer")
    }
    return answer
  }

  /// Runs one statement and hands its rows over in chunks, however many they are: while a chunk is
  /// looked at nothing more is read from the server.
  ///
  /// - Parameters:
  ///   - deadline: when all of it is to be over.
  ///   - body: called for each chunk, none of them empty, in order.
  package func forEachChunk(
    _ statement: PostgresStatement, deadline: MonotonicTime? = nil,
    _ body: @Sendable ([PostgresRow]) async throws -> Void
  ) async throws {
    let id = newCallID()
    let reader = RowReader()
    send(id, [statement], .reader(reader), deadline)
    do {
      while true {
        let rows = try await nextRows(of: id, from: reader)
        guard !rows.isEmpty else { return }
        try await body(rows)
      }
    } catch {
      // What is left unread is thrown away; a long statement is stopped.
      cancel(id, Self.cancelled)
      throw error
    }
  }

  private func nextRows(of id: UInt64, from reader: RowReader) async throws -> [PostgresRow] {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        reader.next(continuation)
        if reader.isEmpty, isPaused { resumeReading() }
        if Task.isCancelled { cancel(id, Self.cancelled) }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.cancel(id, Self.cancelled) } }
    }
  }

  static let cancelled = PostgresError(.cancelled, "the call was cancelled")

  // MARK: Sending

  func send(
    _ id: UInt64, _ statements: [PostgresStatement], _ sink: PipelinedCall.Sink,
    _ own: MonotonicTime? = nil
  ) {
    if let error = obstacle(to: statements) { return refuse(sink, error) }
    let limit = [own, deadline].compactMap { $0 }.min()
    if let limit, limit <= loop.now() { return refuse(sink, Self.late) }
    var steps: [PipelinedCall.Step] = []
    for statement in statements where !send(statement, &steps) {
      // Half a call cannot be taken back from the pipeline.
      let error = brokenConnection()
      refuse(sink, error)
      return fail(error)
    }
    let call = PipelinedCall(id: id, steps: steps, sink: sink)
    guard PQpipelineSync(handle) == 1 else {
      let error = brokenConnection()
      refuse(sink, error)
      return fail(error)
    }
    calls.append(call)
    if calls.count == 1 { wantSingleRows(of: call) }
    if let limit { expire(call, at: limit) }
    awaitAnswer()
    flush()
  }

  /// What keeps a call from being sent; the connection stays as it is.
  private func obstacle(to statements: [PostgresStatement]) -> PostgresError? {
    if case .closed(let error) = state { return error }
    guard case .ready = state else {
      return PostgresError(.unexpected, "the connection is copying")
    }
    guard calls.count < configuration.maxPipelined,
      unsentCount <= configuration.maxUnsentBytes
    else { return PostgresError(.exhausted, "too much waits on this connection") }
    for statement in statements {
      // The protocol counts parameters in 16 bits, and the server takes a gigabyte at most.
      guard statement.parameters.count <= 65_535,
        statement.parameters.reduce(0, { $0 + ($1.bytes?.count ?? 0) }) < 1 << 30
      else { return PostgresError(.unexpected, "the statement's parameters are too large") }
    }
    return nil
  }

  private func refuse(_ sink: PipelinedCall.Sink, _ error: PostgresError) {
    let call = PipelinedCall(id: 0, steps: [], sink: sink)
    call.fail(error)
    call.finish()
  }

  private func send(_ statement: PostgresStatement, _ steps: inout [PipelinedCall.Step]) -> Bool {
    let types = statement.parameters.map(\.type)
    var name = prepared.name(of: statement.sql)
    if name == nil, let new = prepared.newName(for: statement.sql) {
      guard PQsendPrepare(handle, new, statement.sql, Int32(types.count), types) == 1 else {
        return false
      }
      steps.append(.prepare(name: new, sql: statement.sql))
      name = new
    }
    steps.append(.execute(sql: statement.sql))
    unsentCount += statement.parameters.reduce(64) { $0 + ($1.bytes?.count ?? 0) }
    return statement.parameters.withLibpqArrays { count, values, lengths, formats in
      if let name {
        PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
      } else {
        PQsendQueryParams(handle, statement.sql, count, types, values, lengths, formats, 1)
      }
    } == 1
  }

  // MARK: Answers

  /// It must be said when the statement's turn has come, before its first row.
  private func wantSingleRows(of call: PipelinedCall) {
    if call.isStreaming, case .execute = call.step { PQsetSingleRowMode(handle) }
  }

  func takeAnswers() {
    while let call = calls.first, PQisBusy(handle) == 0 {
      if let reader = call.reader, reader.isFull {
        // Whoever reads is behind: the rest waits in the socket, and no answer is due.
        reader.wake()
        if !reader.isEmpty {
          isPaused = true
          silenceEnds()
          return
        }
      }
      guard let result = PQgetResult(handle) else {
        call.nextStep()
        wantSingleRows(of: call)
        continue
      }
      take(result, of: call)
      if case .closed = state { return }
    }
    calls.first?.reader?.wake()
    awaitAnswerIfDue()
  }

  private func take(_ result: OpaquePointer, of call: PipelinedCall) {
    switch PQresultStatus(result) {
    case PGRES_PIPELINE_SYNC:
      PQclear(result)
      calls.removeFirst()
      if let next = calls.first {
        if next.isCancelled { sendCancellation() }
        wantSingleRows(of: next)
      }
      call.finish()
    case PGRES_PIPELINE_ABORTED:
      PQclear(result)
      if case .prepare(_, let sql) = call.step { prepared.settle(sql, as: nil) }
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY:
      if case .prepare(let name, let sql) = call.step {
        prepared.settle(sql, as: name)
        PQclear(result)
      } else {
        call.take(result)
      }
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      PQclear(result)
      fail(PostgresError(.unexpected, "COPY has a method of its own"))
    default: takeError(result, of: call)
    }
  }

  private func takeError(_ result: OpaquePointer, of call: PipelinedCall) {
    let error = PostgresError(result: result)
    PQclear(result)
    switch call.step {
    case .prepare(_, let sql): prepared.settle(sql, as: nil)
    case .execute(let sql) where error.isStalePlan: prepared.forget(sql)
    default: break
    }
    // A server that ends, or that has become a standby, is none to come back to.
    if error.remedy == .reconnect { isSpoilt = true }
    call.fail(error)
    if PQstatus(handle) == CONNECTION_BAD { fail(error) }
  }
}

extension PostgresError {
  /// What a result of libpq says.
  init(result: OpaquePointer) {
    func field(_ code: UnicodeScalar) -> String {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) } ?? ""
    }
    let state = field("C")
    let message = field("M")
    self.init(
      state.isEmpty ? .connection : .server(sqlState: state),
      message.isEmpty ? String(cString: PQresultErrorMessage(result)).oneLine : message.oneLine,
      constraint: field("n"))
    // The server has no SQLSTATE of its own for a plan that no longer fits its tables.
    isStalePlan = state == "26000" || state == "0A000" && field("R") == "RevalidateCachedQuery"
  }
}

extension [PostgresParameter] {
  /// Calls `body` with the arrays that libpq wants: count, values, lengths, formats.
  fileprivate func withLibpqArrays<Result>(
    _ body: (
      Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
    ) -> Result
  ) -> Result {
    // All values stand behind each other; an empty one still needs an address, since none is NULL.
    var bytes: [UInt8] = []
    var offsets: [Int] = []
    for parameter in self {
      offsets.append(bytes.count)
      if let value = parameter.bytes { bytes += value }
    }
    bytes.append(0)
    let lengths = map { Int32($0.bytes?.count ?? 0) }
    let formats = [Int32](repeating: 1, count: count)
    return bytes.withUnsafeBytes { bytes in
      let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      let values = zip(self, offsets).map { parameter, offset in
        parameter.bytes == nil ? nil : base.map { $0 + offset }
      }
      return body(Int32(count), values, lengths, formats)
    }
  }
}

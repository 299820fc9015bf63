import CPostgres
import Reactor

extension PostgresConnection {
  /// Runs statements in one implicit transaction, in one round trip.
  ///
  /// - Returns: an answer for each.
  /// - Throws: `PostgresError`; with `cancelled` when the calling task is cancelled, after the
  ///   server was asked to stop.
  package func run(_ statements: [PostgresStatement]) async throws -> [PostgresAnswer] {
    let id = newCallID()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        send(id, statements, .answers(continuation))
        // The handler below may have come too early.
        if Task.isCancelled { cancel(id) }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.cancel(id) } }
    }
  }

  /// Runs one statement.
  package func run(
    _ sql: String, _ parameters: [PostgresParameter] = []
  ) async throws -> PostgresAnswer {
    guard let answer = try await run([PostgresStatement(sql, parameters)]).first else {
      throw PostgresError(.unexpected, "the statement has no answer")
    }
    return answer
  }

  /// Runs one statement and hands its rows over in chunks, however many they are: while a chunk is
  /// looked at nothing more is read from the server.
  ///
  /// - Parameter body: called for each chunk, none of them empty, in order.
  package func forEachChunk(
    _ statement: PostgresStatement,
    _ body: @Sendable ([PostgresRow]) async throws -> Void
  ) async throws {
    let id = newCallID()
    let reader = RowReader()
    send(id, [statement], .reader(reader))
    do {
      while true {
        let rows = try await nextRows(of: id, from: reader)
        guard !rows.isEmpty else { return }
        try await body(rows)
      }
    } catch {
      // What is left unread is thrown away; a long statement is stopped.
      cancel(id)
      throw error
    }
  }

  private func nextRows(of id: UInt64, from reader: RowReader) async throws -> [PostgresRow] {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        reader.next(continuation)
        if reader.isEmpty { takeAnswers() }
        if Task.isCancelled { cancel(id) }
      }
    } onCancel: {
      loop.execute { self.assumeIsolated { $0.cancel(id) } }
    }
  }

  // MARK: Sending

  private func send(_ id: UInt64, _ statements: [PostgresStatement], _ sink: PipelinedCall.Sink) {
    if case .closed(let error) = state { return refuse(sink, error) }
    guard case .ready = state else {
      return refuse(sink, PostgresError(.unexpected, "the connection is copying"))
    }
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
    if calls.count == 1, call.isStreaming { PQsetSingleRowMode(handle) }
    flush()
    awaitAnswer()
  }

  private func refuse(_ sink: PipelinedCall.Sink, _ error: PostgresError) {
    switch sink {
    case .answers(let continuation): continuation.resume(throwing: error)
    case .reader(let reader): reader.finish(error)
    }
  }

  private func send(_ statement: PostgresStatement, _ steps: inout [PipelinedCall.Step]) -> Bool {
    let types = statement.parameters.map(\.type)
    var name = prepared.name(of: statement.sql)
    if name == nil, let new = prepared.newName() {
      guard PQsendPrepare(handle, new, statement.sql, Int32(types.count), types) == 1 else {
        return false
      }
      steps.append(.prepare(name: new, sql: statement.sql))
      name = new
    }
    steps.append(.execute(sql: statement.sql))
    return statement.parameters.withLibpqArrays { count, values, lengths, formats in
      if let name {
        PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
      } else {
        PQsendQueryParams(handle, statement.sql, count, types, values, lengths, formats, 1)
      }
    } == 1
  }

  // MARK: Answers

  func takeAnswers() {
    while let call = calls.first, PQisBusy(handle) == 0 {
      if case .reader(let reader) = call.sink, reader.count >= Self.rowsPerChunk {
        // Whoever reads is behind: the rest waits in the socket.
        reader.wake()
        guard reader.isEmpty else {
          watch?.update([])
          return
        }
      }
      guard let result = PQgetResult(handle) else {
        call.nextStep()
        if call.isStreaming, case .execute = call.step { PQsetSingleRowMode(handle) }
        continue
      }
      take(result, of: call)
      if case .closed = state { return }
    }
    if case .reader(let reader) = calls.first?.sink { reader.wake() }
    if watch?.interest == [] { watch?.update(.read) }
    awaitAnswerIfDue()
  }

  private func take(_ result: OpaquePointer, of call: PipelinedCall) {
    switch PQresultStatus(result) {
    case PGRES_PIPELINE_SYNC:
      PQclear(result)
      calls.removeFirst()
      if let next = calls.first {
        if next.isCancelled { sendCancellation() }
        if next.isStreaming, case .execute = next.step { PQsetSingleRowMode(handle) }
      }
      call.finish()
    case PGRES_PIPELINE_ABORTED:
      PQclear(result)
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY:
      switch call.step {
      case .prepare(let name, let sql):
        prepared.confirm(name, sql)
        PQclear(result)
      default: call.take(PostgresAnswer(result))
      }
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      PQclear(result)
      fail(PostgresError(.unexpected, "COPY has a method of its own"))
    default:
      let error = PostgresError(result: result)
      PQclear(result)
      if case .execute(let sql) = call.step { prepared.forget(sql, after: error.sqlState) }
      call.fail(error)
      if PQstatus(handle) == CONNECTION_BAD { fail(error) }
    }
  }

  private static let rowsPerChunk = 256

  // MARK: Cancellation

  func cancel(_ id: UInt64) {
    guard let place = calls.firstIndex(where: { $0.id == id }), !calls[place].isCancelled else {
      return
    }
    calls[place].isCancelled = true
    // One that waits behind others is cancelled when its turn comes.
    if place == 0 { sendCancellation() }
    if watch?.interest == [] { watch?.update(.read) }
  }

  /// Asks the server to stop what it does. `PQcancel` connects and blocks, hence a thread; a server
  /// that does not answer in time is given up.
  func sendCancellation() {
    hasCancelled = true
    if let request = PQgetCancel(handle) {
      let canceller = Canceller(request)
      Task { try? await onOwnThread { canceller.send() } }
    }
    loop.schedule(after: configuration.cancelTimeout) { [weak self] in
      self?.assumeIsolated { connection in
        guard connection.calls.contains(where: \.isCancelled) else { return }
        connection.fail(PostgresError(.connection, "the database does not answer a cancellation"))
      }
    }
  }
}

/// libpq's request to cancel.
// @unchecked: it is a copy of its own, which one thread uses.
private final class Canceller: @unchecked Sendable {
  private let request: OpaquePointer

  init(_ request: OpaquePointer) { self.request = request }

  deinit { PQfreeCancel(request) }

  func send() {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { reason in
      _ = PQcancel(request, reason.baseAddress, Int32(reason.count))
    }
  }
}

extension PostgresError {
  /// What a result of libpq says.
  init(result: OpaquePointer) {
    func field(_ code: Int32) -> String {
      PQresultErrorField(result, code).map { String(cString: $0) } ?? ""
    }
    let state = field(Int32(UInt8(ascii: "C")))
    let message = field(Int32(UInt8(ascii: "M")))
    self.init(
      state.isEmpty ? .connection : .server(sqlState: state),
      message.isEmpty ? String(cString: PQresultErrorMessage(result)).oneLine : message.oneLine,
      constraint: field(Int32(UInt8(ascii: "n"))))
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
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for parameter in self {
      offsets.append(bytes.count)
      bytes += (parameter.bytes ?? []).map { CChar(bitPattern: $0) }
    }
    bytes.append(0)
    let lengths = map { Int32($0.bytes?.count ?? 0) }
    let formats = [Int32](repeating: 1, count: count)
    return bytes.withUnsafeBufferPointer { bytes in
      let values = zip(self, offsets).map { parameter, offset in
        parameter.bytes == nil ? nil : bytes.baseAddress.map { $0 + offset }
      }
      return body(Int32(count), values, lengths, formats)
    }
  }
}

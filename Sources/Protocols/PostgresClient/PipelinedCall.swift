import CPostgres
import Reactor

/// Statements that were sent together and end with one sync: one implicit transaction.
final class PipelinedCall {
  /// One command of the pipeline, in the order in which the server answers.
  enum Step {
    case prepare(name: String, sql: String)
    case execute(sql: String)
  }

  /// What becomes of rows.
  enum Sink {
    /// They are collected, an answer for each statement.
    case answers(CheckedContinuation<[PostgresAnswer], any Error>)
    /// Each goes to the reader, as soon as it is there.
    case reader(RowReader)
    /// They are collected; called before anything that comes behind them is looked at.
    case callback((Result<[PostgresAnswer], PostgresError>) -> Void)
    /// Nobody waits any more.
    case nobody
  }

  let id: UInt64
  private(set) var sink: Sink
  private let steps: [Step]
  private var place = 0
  private var answers: [PostgresAnswer] = []
  private var columns: PostgresColumns?
  private var error: PostgresError?
  /// Why it is to be stopped, once it is.
  private(set) var cancellation: PostgresError?
  /// Stops it when its deadline passes.
  var timer: Timer?

  init(id: UInt64, steps: [Step], sink: Sink) {
    self.id = id
    self.steps = steps
    self.sink = sink
  }

  var step: Step? { place < steps.count ? steps[place] : nil }

  /// Whether rows are wanted one by one.
  var isStreaming: Bool { if case .reader = sink { true } else { false } }

  var isCancelled: Bool { cancellation != nil }

  /// Its reader, while that wants rows.
  var reader: RowReader? {
    if case .reader(let reader) = sink, !isCancelled { reader } else { nil }
  }

  func nextStep() {
    place += 1
    columns = nil
  }

  func take(_ result: OpaquePointer) {
    let known = columns ?? PostgresColumns(of: result)
    columns = known
    let answer = PostgresAnswer(result, known)
    switch sink {
    case .answers, .callback: answers.append(answer)
    case .reader(let reader): if !isCancelled { reader.push(answer) }
    case .nobody: break
    }
  }

  func fail(_ error: PostgresError) {
    if self.error == nil { self.error = error }
  }

  func cancel(_ reason: PostgresError) {
    if cancellation == nil { cancellation = reason }
  }

  /// Tells who waits that it is over, though the server has not said so.
  func abandon(_ reason: PostgresError) {
    error = reason
    finish()
  }

  func finish() {
    timer?.cancel()
    timer = nil
    let outcome = outcome
    let last = sink
    sink = .nobody
    switch last {
    case .answers(let continuation): continuation.resume(with: outcome.mapError { $0 })
    case .reader(let reader):
      if case .failure(let error) = outcome { reader.finish(error) } else { reader.finish(nil) }
    case .callback(let body): body(outcome)
    case .nobody: break
    }
  }

  private var outcome: Result<[PostgresAnswer], PostgresError> {
    guard let error else {
      // A cancellation that came too late changes nothing; but a reader has lost rows by it.
      if isStreaming, let cancellation { return .failure(cancellation) }
      return .success(answers)
    }
    let isCancellation = error.sqlState.isEmpty || error.condition == .queryCancelled
    return .failure(isCancellation ? cancellation ?? error : error)
  }
}

/// Rows on their way to somebody who takes them one chunk at a time.
final class RowReader {
  /// A chunk has at most so many rows, and ends with the row that brings it to so many bytes.
  static let rowsPerChunk = 256
  static let bytesPerChunk = 1 << 20

  private var rows: [PostgresRow] = []
  private var byteCount = 0
  private var isFinished = false
  private var error: PostgresError?
  private var waiting: CheckedContinuation<[PostgresRow], any Error>?

  var isEmpty: Bool { rows.isEmpty }
  var isFull: Bool { rows.count >= Self.rowsPerChunk || byteCount >= Self.bytesPerChunk }

  func push(_ answer: PostgresAnswer) {
    byteCount += answer.byteCount
    rows += answer.rows
  }

  func finish(_ error: PostgresError?) {
    isFinished = true
    self.error = error
    wake()
  }

  /// Hands what has come to who waits.
  func wake() {
    guard let waiting, !rows.isEmpty || isFinished else { return }
    self.waiting = nil
    answer(waiting)
  }

  /// The next rows; none at the end.
  func next(_ continuation: CheckedContinuation<[PostgresRow], any Error>) {
    waiting = continuation
    wake()
  }

  private func answer(_ continuation: CheckedContinuation<[PostgresRow], any Error>) {
    // Rows before an error are no answer: the statement failed as a whole.
    if let error { return continuation.resume(throwing: error) }
    continuation.resume(returning: rows)
    rows = []
    byteCount = 0
  }
}

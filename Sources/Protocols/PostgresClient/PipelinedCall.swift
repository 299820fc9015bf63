import CPostgres

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
  }

  let id: UInt64
  let sink: Sink
  private(set) var steps: [Step]
  private(set) var place = 0
  private(set) var answers: [PostgresAnswer] = []
  private(set) var error: PostgresError?
  var isCancelled = false

  init(id: UInt64, steps: [Step], sink: Sink) {
    self.id = id
    self.steps = steps
    self.sink = sink
  }

  var step: Step? { place < steps.count ? steps[place] : nil }

  var isStreaming: Bool { if case .reader = sink { true } else { false } }

  func nextStep() { place += 1 }

  func take(_ answer: PostgresAnswer) {
    switch sink {
    case .answers: answers.append(answer)
    case .reader(let reader): reader.push(answer)
    }
  }

  func fail(_ error: PostgresError) {
    if self.error == nil { self.error = error }
  }

  func finish() {
    if isCancelled {
      error = PostgresError(.cancelled, "the call was cancelled")
    }
    switch sink {
    case .answers(let continuation):
      if let error {
        continuation.resume(throwing: error)
      } else {
        continuation.resume(returning: answers)
      }
    case .reader(let reader): reader.finish(error)
    }
  }
}

/// Rows on their way to somebody who takes them one chunk at a time.
final class RowReader {
  private var rows: [PostgresRow] = []
  private var isFinished = false
  private var error: PostgresError?
  private var waiting: CheckedContinuation<[PostgresRow], any Error>?

  var isEmpty: Bool { rows.isEmpty }
  var count: Int { rows.count }

  func push(_ answer: PostgresAnswer) {
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
  }
}

import BenchmarkDomain
import HTTPClient
import Reactor

/// One request under way, on its driver's loop.
final class Flight: TransferDelegate {
  let index: UInt32
  let isWarmup: Bool
  private(set) var sample: RequestSample
  /// What went wrong, in words.
  private(set) var failure: String?
  var transfer: Transfer?
  private var recorder: StreamRecorder
  private let origin: MonotonicTime
  private let onEnd: (Flight) -> Void
  private var errorBody: [UInt8] = []

  init(
    index: UInt32, isWarmup: Bool, plan: LoadPlan, now: MonotonicTime,
    onEnd: @escaping (Flight) -> Void
  ) {
    self.index = index
    self.isWarmup = isWarmup
    self.onEnd = onEnd
    origin = plan.origin
    recorder = StreamRecorder(maximumTokens: UInt32(max(0, plan.workload.outputTokens)))
    let due = now.nanoseconds - min(now.nanoseconds, plan.origin.nanoseconds)
    sample = RequestSample(
      requestIndex: index, segment: plan.segment, outcome: .connectionFailed, scheduled: due,
      sent: due, end: due)
  }

  private func relative(_ time: MonotonicTime) -> UInt64 {
    time.nanoseconds - min(time.nanoseconds, origin.nanoseconds)
  }

  func transferSent(at time: MonotonicTime) { sample.sent = relative(time) }

  func transferReceived(_ head: TransferHead, firstByte: MonotonicTime) {
    sample.httpStatus = min(UInt32(clamping: head.status), RequestSample.largestStatus)
    sample.firstByte = relative(firstByte)
  }

  func transferReceived(_ bytes: RawSpan, at time: MonotonicTime) {
    guard sample.httpStatus == 200 else {
      let room = min(bytes.byteCount, 300 - min(300, errorBody.count))
      bytes.extracting(first: room).withUnsafeBytes { errorBody.append(contentsOf: $0) }
      return
    }
    recorder.feed(bytes, at: time.nanoseconds)
    // What follows can mend nothing, and an engine that ignores its limits may never end.
    if recorder.isMalformed { transfer?.cancel() }
  }

  func transferEnded(_ outcome: Result<Void, TransferError>, at time: MonotonicTime) {
    transfer = nil
    recorder.fill(&sample, origin: origin.nanoseconds)
    sample.end = relative(time)
    sample.outcome = judge(outcome)
    if sample.outcome != .ok { failure = describe(outcome) }
    onEnd(self)
  }

  private func judge(_ outcome: Result<Void, TransferError>) -> RequestOutcome {
    if sample.httpStatus != 0, sample.httpStatus != 200 { return .httpError }
    if recorder.isMalformed { return .malformed }
    guard case .failure(let error) = outcome else { return recorder.outcome }
    switch error.code {
    case .timedOut: return .timedOut
    case .malformed, .tooLarge: return .malformed
    case .brokeOff: return .incomplete
    case .couldNotConnect, .closedBeforeFirstByte, .cancelled, .badRequest, .failed:
      return sample.firstByte == 0 ? .connectionFailed : .incomplete
    }
  }

  private func describe(_ outcome: Result<Void, TransferError>) -> String {
    switch sample.outcome {
    case .httpError:
      return "HTTP \(sample.httpStatus): \(String(decoding: errorBody, as: UTF8.self))"
    case .malformed: return "the answer is not the stream that was asked for"
    case .empty: return "the answer has no content"
    default:
      if case .failure(let error) = outcome { return error.message }
      return "the stream ended without a finish reason and without [DONE]"
    }
  }
}

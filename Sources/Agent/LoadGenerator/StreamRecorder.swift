package import BenchmarkDomain
import Statistics

/// Turns the bytes of one streamed answer into a sample: a pure state machine.
///
/// Stamps are nanoseconds of one monotonic clock. Content is whatever the model wrote, reasoning
/// included; visible content leaves reasoning aside. Chunks that arrive in one read carry one
/// stamp, and so a gap of 0 between them. How a stream that ended cleanly is judged:
///
/// - an error object, or an event that is no chunk: `malformed`, as are more tokens than were
///   asked for: an engine that ignores `max_tokens` has done other work than was to be measured;
///   and token counts that no request has, which are dropped
/// - neither `[DONE]` nor a finish reason: `incomplete`; either of them is enough
/// - ended, but without content: `empty`
package struct StreamRecorder: Sendable {
  private var parser = EventStreamParser()
  private let maximumTokens: UInt32
  private var gaps: [UInt64] = []
  private var firstContent: UInt64?
  private var firstVisible: UInt64?
  private var lastContent: UInt64 = 0
  private var contentChunks: UInt32 = 0
  private var promptTokens: UInt32?
  private var completionTokens: UInt32?
  private var isFinished = false
  private var isDone = false
  /// True as soon as the answer can no longer be a good one; the rest need not be read.
  package private(set) var isMalformed = false

  /// Makes a recorder for an answer of at most `maximumTokens`.
  package init(maximumTokens: UInt32) { self.maximumTokens = maximumTokens }

  /// Takes bytes of the body that arrived at `time`.
  package mutating func feed(_ bytes: RawSpan, at time: UInt64) {
    guard !isMalformed else { return }
    var parser = EventStreamParser(limitBytes: 0)
    swap(&parser, &self.parser)
    do throws(EventStreamParser.Overflow) {
      try parser.feed(bytes) { take($0, at: time) }
    } catch {
      isMalformed = true
    }
    swap(&parser, &self.parser)
    if self.parser.strayLines > 0 { isMalformed = true }
  }

  private mutating func take(_ event: UnsafeRawBufferPointer, at time: UInt64) {
    guard !isDone, !isMalformed else { return }
    if event.isEqual("[DONE]") {
      isDone = true
      return
    }
    guard let chunk = StreamChunk(event), !chunk.isError else {
      isMalformed = true
      return
    }
    if chunk.hasContent || chunk.hasReasoning { note(chunk, at: time) }
    if chunk.isFinished { isFinished = true }
    promptTokens = checked(chunk.promptTokens) ?? promptTokens
    completionTokens = checked(chunk.completionTokens) ?? completionTokens
    if contentChunks > maximumTokens.addingClamped(RequestSample.chunkTolerance)
      || (completionTokens ?? 0) > maximumTokens
    {
      isMalformed = true
    }
  }

  /// A token count, unless no request has so many.
  private mutating func checked(_ count: UInt32?) -> UInt32? {
    guard let count, count > RequestSample.maximumTokens else { return count }
    isMalformed = true
    return nil
  }

  private mutating func note(_ chunk: StreamChunk, at time: UInt64) {
    if firstContent == nil {
      firstContent = time
    } else {
      gaps.append(time - min(time, lastContent))
    }
    lastContent = max(time, lastContent)
    contentChunks += 1
    if chunk.hasContent, firstVisible == nil { firstVisible = time }
  }

  /// How an answer whose bytes ended cleanly ended.
  package var outcome: RequestOutcome {
    if isMalformed { return .malformed }
    guard isDone || isFinished else { return .incomplete }
    return contentChunks == 0 ? .empty : .ok
  }

  /// Puts what was seen into a sample, with its stamps counted from `origin`.
  package func fill(_ sample: inout RequestSample, origin: UInt64) {
    func relative(_ time: UInt64) -> UInt64 { time - min(time, origin) }
    sample.firstContent = firstContent.map(relative) ?? 0
    sample.firstVisible = firstVisible.map(relative) ?? 0
    sample.lastContent = firstContent == nil ? 0 : relative(lastContent)
    sample.inputTokens = promptTokens ?? 0
    sample.outputTokens = completionTokens ?? contentChunks
    sample.tokenSource = completionTokens == nil ? .chunks : .usage
    sample.contentChunks = contentChunks
    let encoded = DeltaVarint.encode(gaps)
    // More than a sample may hold are left out, as retention does later.
    sample.gaps = encoded.count <= RequestSample.maximumGapBytes ? encoded[...] : []
  }
}

extension UInt32 {
  fileprivate func addingClamped(_ other: UInt32) -> UInt32 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}

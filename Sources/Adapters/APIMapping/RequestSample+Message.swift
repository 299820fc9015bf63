package import APIBindings
package import BenchmarkDomain

extension APIBindings.RequestSample {
  package init(_ sample: BenchmarkDomain.RequestSample) {
    self.init(
      requestIndex: sample.requestIndex, segment: sample.segment, outcome: sample.outcome.wire,
      httpStatus: sample.httpStatus, scheduledNanoseconds: sample.scheduled,
      sentNanoseconds: sample.sent, firstByteNanoseconds: sample.firstByte,
      firstContentNanoseconds: sample.firstContent, firstVisibleNanoseconds: sample.firstVisible,
      lastContentNanoseconds: sample.lastContent, endNanoseconds: sample.end,
      inputTokens: sample.inputTokens, outputTokens: sample.outputTokens,
      tokenSource: sample.tokenSource.wire, contentChunks: sample.contentChunks,
      gaps: Array(sample.gaps))
  }
}

extension BenchmarkDomain.RequestSample: MessageReadable {
  private static var stamps: ClosedRange<UInt64> { 0...latestStamp }
  private static var tokens: ClosedRange<UInt32> { 0...maximumTokens }

  package init(reading message: APIBindings.RequestSample) throws(InvalidField) {
    guard message.gaps.count <= Self.maximumGapBytes else {
      throw InvalidField("gaps", "must have at most \(Self.maximumGapBytes) bytes")
    }
    self.init(
      requestIndex: message.requestIndex, segment: message.segment,
      outcome: try value(message.outcome, "outcome"),
      httpStatus: try number(message.httpStatus, "http_status", in: 0...Self.largestStatus),
      scheduled: try Self.stamp(message.scheduledNanoseconds, "scheduled_nanoseconds"),
      sent: try Self.stamp(message.sentNanoseconds, "sent_nanoseconds"),
      firstByte: try Self.stamp(message.firstByteNanoseconds, "first_byte_nanoseconds"),
      firstContent: try Self.stamp(message.firstContentNanoseconds, "first_content_nanoseconds"),
      firstVisible: try Self.stamp(message.firstVisibleNanoseconds, "first_visible_nanoseconds"),
      lastContent: try Self.stamp(message.lastContentNanoseconds, "last_content_nanoseconds"),
      end: try Self.stamp(message.endNanoseconds, "end_nanoseconds"),
      inputTokens: try number(message.inputTokens, "input_tokens", in: Self.tokens),
      outputTokens: try number(message.outputTokens, "output_tokens", in: Self.tokens),
      tokenSource: try value(message.tokenSource, orElse: .chunks, "token_source"),
      contentChunks: try number(message.contentChunks, "content_chunks", in: Self.tokens),
      gaps: message.gaps[...])
  }

  private static func stamp(_ value: UInt64, _ field: String) throws(InvalidField) -> UInt64 {
    try number(value, field, in: stamps)
  }
}

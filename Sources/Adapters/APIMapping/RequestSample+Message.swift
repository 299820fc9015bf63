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
      gaps: sample.gaps)
  }
}

/// A sample's message, owned or read where it lies.
private protocol SampleFields {
  var requestIndex: UInt32 { get }
  var segment: UInt32 { get }
  var outcome: APIBindings.RequestOutcome { get }
  var httpStatus: UInt32 { get }
  var scheduledNanoseconds: UInt64 { get }
  var sentNanoseconds: UInt64 { get }
  var firstByteNanoseconds: UInt64 { get }
  var firstContentNanoseconds: UInt64 { get }
  var firstVisibleNanoseconds: UInt64 { get }
  var lastContentNanoseconds: UInt64 { get }
  var endNanoseconds: UInt64 { get }
  var inputTokens: UInt32 { get }
  var outputTokens: UInt32 { get }
  var tokenSource: APIBindings.TokenSource { get }
  var contentChunks: UInt32 { get }
  var gapByteCount: Int { get }
  var gapBytes: [UInt8] { get }
}

extension APIBindings.RequestSample: SampleFields {
  fileprivate var gapByteCount: Int { gaps.count }
  fileprivate var gapBytes: [UInt8] { gaps }
}

extension APIBindings.RequestSample.View: SampleFields {
  fileprivate var gapByteCount: Int { gaps.count }
  fileprivate var gapBytes: [UInt8] { gaps.bytes }
}

extension BenchmarkDomain.RequestSample: MessageReadable {
  private static var stamps: ClosedRange<UInt64> { 0...latestStamp }
  private static var tokens: ClosedRange<UInt32> { 0...maximumTokens }

  package init(reading message: APIBindings.RequestSample) throws(InvalidField) {
    try self.init(fields: message)
  }

  /// Checks and takes every field of a message that is read where it lies.
  package init(reading view: APIBindings.RequestSample.View) throws(InvalidField) {
    try self.init(fields: view)
  }

  private init(fields message: some SampleFields) throws(InvalidField) {
    guard message.gapByteCount <= Self.maximumGapBytes else {
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
      gaps: message.gapBytes)
  }

  private static func stamp(_ value: UInt64, _ field: String) throws(InvalidField) -> UInt64 {
    try number(value, field, in: stamps)
  }
}

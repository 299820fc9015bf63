/// How one request ended.
package enum RequestOutcome: UInt8, Sendable, Hashable, CaseIterable {
  /// It was answered in full.
  case ok = 1
  /// The engine could not be reached, or closed the connection before the first byte.
  case connectionFailed
  /// It did not end in time.
  case timedOut
  /// The engine answered with an HTTP error.
  case httpError
  /// The engine answered something that is not what its interface says.
  case malformed
  /// The stream broke off before its end.
  case incomplete
  /// It ended well and carried no content.
  case empty

  /// The class of error in words, e.g. "timed_out".
  package var name: String {
    switch self {
    case .ok: "ok"
    case .connectionFailed: "connection_failed"
    case .timedOut: "timed_out"
    case .httpError: "http_error"
    case .malformed: "malformed"
    case .incomplete: "incomplete"
    case .empty: "empty"
    }
  }
}

/// Where a token count comes from.
package enum TokenSource: UInt8, Sendable, Hashable, CaseIterable {
  /// The engine's own usage figures.
  case usage = 1
  /// Content chunks, counted.
  case chunks
}

/// One request, as it was measured. Stamps count nanoseconds from the start of the segment.
package struct RequestSample: Sendable, Hashable {
  /// Place in the execution's order, from 0.
  package var requestIndex: UInt32
  /// Segment of the lease; stamps of different segments are never subtracted.
  package var segment: UInt32
  /// How it ended.
  package var outcome: RequestOutcome
  /// HTTP status; 0 when none came.
  package var httpStatus: UInt32
  /// When it was due.
  package var scheduled: UInt64
  /// When it was sent.
  package var sent: UInt64
  /// When the first byte of the answer came; 0 when none did.
  package var firstByte: UInt64
  /// When the first chunk with content came; 0 when none did.
  package var firstContent: UInt64
  /// When the first visible content came, reasoning aside; 0 when none did.
  package var firstVisible: UInt64
  /// When the last chunk with content came; 0 when none did.
  package var lastContent: UInt64
  /// When it ended.
  package var end: UInt64
  /// Tokens of the prompt; 0 when the engine does not say.
  package var inputTokens: UInt32
  /// Tokens of the answer.
  package var outputTokens: UInt32
  /// Where `outputTokens` comes from.
  package var tokenSource: TokenSource
  /// Chunks with content.
  package var contentChunks: UInt32
  /// Gaps between content chunks in nanoseconds, delta-varint encoded: a slice, since the samples
  /// of a message are kept as it came.
  package var gaps: ArraySlice<UInt8>

  /// Makes a sample.
  package init(
    requestIndex: UInt32, segment: UInt32, outcome: RequestOutcome, httpStatus: UInt32 = 0,
    scheduled: UInt64, sent: UInt64, firstByte: UInt64 = 0, firstContent: UInt64 = 0,
    firstVisible: UInt64 = 0, lastContent: UInt64 = 0, end: UInt64, inputTokens: UInt32 = 0,
    outputTokens: UInt32 = 0, tokenSource: TokenSource = .chunks, contentChunks: UInt32 = 0,
    gaps: ArraySlice<UInt8> = []
  ) {
    self.requestIndex = requestIndex
    self.segment = segment
    self.outcome = outcome
    self.httpStatus = httpStatus
    self.scheduled = scheduled
    self.sent = sent
    self.firstByte = firstByte
    self.firstContent = firstContent
    self.firstVisible = firstVisible
    self.lastContent = lastContent
    self.end = end
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.tokenSource = tokenSource
    self.contentChunks = contentChunks
    self.gaps = gaps
  }
}

extension RequestTiming {
  /// Whether the request counts in latency statistics; errors never do.
  package var succeeded: Bool { errorClass == nil }

  /// TTFT in seconds: first content - sent; nil without content.
  package var timeToFirstTokenSeconds: Double? {
    stamps.firstContent.map { Self.seconds(from: stamps.sent, to: $0) }
  }

  /// TTFT in seconds from the scheduled time, so that a late sender hides nothing; nil in a closed
  /// loop or without content.
  package var scheduledTimeToFirstTokenSeconds: Double? {
    guard let scheduled = stamps.scheduled, let first = stamps.firstContent else { return nil }
    return Self.seconds(from: scheduled, to: first)
  }

  /// Seconds from sending to the first content that is not reasoning; nil without such.
  package var timeToFirstVisibleTokenSeconds: Double? {
    stamps.firstVisibleContent.map { Self.seconds(from: stamps.sent, to: $0) }
  }

  /// E2E in seconds: last content - sent; nil without content.
  package var endToEndSeconds: Double? {
    stamps.lastContent.map { Self.seconds(from: stamps.sent, to: $0) }
  }

  /// TPOT in seconds: (E2E - TTFT) / (output tokens - 1); nil below 2 tokens and where all content
  /// came at once, never 0 for want of tokens.
  package var timePerOutputTokenSeconds: Double? {
    guard !arrivedAtOnce, let tokens = outputTokens, tokens >= 2, let first = stamps.firstContent,
      let last = stamps.lastContent
    else { return nil }
    return Self.seconds(from: first, to: last) / Double(tokens - 1)
  }

  /// The gaps between content chunks in seconds, to be pooled as inter-token latency; none where
  /// all content came at once.
  package var gapsSeconds: [Double] { arrivedAtOnce ? [] : gaps.map { Double($0) / 1e9 } }

  /// Whether some chunk holds several tokens, so that a gap is one of k tokens: fewer content
  /// chunks than output tokens. False where gaps or token count are unknown.
  package var hasMultiTokenGaps: Bool {
    guard let outputTokens, !gaps.isEmpty else { return false }
    return UInt64(gaps.count) + 1 < outputTokens
  }

  static func seconds(from start: UInt64, to end: UInt64) -> Double { Double(end - start) / 1e9 }
}

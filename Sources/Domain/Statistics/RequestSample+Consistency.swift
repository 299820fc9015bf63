package import BenchmarkDomain

extension RequestSample {
  /// Throws where the sample says what no request can be: figures beyond their limits, stamps that
  /// run backwards, gaps that are no gaps or not those of its chunks, and, of a request that ended
  /// well, another status than 200, no content, or more of it than the `askedTokens`.
  ///
  /// Walks over the gaps once and allocates nothing.
  package func checkConsistency(askedTokens: UInt32) throws(StatisticsError) {
    try checkLimits()
    if !hasAllStampsInOrder { _ = try RequestTiming(self, withGaps: false) }
    try checkGaps()
    if outcome == .ok { try checkAnswer(askedTokens: askedTokens) }
  }

  /// True for what nearly all samples have: every stamp, each behind the one before.
  private var hasAllStampsInOrder: Bool {
    firstContent > 0 && sent <= firstByte && firstByte <= firstContent
      && firstContent <= firstVisible && firstVisible <= lastContent && lastContent <= end
  }

  private func checkLimits() throws(StatisticsError) {
    let latest = max(
      scheduled, sent, max(firstByte, firstContent, firstVisible), max(lastContent, end))
    guard latest <= Self.latestStamp else {
      throw StatisticsError(.outOfRange, "a stamp lies behind \(Self.latestStamp) nanoseconds")
    }
    try checkCount(inputTokens, "input tokens")
    try checkCount(outputTokens, "output tokens")
    try checkCount(contentChunks, "content chunks")
    guard httpStatus <= Self.largestStatus else {
      throw StatisticsError(.outOfRange, "HTTP status \(httpStatus)")
    }
    guard gaps.count <= Self.maximumGapBytes else {
      throw StatisticsError(
        .outOfRange, "\(gaps.count) bytes of gaps; at most \(Self.maximumGapBytes)")
    }
  }

  private func checkCount(_ count: UInt32, _ name: String) throws(StatisticsError) {
    guard count > Self.maximumTokens else { return }
    throw StatisticsError(.outOfRange, "\(count) \(name); at most \(Self.maximumTokens)")
  }

  private func checkGaps() throws(StatisticsError) {
    guard !gaps.isEmpty else { return }
    let (count, sum) = try DeltaVarint.total(gaps)
    guard count + 1 == Int(contentChunks) else {
      throw StatisticsError(.outOfRange, "\(count) gaps between \(contentChunks) content chunks")
    }
    guard lastContent >= firstContent, lastContent - firstContent == sum else {
      throw StatisticsError(.outOfOrder, "the gaps do not lead from first to last content")
    }
  }

  private func checkAnswer(askedTokens: UInt32) throws(StatisticsError) {
    guard httpStatus == 200 else {
      throw StatisticsError(.outOfRange, "it ended well with HTTP status \(httpStatus)")
    }
    guard firstContent > sent else {
      throw StatisticsError(.outOfOrder, "its first content came before it was sent")
    }
    guard outputTokens > 0, contentChunks > 0 else {
      throw StatisticsError(.outOfRange, "it ended well without a token")
    }
    let (sum, overflow) = askedTokens.addingReportingOverflow(Self.chunkTolerance)
    let most = overflow ? .max : sum
    guard contentChunks <= most, outputTokens <= (tokenSource == .usage ? askedTokens : most) else {
      throw StatisticsError(
        .outOfRange,
        "\(outputTokens) output tokens in \(contentChunks) chunks where \(askedTokens) were asked "
          + "for")
    }
  }
}

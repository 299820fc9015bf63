/// The time stamps of one request, in nanoseconds of one monotonic clock.
///
/// Only stamps of the same lease segment may be compared.
package struct RequestStamps: Sendable, Hashable {
  /// When an open loop wanted to send it; nil in a closed loop.
  package var scheduled: UInt64?
  package var sent: UInt64
  package var firstByte: UInt64?
  /// The first chunk with non-empty content.
  package var firstContent: UInt64?
  /// The first chunk whose content is not reasoning.
  package var firstVisibleContent: UInt64?
  /// The last chunk with content; a trailing usage chunk is none.
  package var lastContent: UInt64?
  /// When the answer ended or the request failed.
  package var end: UInt64?

  package init(
    scheduled: UInt64? = nil, sent: UInt64, firstByte: UInt64? = nil,
    firstContent: UInt64? = nil, firstVisibleContent: UInt64? = nil, lastContent: UInt64? = nil,
    end: UInt64? = nil
  ) {
    self.scheduled = scheduled
    self.sent = sent
    self.firstByte = firstByte
    self.firstContent = firstContent
    self.firstVisibleContent = firstVisibleContent
    self.lastContent = lastContent
    self.end = end
  }
}

/// One request as it was measured: stamps, gaps and token counts that agree with each other.
package struct RequestTiming: Sendable, Hashable {
  package let stamps: RequestStamps
  /// Nanoseconds between successive content chunks; empty where retention dropped them.
  package let gaps: [UInt64]
  package let inputTokens: UInt64
  /// Nil where the engine did not say and nobody counted.
  package let outputTokens: UInt64?
  /// The class of the error that ended the request; nil when it succeeded.
  package let errorClass: String?
  /// Whether all content came in one read, so that nothing is known of the time between tokens:
  /// the request has neither TPOT nor ITL.
  package let arrivedAtOnce: Bool

  /// Checks that the stamps run forward and that the gaps lead from first to last content.
  ///
  /// Where gaps are given and `stamps.lastContent` is nil, it becomes first content + gaps; a
  /// single chunk is its own last. Throws `outOfOrder` on stamps that contradict each other and
  /// `outOfRange` on gaps whose sum exceeds 64 bits.
  package init(
    stamps: RequestStamps, gaps: [UInt64] = [], inputTokens: UInt64 = 0,
    outputTokens: UInt64? = nil, errorClass: String? = nil, arrivedAtOnce: Bool = false
  ) throws(StatisticsError) {
    self.stamps = try Self.completed(stamps, gaps: gaps)
    self.gaps = gaps
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.errorClass = errorClass
    self.arrivedAtOnce = arrivedAtOnce
  }

  private static func completed(
    _ stamps: RequestStamps, gaps: [UInt64]
  ) throws(StatisticsError) -> RequestStamps {
    var stamps = stamps
    if let last = try lastContent(stamps, gaps: gaps) {
      if let stated = stamps.lastContent, stated != last, !gaps.isEmpty {
        throw StatisticsError(.outOfOrder, "the gaps do not lead from first to last content")
      }
      stamps.lastContent = stamps.lastContent ?? last
    }
    try checkOrder(stamps)
    return stamps
  }

  private static func lastContent(
    _ stamps: RequestStamps, gaps: [UInt64]
  ) throws(StatisticsError) -> UInt64? {
    guard let first = stamps.firstContent else {
      if gaps.isEmpty && stamps.lastContent == nil { return nil }
      throw StatisticsError(.outOfOrder, "gaps or last content without first content")
    }
    var last = first
    for gap in gaps {
      let (sum, overflow) = last.addingReportingOverflow(gap)
      if overflow { throw StatisticsError(.outOfRange, "the gaps exceed the clock") }
      last = sum
    }
    return last
  }

  private static func checkOrder(_ stamps: RequestStamps) throws(StatisticsError) {
    var latest: (name: StaticString, stamp: UInt64) = ("the start", 0)
    func check(_ name: StaticString, _ stamp: UInt64?) throws(StatisticsError) {
      guard let stamp else { return }
      guard stamp >= latest.stamp else {
        throw StatisticsError(.outOfOrder, "\(name) lies before \(latest.name)")
      }
      latest = (name, stamp)
    }
    try check("scheduled", stamps.scheduled)
    try check("sent", stamps.sent)
    try check("first byte", stamps.firstByte)
    try check("first content", stamps.firstContent)
    try check("last content", stamps.lastContent)
    try check("end", stamps.end)
    if let visible = stamps.firstVisibleContent {
      guard let first = stamps.firstContent, let last = stamps.lastContent,
        (first...last).contains(visible)
      else { throw StatisticsError(.outOfOrder, "first visible content lies outside the content") }
    }
  }
}

/// The stretch of a lease segment over which throughput is counted, in nanoseconds of its clock.
package struct SteadyWindow: Sendable, Hashable {
  package let start: UInt64
  package let end: UInt64
  /// Whether every slot of the closed loop was busy throughout; false for a whole segment.
  package let isSteady: Bool

  /// Throws `outOfOrder` where the window is empty.
  package init(start: UInt64, end: UInt64, isSteady: Bool) throws(StatisticsError) {
    guard end > start else { throw StatisticsError(.outOfOrder, "the window is empty") }
    self.start = start
    self.end = end
    self.isSteady = isSteady
  }

  package var seconds: Double { Double(end - start) / 1e9 }

  /// The window of one segment at `concurrency`: from the moment that the last slot was first
  /// filled (the concurrency-th sending) to the first end after the last sending, when a slot
  /// stayed empty. Where that is nothing, the whole segment: first sending to last end. Nil where
  /// that is nothing too.
  package static func closedLoop(
    _ requests: [RequestTiming], concurrency: Int
  ) -> SteadyWindow? {
    let sent = requests.map(\.stamps.sent).sorted()
    let ends = requests.compactMap { $0.stamps.end ?? $0.stamps.lastContent }
    guard let firstSent = sent.first, let lastSent = sent.last, let lastEnd = ends.max() else {
      return nil
    }
    if concurrency >= 1, sent.count > concurrency,
      let drained = ends.filter({ $0 > lastSent }).min(),
      let window = try? SteadyWindow(  // Empty: the whole segment below.
        start: sent[concurrency - 1], end: drained, isSteady: true)
    {
      return window
    }
    // Empty: nothing was measured over any time.
    return try? SteadyWindow(start: firstSent, end: lastEnd, isSteady: false)
  }

  /// The share of the stretch from `first` to `last` that lies in the window; a stretch without
  /// length counts whole or not at all.
  func share(from first: UInt64, to last: UInt64) -> Double {
    guard last > first else { return contains(first) ? 1 : 0 }
    let low = max(first, start)
    let high = min(last, end)
    return high > low ? Double(high - low) / Double(last - first) : 0
  }

  /// Whether a stamp lies in the window: after its start, up to its end.
  func contains(_ stamp: UInt64) -> Bool { stamp > start && stamp <= end }

  /// The window cut into `count` equal parts, for batch means; fewer where it is shorter than
  /// `count` nanoseconds.
  func slices(_ count: Int) -> [SteadyWindow] {
    let parts = UInt64(count)
    let (length, rest) = (end - start).quotientAndRemainder(dividingBy: parts)
    let cuts = (0...parts).map { start + length * $0 + rest * $0 / parts }
    return zip(cuts, cuts.dropFirst()).compactMap { low, high in
      // Empty: too short to cut.
      try? SteadyWindow(start: low, end: high, isSteady: isSteady)
    }
  }
}

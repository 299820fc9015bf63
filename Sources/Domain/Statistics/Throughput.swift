/// Tokens and requests per second over steady windows, of one instance.
package struct Throughput: Sendable, Hashable {
  /// Nil where some successful request does not know its output tokens.
  package let outputTokensPerSecond: Double?
  /// Student's 95% interval over the slices of the windows (batch means); nil where the windows
  /// are not steady or too short.
  package let outputTokensPerSecondInterval: Interval?
  /// Input and output tokens; nil as above.
  package let totalTokensPerSecond: Double?
  package let requestsPerSecond: Double
  /// The length of the windows.
  package let seconds: Double
  /// Whether every slot was busy throughout.
  package let isSteady: Bool

  /// How many slices all windows are cut into.
  private static let sliceCount = 10

  /// Aggregates segments, each a list of requests with its window; nil without any.
  ///
  /// A chunk counts where it arrived, a prompt where the first content arrived, a request where it
  /// ended. Without gaps, tokens are spread evenly from first to last content. Where one segment
  /// has a steady window, those that have none are left out.
  package init?(segments: [(requests: [RequestTiming], window: SteadyWindow)]) {
    let steady = segments.filter(\.window.isSteady)
    let used = steady.isEmpty ? segments : steady
    guard !used.isEmpty else { return nil }
    var counts = Counts()
    for segment in used {
      counts.add(segment.requests, within: segment.window)
    }
    seconds = used.reduce(0) { $0 + $1.window.seconds }
    isSteady = !steady.isEmpty
    requestsPerSecond = counts.requests / seconds
    let isCounted = used.allSatisfy { $0.requests.outputTokenCount != nil }
    outputTokensPerSecond = isCounted ? counts.output / seconds : nil
    totalTokensPerSecond = isCounted ? (counts.output + counts.input) / seconds : nil
    outputTokensPerSecondInterval =
      isCounted && isSteady ? Self.interval(used, seconds: seconds) : nil
  }

  private static func interval(
    _ segments: [(requests: [RequestTiming], window: SteadyWindow)], seconds: Double
  ) -> Interval? {
    var rates: [Double] = []
    for (requests, window) in segments {
      let share = (Double(sliceCount) * window.seconds / seconds).rounded()
      for slice in window.slices(max(1, Int(share))) {
        var counts = Counts()
        counts.add(requests, within: slice)
        rates.append(counts.output / slice.seconds)
      }
    }
    guard rates.count >= sliceCount / 2 else { return nil }
    // Rates are finite: a slice has length, so the sample is never refused.
    return (try? SortedSample(rates))?.meanInterval()
  }
}

extension [RequestTiming] {
  /// Output tokens of the successful requests; nil where one of them does not know its own.
  var outputTokenCount: Double? {
    var sum = 0.0
    for request in self where request.succeeded {
      guard let tokens = request.outputTokens else { return nil }
      sum += Double(tokens)
    }
    return sum
  }
}

/// Tokens and requests that fall into a window; parts of tokens count.
private struct Counts {
  var output = 0.0
  var input = 0.0
  var requests = 0.0

  mutating func add(_ timings: [RequestTiming], within window: SteadyWindow) {
    for timing in timings where timing.succeeded { add(timing, within: window) }
  }

  private mutating func add(_ timing: RequestTiming, within window: SteadyWindow) {
    let stamps = timing.stamps
    if let end = stamps.end ?? stamps.lastContent, window.contains(end) { requests += 1 }
    guard let first = stamps.firstContent, let last = stamps.lastContent else { return }
    if window.contains(first) { input += Double(timing.inputTokens) }
    guard let tokens = timing.outputTokens, tokens > 0 else { return }
    output += Double(tokens) * share(of: timing, from: first, to: last, within: window)
  }

  /// The share of a request's tokens that arrived in the window.
  private func share(
    of timing: RequestTiming, from first: UInt64, to last: UInt64, within window: SteadyWindow
  ) -> Double {
    if first > window.start && last <= window.end { return 1 }
    if last <= window.start || first > window.end { return 0 }
    guard timing.gaps.isEmpty else { return chunkShare(of: timing, from: first, within: window) }
    let tokens = Double(timing.outputTokens ?? 1)
    let spread = window.share(from: first, to: last) * (tokens - 1)
    return (spread + (window.contains(first) ? 1 : 0)) / tokens
  }

  private func chunkShare(
    of timing: RequestTiming, from first: UInt64, within window: SteadyWindow
  ) -> Double {
    var stamp = first
    var inside = window.contains(stamp) ? 1 : 0
    for gap in timing.gaps {
      stamp += gap
      if window.contains(stamp) { inside += 1 }
    }
    return Double(inside) / Double(timing.gaps.count + 1)
  }
}

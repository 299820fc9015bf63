/// Everything that is derived from the requests of one execution; times in seconds.
package struct RunMetrics: Sendable, Hashable {
  /// All requests sent, errors included.
  package let requestCount: Int
  /// How many requests ended in each class of error.
  package let errorsByClass: [String: Int]
  package let errorRate: Proportion
  /// The following four hold successful requests alone, and are nil where none has the figure.
  package let timeToFirstToken: Summary?
  /// From the scheduled time; nil in a closed loop.
  package let scheduledTimeToFirstToken: Summary?
  package let endToEnd: Summary?
  package let timePerOutputToken: Summary?
  /// Gaps pooled over successful requests, counted by gaps. Those of one request depend on each
  /// other, so there are no intervals and no certified percentiles.
  package let interTokenLatency: Summary?
  /// Successful requests with a chunk of several tokens, whose gaps are not gaps of one token.
  package let multiTokenGapRequestCount: Int
  /// Tokens of successful requests, in the windows and outside.
  package let inputTokenCount: Double
  /// As above; nil where one of them does not know its output tokens.
  package let outputTokenCount: Double?
  package let throughput: Throughput?
  /// Requests that met every objective among all requests sent; nil without objectives.
  package let goodput: Proportion?
  /// Output tokens of requests that met every objective; nil without objectives
  /// and where one of them does not know its tokens.
  package let goodOutputTokenCount: Double?

  /// Aggregates the requests of each lease segment of one execution, warm-up left out by the
  /// caller; throws `empty` where no request was sent.
  package init(
    segments: [[RequestTiming]], concurrency: Int, objectives: ServiceObjectives? = nil
  ) throws(StatisticsError) {
    let requests = segments.flatMap { $0 }
    let succeeded = requests.filter(\.succeeded)
    requestCount = requests.count
    errorsByClass = requests.reduce(into: [:]) { counts, request in
      if let name = request.errorClass { counts[name, default: 0] += 1 }
    }
    errorRate = try Proportion(
      successes: requests.count - succeeded.count, total: requests.count)
    timeToFirstToken = try Self.summary(succeeded.compactMap(\.timeToFirstTokenSeconds))
    scheduledTimeToFirstToken = try Self.summary(
      succeeded.compactMap(\.scheduledTimeToFirstTokenSeconds))
    endToEnd = try Self.summary(succeeded.compactMap(\.endToEndSeconds))
    timePerOutputToken = try Self.summary(succeeded.compactMap(\.timePerOutputTokenSeconds))
    interTokenLatency = try Self.summary(
      succeeded.flatMap(\.gapsSeconds), isIndependent: false)
    multiTokenGapRequestCount = succeeded.count(where: \.hasMultiTokenGaps)
    inputTokenCount = succeeded.reduce(0) { $0 + Double($1.inputTokens) }
    outputTokenCount = succeeded.outputTokenCount
    throughput = Throughput(segments: Self.windows(segments, concurrency: concurrency))
    let good = objectives.map { objectives in succeeded.filter(objectives.areMet(by:)) }
    goodOutputTokenCount = good.flatMap(\.outputTokenCount)
    if let good {
      goodput = try Proportion(successes: good.count, total: requests.count)
    } else {
      goodput = nil
    }
  }

  private static func windows(
    _ segments: [[RequestTiming]], concurrency: Int
  ) -> [(requests: [RequestTiming], window: SteadyWindow)] {
    segments.compactMap { requests in
      SteadyWindow.closedLoop(requests, concurrency: concurrency).map { (requests, $0) }
    }
  }

  private static func summary(
    _ values: [Double], isIndependent: Bool = true
  ) throws(StatisticsError) -> Summary? {
    values.isEmpty ? nil : try Summary(of: values, isIndependent: isIndependent)
  }
}

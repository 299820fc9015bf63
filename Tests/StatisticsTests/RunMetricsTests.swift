import Statistics
import Testing

@Suite("Metrics of a run")
struct RunMetricsTests {
  /// `rounds` after each other on each of `slots`: 100 ms to the first token, then 4 gaps of 10 ms.
  private func closedLoop(slots: UInt64, rounds: UInt64, keepGaps: Bool = true) throws
    -> [RequestTiming]
  {
    try (0..<rounds).flatMap { round in
      try (0..<slots).map { slot in
        let sent = round * ms(140) + slot * ms(1)
        return try RequestTiming(
          stamps: RequestStamps(
            sent: sent, firstContent: sent + ms(100), lastContent: sent + ms(140),
            end: sent + ms(140)),
          gaps: keepGaps ? Array(repeating: ms(10), count: 4) : [], inputTokens: 10,
          outputTokens: 5)
      }
    }
  }

  @Test("throughput counts tokens by arrival within the window of full concurrency")
  func throughput() throws {
    let metrics = try RunMetrics(segments: [closedLoop(slots: 2, rounds: 50)], concurrency: 2)
    let throughput = try #require(metrics.throughput)
    // Two slots, each 5 tokens (and 10 of input) in 140 ms; from 1 ms to 7,000 ms.
    #expect(throughput.isSteady)
    #expect(abs(throughput.seconds - 6.999) < 1e-9)
    let output = try #require(throughput.outputTokensPerSecond)
    #expect(abs(output * 6.999 - 499) < 1e-6)  // The last token of slot 2 comes at 7,001 ms.
    let total = try #require(throughput.totalTokensPerSecond)
    #expect(abs(total * 6.999 - 1499) < 1e-6)
    let interval = try #require(throughput.outputTokensPerSecondInterval)
    #expect(interval.lower < output && output < interval.upper)
  }

  @Test("without gaps tokens are spread from first to last content")
  func withoutGaps() throws {
    let kept = try RunMetrics(segments: [closedLoop(slots: 3, rounds: 40)], concurrency: 3)
    let dropped = try RunMetrics(
      segments: [closedLoop(slots: 3, rounds: 40, keepGaps: false)], concurrency: 3)
    let exact = try #require(kept.throughput?.outputTokensPerSecond)
    let spread = try #require(dropped.throughput?.outputTokensPerSecond)
    #expect(abs(spread / exact - 1) < 0.005)
    #expect(dropped.interTokenLatency == nil)
  }

  @Test("pooled gaps, which depend on each other, get no interval and are never certified")
  func pooledGaps() throws {
    // 800 values would certify a 99th percentile if they were independent.
    let gaps = try #require(
      try RunMetrics(segments: [closedLoop(slots: 2, rounds: 100)], concurrency: 2)
        .interTokenLatency)
    #expect(gaps.count == 800)
    #expect(abs(gaps.mean - 0.01) < 1e-12)
    #expect(gaps.meanInterval == nil)
    for percentile in [gaps.p50, gaps.p90, gaps.p95, gaps.p99] {
      #expect(abs(percentile.value - 0.01) < 1e-12)
      #expect(percentile.interval == nil)
      #expect(percentile.certified == nil)
    }
  }

  @Test("requests certify a percentile from the number on that it needs")
  func certifiedByRequests() throws {
    let few = try RunMetrics(segments: [closedLoop(slots: 1, rounds: 661)], concurrency: 1)
    let enough = try RunMetrics(segments: [closedLoop(slots: 1, rounds: 662)], concurrency: 1)
    #expect(few.timeToFirstToken?.p99.certified == nil)
    #expect(enough.timeToFirstToken?.p99.certified != nil)
  }

  @Test("fewer requests than slots are counted over the whole segment, unsteady")
  func tooFew() throws {
    let metrics = try RunMetrics(segments: [closedLoop(slots: 2, rounds: 1)], concurrency: 4)
    let throughput = try #require(metrics.throughput)
    #expect(!throughput.isSteady)
    #expect(abs(throughput.seconds - 0.141) < 1e-9)
    #expect(abs(try #require(throughput.outputTokensPerSecond) * 0.141 - 10) < 1e-9)
    #expect(throughput.outputTokensPerSecondInterval == nil)
  }

  @Test("segments are never joined: two equal ones have the rate of one")
  func segments() throws {
    let segment = try closedLoop(slots: 2, rounds: 50)
    let one = try RunMetrics(segments: [segment], concurrency: 2)
    let two = try RunMetrics(segments: [segment, segment], concurrency: 2)
    #expect(two.requestCount == 200)
    let rate = try #require(one.throughput?.outputTokensPerSecond)
    #expect(abs(try #require(two.throughput?.outputTokensPerSecond) / rate - 1) < 1e-12)
  }

  @Test("errors count in rate and goodput and in no latency")
  func errors() throws {
    var requests = try closedLoop(slots: 1, rounds: 8)
    for error in ["timeout", "timeout"] {
      requests.append(
        try RequestTiming(
          stamps: RequestStamps(sent: ms(2000), firstContent: ms(9000), end: ms(9000)),
          errorClass: error))
    }
    let objectives = try ServiceObjectives(timeToFirstTokenSeconds: 0.2)
    let metrics = try RunMetrics(segments: [requests], concurrency: 1, objectives: objectives)
    #expect(metrics.requestCount == 10)
    #expect(metrics.errorsByClass == ["timeout": 2])
    #expect(metrics.errorRate.estimate == 0.2)
    #expect(metrics.goodput?.estimate == 0.8)
    #expect(metrics.goodOutputTokenCount == 40)
    #expect(metrics.timeToFirstToken?.maximum == 0.1)
    #expect(metrics.timeToFirstToken?.count == 8)
  }

  @Test("a request is good only within every objective")
  func goodput() throws {
    let request = try closedLoop(slots: 1, rounds: 1)[0]  // 100 ms, 10 ms a token, 140 ms
    #expect(try ServiceObjectives().areMet(by: request))
    #expect(try ServiceObjectives(timeToFirstTokenSeconds: 0.1).areMet(by: request))
    #expect(try !ServiceObjectives(timeToFirstTokenSeconds: 0.09).areMet(by: request))
    #expect(try !ServiceObjectives(timePerOutputTokenSeconds: 0.009).areMet(by: request))
    #expect(try !ServiceObjectives(endToEndSeconds: 0.13).areMet(by: request))
  }

  @Test("objectives that are no positive numbers are refused", arguments: [.nan, 0, -1, .infinity])
  func objectives(limit: Double) {
    #expect(throws: StatisticsError.self) { try ServiceObjectives(endToEndSeconds: limit) }
  }

  @Test("unknown token counts make throughput unknown, not zero")
  func unknownTokens() throws {
    let stamps = RequestStamps(sent: 0, firstContent: ms(5), lastContent: ms(9))
    let metrics = try RunMetrics(segments: [[try RequestTiming(stamps: stamps)]], concurrency: 1)
    #expect(metrics.throughput?.outputTokensPerSecond == nil)
    #expect(metrics.outputTokenCount == nil)
    #expect(metrics.throughput?.requestsPerSecond == 1 / 0.009)
  }

  @Test("stamps at the end of the clock do no harm")
  func extremes() throws {
    let timings = try [0, UInt64.max - 1].map { sent in
      try RequestTiming(
        stamps: RequestStamps(sent: sent, firstContent: .max, end: .max), inputTokens: .max,
        outputTokens: .max)
    }
    let metrics = try RunMetrics(segments: [timings], concurrency: 1)
    #expect(metrics.throughput?.isSteady == true)
  }

  @Test("a run without requests is refused, one of failures alone has no latency")
  func empty() throws {
    #expect(throws: StatisticsError.self) { try RunMetrics(segments: [], concurrency: 1) }
    let failed = try RequestTiming(stamps: RequestStamps(sent: 1), errorClass: "refused")
    let metrics = try RunMetrics(segments: [[failed]], concurrency: 1)
    #expect(metrics.errorRate.estimate == 1)
    #expect(metrics.timeToFirstToken == nil)
    #expect(metrics.throughput == nil)
  }
}

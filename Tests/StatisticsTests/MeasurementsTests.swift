import BenchmarkDomain
import Statistics
import Testing

@Suite("Measurements of stored samples")
struct MeasurementsTests {
  @Test("the figures of two requests, with their arithmetic")
  func figuresOfTwoRequests() throws {
    // Request 0: sent 1 s, tokens at 1.1, 1.2, 1.3 s. Request 1: sent 1.3 s, tokens at 1.5, 1.6 s.
    let samples = [
      sample(0, sent: 1_000, first: 1_100, gaps: [100, 100]),
      sample(1, sent: 1_300, first: 1_500, gaps: [100]),
    ]
    let figures = try RunMetrics(samples: samples, concurrency: 1)
      .measurements(acceleratorCount: 2)
    func value(_ metric: Metric, _ statistic: Statistic) -> Double? {
      figures.first { $0.metric == metric && $0.statistic == statistic }?.value
    }
    #expect(abs(try #require(value(.ttft, .mean)) - 0.15) < 1e-9)
    #expect(abs(try #require(value(.tpot, .mean)) - 0.1) < 1e-9)
    #expect(abs(try #require(value(.e2e, .p50)) - 0.3) < 1e-9)
    #expect(value(.errorRate, .total) == 0)
    let output = try #require(value(.outputThroughput, .total))
    #expect(abs(try #require(value(.outputThroughputPerAccelerator, .total)) - output / 2) < 1e-9)
  }

  @Test("errors count in the error rate and in no latency")
  func errorsAreNoLatencies() throws {
    var failed = sample(1, sent: 1_300, first: 1_500, gaps: [100])
    failed.outcome = .incomplete
    let figures = try RunMetrics(
      samples: [sample(0, sent: 1_000, first: 1_100, gaps: [100]), failed], concurrency: 1
    ).measurements(acceleratorCount: 1)
    #expect(figures.first { $0.metric == .errorRate }?.value == 0.5)
    #expect(figures.first { $0.metric == .ttft }?.sampleCount == 1)
  }

  @Test("garbled gaps cost the request its ITL alone")
  func garbledGaps() throws {
    var garbled = sample(0, sent: 1_000, first: 1_100, gaps: [100])
    garbled.gaps = [0xff]
    let figures = try RunMetrics(samples: [garbled], concurrency: 1)
      .measurements(acceleratorCount: 1)
    #expect(!figures.contains { $0.metric == .itl })
    #expect(figures.contains { $0.metric == .ttft })
  }

  @Test("an answer that came in one read has a TTFT and an E2E, and no TPOT and no ITL")
  func arrivedAtOnce() throws {
    let samples = [
      sample(0, sent: 1_000, first: 1_100, gaps: [0, 0, 0]),
      sample(1, sent: 2_000, first: 2_100, gaps: [20, 0, 20]),
    ]
    func figures(_ samples: [RequestSample]) throws -> [Measurement] {
      try RunMetrics(samples: samples, concurrency: 1).measurements(acceleratorCount: 1)
    }
    let alone = try figures([samples[0]])
    #expect(!alone.contains { $0.metric == .tpot || $0.metric == .itl })
    #expect(alone.first { $0.metric == .ttft }?.value == alone.first { $0.metric == .e2e }?.value)
    let both = try figures(samples)
    #expect(both.first { $0.metric == .tpot }?.sampleCount == 1)
    #expect(both.first { $0.metric == .itl }?.sampleCount == 3)
    #expect(both.first { $0.metric == .ttft }?.sampleCount == 2)
  }

  @Test("stamps that run backwards are refused")
  func backwardStamps() {
    var backwards = sample(0, sent: 1_000, first: 1_100, gaps: [])
    backwards.sent = backwards.end + 1
    #expect(throws: StatisticsError.self) { try RequestTiming(backwards) }
  }

  /// A sample in milliseconds with one token a chunk.
  private func sample(_ index: UInt32, sent: UInt64, first: UInt64, gaps: [UInt64])
    -> RequestSample
  {
    let last = first + gaps.reduce(0, +)
    return RequestSample(
      requestIndex: index, segment: 0, outcome: .ok, httpStatus: 200, scheduled: sent * 1_000_000,
      sent: sent * 1_000_000, firstByte: first * 1_000_000, firstContent: first * 1_000_000,
      firstVisible: first * 1_000_000, lastContent: last * 1_000_000, end: last * 1_000_000,
      inputTokens: 8, outputTokens: UInt32(gaps.count + 1), tokenSource: .usage,
      contentChunks: UInt32(gaps.count + 1),
      gaps: DeltaVarint.encode(gaps.map { $0 * 1_000_000 })[...])
  }
}

package import BenchmarkDomain

extension RequestTiming {
  /// Reads a stored sample; throws on stamps that contradict each other and on garbled gaps.
  ///
  /// A successful request with a first content carries its output tokens whatever their source.
  package init(_ sample: RequestSample, withGaps: Bool = true) throws(StatisticsError) {
    let gaps = withGaps && !sample.gaps.isEmpty ? try DeltaVarint.decode(sample.gaps) : []
    try self.init(
      stamps: RequestStamps(
        sent: sample.sent, firstByte: sample.firstByte.stamp,
        firstContent: sample.firstContent.stamp, firstVisibleContent: sample.firstVisible.stamp,
        lastContent: sample.lastContent.stamp, end: sample.end.stamp),
      gaps: gaps, inputTokens: UInt64(sample.inputTokens),
      outputTokens: UInt64(sample.outputTokens),
      errorClass: sample.outcome == .ok ? nil : sample.outcome.name,
      arrivedAtOnce: sample.firstContent != 0 && sample.firstContent == sample.lastContent)
  }
}

extension UInt64 {
  /// The stamp, or nil for the 0 that stands for "never".
  fileprivate var stamp: UInt64? { self == 0 ? nil : self }
}

extension RunMetrics {
  /// Aggregates stored samples; segments are kept apart. Gaps that do not lead from first to last
  /// content are left out of ITL alone.
  package init(samples: [RequestSample], concurrency: Int) throws(StatisticsError) {
    var segments: [UInt32: [RequestTiming]] = [:]
    for sample in samples {
      let timing: RequestTiming
      // Garbled gaps cost the request its ITL, not its other figures.
      if let whole = try? RequestTiming(sample) {
        timing = whole
      } else {
        timing = try RequestTiming(sample, withGaps: false)
      }
      segments[sample.segment, default: []].append(timing)
    }
    try self.init(
      segments: segments.sorted { $0.key < $1.key }.map(\.value), concurrency: concurrency)
  }

  /// The figures as they are stored, ordered by metric and statistic.
  ///
  /// `acceleratorCount` divides the throughput; it is at least 1.
  package func measurements(acceleratorCount: Int) -> [Measurement] {
    var figures: [Measurement] = []
    for (metric, summary) in [
      (Metric.ttft, timeToFirstToken), (.tpot, timePerOutputToken), (.itl, interTokenLatency),
      (.e2e, endToEnd),
    ] {
      if let summary { figures += summary.measurements(metric) }
    }
    if let throughput {
      figures += throughput.measurements(acceleratorCount, requestCount: requestCount)
    }
    let wilson = errorRate.wilsonInterval()
    figures.append(
      Measurement(
        metric: .errorRate, statistic: .total, value: errorRate.estimate,
        sampleCount: Int64(requestCount), interval: wilson.domain))
    return figures
  }
}

extension Interval {
  /// The interval as the domain stores it.
  fileprivate var domain: BenchmarkDomain.Interval {
    BenchmarkDomain.Interval(low: lower, high: upper, confidence: confidence)
  }
}

extension Summary {
  fileprivate func measurements(_ metric: Metric) -> [Measurement] {
    let mean = Measurement(
      metric: metric, statistic: .mean, value: mean, sampleCount: Int64(count),
      interval: meanInterval?.domain)
    let percentiles = [
      (Statistic.p50, p50), (.p90, p90), (.p95, p95), (.p99, p99),
    ].map { statistic, percentile in
      Measurement(
        metric: metric, statistic: statistic, value: percentile.value, sampleCount: Int64(count),
        interval: percentile.interval?.domain, certified: percentile.certified)
    }
    return [mean] + percentiles
  }
}

extension Throughput {
  fileprivate func measurements(_ accelerators: Int, requestCount: Int) -> [Measurement] {
    func figure(_ metric: Metric, _ value: Double, _ interval: Interval? = nil) -> Measurement {
      Measurement(
        metric: metric, statistic: .total, value: value, sampleCount: Int64(requestCount),
        interval: interval?.domain)
    }
    var figures: [Measurement] = []
    let share = 1 / Double(max(1, accelerators))
    if let output = outputTokensPerSecond {
      figures.append(figure(.outputThroughput, output, outputTokensPerSecondInterval))
    }
    if let total = totalTokensPerSecond { figures.append(figure(.totalThroughput, total)) }
    if let output = outputTokensPerSecond {
      figures.append(
        figure(
          .outputThroughputPerAccelerator, output * share,
          outputTokensPerSecondInterval?.scaled(by: share)))
    }
    figures.append(figure(.requestThroughput, requestsPerSecond))
    return figures
  }
}

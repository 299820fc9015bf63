extension Measurement {
  /// Definition of a throughput that nobody measured, computed from TTFT and TPOT of a closed loop.
  package static let derivedThroughputDefinition = "derived/closed-loop/1"
}

extension BenchmarkResult {
  /// Output tokens per second of one instance: the figure that the result holds, else one derived
  /// from its typical TTFT and TPOT.
  ///
  /// In a closed loop each of `concurrency` slots makes `outputTokens` in
  /// `TTFT + TPOT * (outputTokens - 1)` seconds, so the instance makes
  /// `concurrency * outputTokens / (TTFT + TPOT * (outputTokens - 1))` a second. That is an upper
  /// bound, since a slot also waits for its next request, and it says so by its definition,
  /// `Measurement.derivedThroughputDefinition`. Nil where a figure is missing or not positive.
  package func outputThroughput(_ workload: Workload) -> Measurement? {
    if let stored = measurement(.outputThroughput, .total) ?? typical(.outputThroughput) {
      return stored
    }
    guard let first = typical(.ttft), workload.concurrency > 0, workload.outputTokens > 0 else {
      return nil
    }
    var seconds = first.value
    var sampleCount = first.sampleCount
    if workload.outputTokens > 1 {
      guard let each = typical(.tpot) else { return nil }
      seconds += each.value * Double(workload.outputTokens - 1)
      sampleCount = min(sampleCount, each.sampleCount)
    }
    let tokens = Double(workload.concurrency) * Double(workload.outputTokens)
    guard seconds > 0, seconds.isFinite, (tokens / seconds).isFinite else { return nil }
    return Measurement(
      metric: .outputThroughput, statistic: .total, value: tokens / seconds,
      sampleCount: sampleCount, definition: Measurement.derivedThroughputDefinition)
  }

  /// `outputThroughput` divided by the accelerators, where the result holds no such figure itself.
  package func outputThroughputPerAccelerator(
    _ workload: Workload, acceleratorCount: Int32
  ) -> Measurement? {
    if let stored = measurement(.outputThroughputPerAccelerator, .total) { return stored }
    guard acceleratorCount > 0, var figure = outputThroughput(workload) else { return nil }
    let share = 1 / Double(acceleratorCount)
    figure.metric = .outputThroughputPerAccelerator
    figure.value *= share
    figure.interval = figure.interval.map {
      Interval(low: $0.low * share, high: $0.high * share, confidence: $0.confidence)
    }
    figure.certified = nil
    return figure
  }
}

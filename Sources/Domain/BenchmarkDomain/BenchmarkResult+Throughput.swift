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
    guard let first = typical(.ttft) else { return nil }
    let each = workload.outputTokens > 1 ? typical(.tpot) : nil
    let throughput = workload.closedLoopThroughput(
      firstTokenSeconds: first.value, perTokenSeconds: each?.value)
    guard let throughput else { return nil }
    return Measurement(
      metric: .outputThroughput, statistic: .total, value: throughput,
      sampleCount: min(first.sampleCount, each?.sampleCount ?? .max),
      definition: Measurement.derivedThroughputDefinition)
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

extension Workload {
  /// Output tokens per second of a closed loop, derived from its TTFT and TPOT in seconds; see
  /// `BenchmarkResult.outputThroughput`. Nil where they give no positive number, or where there is
  /// no TPOT and an answer has more tokens than its first.
  package func closedLoopThroughput(
    firstTokenSeconds: Double, perTokenSeconds: Double?
  ) -> Double? {
    guard concurrency > 0, outputTokens > 0 else { return nil }
    var seconds = firstTokenSeconds
    if outputTokens > 1 {
      guard let perTokenSeconds else { return nil }
      seconds += perTokenSeconds * Double(outputTokens - 1)
    }
    let tokens = Double(concurrency) * Double(outputTokens)
    guard seconds > 0, seconds.isFinite, (tokens / seconds).isFinite else { return nil }
    return tokens / seconds
  }
}

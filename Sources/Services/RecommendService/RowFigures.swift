import BenchmarkDomain

/// The figures of one row at a time, found by one pass over its measurements: what `ResultFigures`
/// finds by a search for each, as bare values.
struct RowFigures {
  /// By `FigureSlot`, the first value of each figure; it counts where its bit is set.
  private var values = [Double](repeating: .nan, count: FigureSlot.count)
  /// By metric, a bit for each statistic that the row has.
  private var present = [UInt8](repeating: 0, count: Metric.allCases.count)

  /// Takes the next row's measurements in the place of the last one's.
  mutating func read(_ measurements: [Measurement]) {
    for metric in present.indices { present[metric] = 0 }
    for place in measurements.indices {
      let metric = measurements[place].metric.ordinal
      let statistic = measurements[place].statistic.ordinal
      if present[metric] & 1 << statistic != 0 { continue }
      present[metric] |= 1 << statistic
      values[metric * FigureSlot.perMetric + statistic] = measurements[place].value
    }
  }

  /// As `BenchmarkResult.measurement`.
  func value(_ metric: Metric, _ statistic: Statistic) -> Double? {
    present[metric.ordinal] & 1 << statistic.ordinal == 0
      ? nil : values[FigureSlot.of(metric, statistic)]
  }

  /// As `BenchmarkResult.typical`.
  func typical(_ metric: Metric) -> Double? {
    if present[metric.ordinal] == 0 { return nil }
    return value(metric, .mean) ?? value(metric, .p50) ?? value(metric, .unstated)
      ?? value(metric, .total)
  }

  /// As `BenchmarkResult.outputThroughput`.
  func outputThroughput(_ workload: Workload) -> Double? {
    if let stored = value(.outputThroughput, .total) ?? typical(.outputThroughput) {
      return stored
    }
    guard let first = typical(.ttft) else { return nil }
    return workload.closedLoopThroughput(
      firstTokenSeconds: first, perTokenSeconds: typical(.tpot))
  }
}

package import BenchmarkDomain

/// Names a figure of a result: a metric and which figure of it.
package struct FigureKey: Sendable, Hashable {
  /// Which quantity.
  package let metric: Metric
  /// Which figure of it; nil for the typical one (mean, else median, else unstated, else total).
  package let statistic: Statistic?

  /// Names a figure. A quantity that is one number of the run has only its typical figure, so
  /// that `total` and nil are the same key.
  package init(_ metric: Metric, _ statistic: Statistic? = nil) {
    self.metric = metric
    self.statistic = metric.isDistribution || statistic != .total ? statistic : nil
  }

  /// Says why the metric has no such figure, or nil when it can have one.
  package var contradiction: String? {
    guard let statistic else { return nil }
    if metric.isDistribution {
      return statistic == .total
        ? "\(words) does not exist: a total belongs to a throughput, a rate or a cost" : nil
    }
    return "\(words) does not exist: \(metric.words) is one number of the run, its total"
  }

  /// The figure for people, e.g. "ttft p95"; the typical figure is the metric's bare name.
  package var words: String {
    statistic.map { "\(metric.words) \($0.rawValue)" } ?? metric.words
  }

  /// A value of it with its unit, e.g. "0.5 s".
  package func words(_ value: Double) -> String {
    metric.unit.isEmpty ? "\(value)" : "\(value) \(metric.unit)"
  }
}

extension Metric {
  /// The name for people, e.g. "output throughput".
  package var words: String {
    String(rawValue.map { $0 == "_" ? " " : $0 })
  }

  /// The unit of its figures; empty for a ratio.
  package var unit: String {
    switch self {
    case .ttft, .tpot, .itl, .e2e: "s"
    case .outputThroughput, .totalThroughput, .outputThroughputPerAccelerator: "tokens/s"
    case .requestThroughput: "requests/s"
    case .errorRate: ""
    case .costPerMillionOutputTokens: "USD"
    }
  }
}

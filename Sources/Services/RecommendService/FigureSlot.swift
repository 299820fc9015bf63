import BenchmarkDomain

/// The places of figures in a table of all that there can be: a million rows need no hash of each.
enum FigureSlot {
  /// Places of one metric: one a statistic, and the last for its typical figure.
  static let perMetric = Statistic.allCases.count + 1
  /// Places of all metrics.
  static let count = Metric.allCases.count * perMetric

  /// The place of a metric's figure; nil stands for the typical one.
  static func of(_ metric: Metric, _ statistic: Statistic?) -> Int {
    metric.ordinal * perMetric + (statistic?.ordinal ?? perMetric - 1)
  }

  /// Every figure that has a column of its own, with its place.
  static let keys: [(key: FigureKey, slot: Int)] = Metric.allCases.flatMap { metric in
    let statistics: [Statistic?] = metric.isDistribution ? Statistic.allCases + [nil] : [nil]
    return statistics.map { (FigureKey(metric, $0), of(metric, $0)) }
  }
}

extension Metric {
  /// Its place in `allCases`.
  var ordinal: Int {
    switch self {
    case .ttft: 0
    case .tpot: 1
    case .itl: 2
    case .e2e: 3
    case .outputThroughput: 4
    case .totalThroughput: 5
    case .outputThroughputPerAccelerator: 6
    case .requestThroughput: 7
    case .errorRate: 8
    case .costPerMillionOutputTokens: 9
    }
  }
}

extension Statistic {
  /// Its place in `allCases`.
  var ordinal: Int {
    switch self {
    case .mean: 0
    case .p50: 1
    case .p90: 2
    case .p95: 3
    case .p99: 4
    case .total: 5
    case .unstated: 6
    }
  }
}

extension PriceBasis {
  /// Its place in `allCases`.
  var ordinal: Int {
    switch self {
    case .onDemand: 0
    case .spot: 1
    }
  }
}

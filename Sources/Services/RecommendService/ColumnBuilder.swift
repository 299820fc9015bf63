import BenchmarkDomain
import Economics

/// Gathers one column per figure that any result has.
struct ColumnBuilder {
  private let rowCount: Int
  private(set) var columns: [FigureKey: [Double]] = [:]
  private static let storedMetrics = Metric.allCases.filter { $0 != .costPerMillionOutputTokens }
  private(set) var costs: [PriceBasis: [Double]] = [:]
  private(set) var costLacks: [PriceBasis: [Lack]] = [:]

  init(rowCount: Int) {
    self.rowCount = rowCount
    for basis in PriceBasis.allCases {
      costs[basis] = Array(repeating: .nan, count: rowCount)
      costLacks[basis] = Array(repeating: .figure, count: rowCount)
    }
  }

  /// Adds what a result states, its typical figures, and what follows from them.
  mutating func add(
    _ row: ConfigurationResult, at index: Int, on profile: HardwareProfile?, prices: PriceBook
  ) {
    for measurement in row.result.measurements where measurement.metric.isDistribution {
      set(FigureKey(measurement.metric, measurement.statistic), index, measurement.value)
    }
    for basis in PriceBasis.allCases {
      let cost = prices.tokenCost(of: row.result, row.configuration, basis: basis)
      costLacks[basis]?[index] = Lack(cost)
      if let cost = cost.measurement { costs[basis]?[index] = cost.value }
    }
    let figures = ResultFigures(row, on: profile, prices: prices, basis: .onDemand)
    for metric in Self.storedMetrics {
      if let typical = figures.measurement(FigureKey(metric)) {
        set(FigureKey(metric), index, typical.value)
      }
    }
  }

  private mutating func set(_ key: FigureKey, _ index: Int, _ value: Double) {
    // The store refuses what is not finite; one NaN more would be "no figure".
    guard value.isFinite else { return }
    columns[key, default: Array(repeating: .nan, count: rowCount)][index] = value
  }
}

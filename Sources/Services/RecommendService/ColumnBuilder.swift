import BenchmarkDomain
import Economics

/// Gathers one column per figure that any result has.
struct ColumnBuilder {
  private let rowCount: Int
  private let prices: RowPrices
  /// By `FigureSlot`; empty until a row has the figure.
  private var slots = [[Double]](repeating: [], count: FigureSlot.count)
  /// By the basis's ordinal.
  private var costs: [[Double]]
  private var costLacks: [[Lack]]
  private var figures = RowFigures()
  private static let storedMetrics = Metric.allCases.filter { $0 != .costPerMillionOutputTokens }

  init(rowCount: Int, prices: RowPrices) {
    self.rowCount = rowCount
    self.prices = prices
    let missing = [Double](repeating: .nan, count: rowCount)
    costs = PriceBasis.allCases.map { _ in missing }
    costLacks = PriceBasis.allCases.map { _ in Array(repeating: .figure, count: rowCount) }
  }

  /// The columns by figure; a figure that no row has is none of them.
  var columns: [FigureKey: [Double]] {
    let found = FigureSlot.keys.filter { !slots[$0.slot].isEmpty }
    return Dictionary(uniqueKeysWithValues: found.map { ($0.key, slots[$0.slot]) })
  }

  /// Costs by basis.
  var costsByBasis: [PriceBasis: [Double]] {
    Dictionary(uniqueKeysWithValues: zip(PriceBasis.allCases, costs))
  }

  /// Why rows have no cost, by basis.
  var lacksByBasis: [PriceBasis: [Lack]] {
    Dictionary(uniqueKeysWithValues: zip(PriceBasis.allCases, costLacks))
  }

  /// Adds what a result states, its typical figures, and what follows from them.
  mutating func add(
    _ measurements: [Measurement], _ workload: Workload, at index: Int, model: Int, hardware: Int,
    acceleratorCount: Int32
  ) {
    for place in measurements.indices where measurements[place].metric.isDistribution {
      let slot = FigureSlot.of(measurements[place].metric, measurements[place].statistic)
      set(slot, index, measurements[place].value)
    }
    figures.read(measurements)
    let throughput = figures.outputThroughput(workload)
    for basis in PriceBasis.allCases {
      let cost = prices.cost(
        model: model, hardware: hardware, workload, outputThroughput: throughput, basis)
      costLacks[basis.ordinal][index] = cost.lack
      if let usd = cost.usd { costs[basis.ordinal][index] = usd }
    }
    for metric in Self.storedMetrics {
      if let typical = figures.typical(metric) {
        set(FigureSlot.of(metric, nil), index, typical)
      }
    }
    addDerived(throughput, at: index, acceleratorCount: acceleratorCount)
  }

  /// Adds a throughput where the result states none itself.
  private mutating func addDerived(
    _ throughput: Double?, at index: Int, acceleratorCount: Int32
  ) {
    guard let throughput else { return }
    if figures.typical(.outputThroughput) == nil {
      set(FigureSlot.of(.outputThroughput, nil), index, throughput)
    }
    if figures.typical(.outputThroughputPerAccelerator) == nil, acceleratorCount > 0 {
      let share = 1 / Double(acceleratorCount)
      set(FigureSlot.of(.outputThroughputPerAccelerator, nil), index, throughput * share)
    }
  }

  private mutating func set(_ slot: Int, _ index: Int, _ value: Double) {
    // The store refuses what is not finite; one NaN more would be "no figure".
    guard value.isFinite else { return }
    if slots[slot].isEmpty { slots[slot] = Array(repeating: .nan, count: rowCount) }
    slots[slot][index] = value
  }
}

import BenchmarkDomain
import Economics

/// The figures of one result: stored ones, and what follows from them and the price book.
///
/// A derived figure says so in its definition.
struct ResultFigures {
  private let source: ConfigurationResult
  private let profile: HardwareProfile?
  private let prices: PriceBook
  private let basis: PriceBasis

  init(
    _ source: ConfigurationResult, on profile: HardwareProfile?, prices: PriceBook,
    basis: PriceBasis
  ) {
    self.source = source
    self.profile = profile
    self.prices = prices
    self.basis = basis
  }

  /// Cost per million output tokens, or why there is none.
  var cost: TokenCost { prices.tokenCost(of: source.result, source.configuration, basis: basis) }

  /// A figure; nil when the result does not have it.
  func measurement(_ key: FigureKey) -> Measurement? {
    if key.metric == .costPerMillionOutputTokens { return cost.measurement }
    if let statistic = key.statistic { return source.result.measurement(key.metric, statistic) }
    if let stored = source.result.typical(key.metric) { return stored }
    switch key.metric {
    case .outputThroughput: return source.result.outputThroughput(source.configuration.workload)
    case .outputThroughputPerAccelerator: return perAccelerator
    default: return nil
    }
  }

  /// Why there is no such figure, in words.
  func lack(of key: FigureKey) -> String {
    guard key.metric == .costPerMillionOutputTokens else { return "no \(key.words) figure" }
    switch cost {
    case .noPrice: return "no cost: no \(basis.words) price of the hardware"
    case .noThroughput: return "no cost: no output throughput to compute it from"
    case .known: return "no cost"
    }
  }

  private var perAccelerator: Measurement? {
    profile.flatMap {
      source.result.outputThroughputPerAccelerator(
        source.configuration.workload, acceleratorCount: $0.acceleratorCount)
    }
  }
}

extension PriceBasis {
  /// The name for people.
  var words: String {
    switch self {
    case .onDemand: "on-demand"
    case .spot: "spot"
    }
  }
}

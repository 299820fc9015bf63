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

  private var perAccelerator: Measurement? {
    profile.flatMap {
      source.result.outputThroughputPerAccelerator(
        source.configuration.workload, acceleratorCount: $0.acceleratorCount)
    }
  }
}

/// Why a row has no figure.
enum Lack: UInt8, Sendable, CaseIterable {
  /// The result does not hold it, and it cannot be derived.
  case figure
  /// Nothing prices the hardware, paid so.
  case price
  /// There is no output throughput to compute a cost from.
  case throughput

  init(_ cost: TokenCost) {
    switch cost {
    case .noPrice: self = .price
    case .noThroughput: self = .throughput
    case .known: self = .figure
    }
  }

  /// The lack of a figure for people.
  func words(_ key: FigureKey, _ basis: PriceBasis) -> String {
    switch self {
    case .figure: "no \(key.words) figure"
    case .price: "no cost: no \(basis.words) price of the hardware"
    case .throughput: "no cost: no output throughput to compute it from"
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

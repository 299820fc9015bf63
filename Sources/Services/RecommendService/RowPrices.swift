import BenchmarkDomain
import Economics

/// What prices the rows of a snapshot, looked up once for each model and hardware profile.
struct RowPrices {
  /// By model number.
  private let hosted: [PriceEntry?]
  /// By basis and hardware number, US dollars an hour; NaN where nothing prices the hardware.
  private let perHour: [[Double]]

  init(_ prices: PriceBook, models: [String], hardware: [String]) {
    hosted = models.map { prices.price(modelID: $0) }
    perHour = PriceBasis.allCases.map { basis in
      hardware.map { prices.price(hardwareID: $0, basis: basis)?.usdPerHour ?? .nan }
    }
  }

  /// US dollars per million output tokens of a row, or why there are none: as
  /// `PriceBook.tokenCost`.
  func cost(
    model: Int, hardware: Int, _ workload: Workload, outputThroughput: Double?, _ basis: PriceBasis
  ) -> (usd: Double?, lack: Lack) {
    if let price = hosted[model] {
      let usd = price.usdPerMillionOutputTokens(workload)
      return (usd, usd == nil ? .price : .figure)
    }
    let usdPerHour = perHour[basis.ordinal][hardware]
    if usdPerHour.isNaN { return (nil, .price) }
    let usd = outputThroughput.flatMap {
      TokenCost.usdPerMillion(usdPerHour: usdPerHour, outputTokensPerSecond: $0)
    }
    return (usd, usd == nil ? .throughput : .figure)
  }
}

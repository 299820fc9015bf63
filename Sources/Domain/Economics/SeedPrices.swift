package import BenchmarkDomain

/// List prices that a new catalog starts with: facts with their date and source, in US dollars.
///
/// Spot prices of a size are the list price less the median discount over regions, as stated in the
/// source of each. A size without an offer of its own is priced pro rata of a larger machine, and
/// its offer says so.
package enum SeedPrices {
  /// Every price; ids are given by the store.
  package static var entries: [PriceEntry] {
    offers.flatMap(\.entries) + [cpu] + hosted
  }

  private static let offers: [Offer] = [
    Offer("h100-80gb", 1, "aws p5.4xlarge", 6.88, spot: Spot(48, low: 13, high: 76), november),
    Offer(
      "h100-80gb", 8, "aws p5.48xlarge", 55.04, spot: Spot(74, low: 33, high: 82), november,
      proRata: [2, 4]),
    Offer(
      "a100-80gb", 8, "aws p4de.24xlarge", 27.45, spot: Spot(43, low: 32, high: 65), november,
      proRata: [1, 2, 4]),
    Offer(
      "h200", 8, "aws p5en.48xlarge", 63.30, spot: Spot(75, low: 52, high: 86), november,
      proRata: [1, 2, 4]),
    Offer("l4", 1, "aws g6.xlarge", 0.805, spot: Spot(55, low: 36, high: 77), november),
    Offer("l4", 4, "aws g6.12xlarge", 4.6016, spot: nil, april2024, proRata: [2]),
    Offer("l4", 8, "aws g6.48xlarge", 13.3504, spot: nil, april2024),
  ]

  private static let cpu = PriceEntry(
    id: "", item: .hardware(id: "cpu-x1", usdPerHour: 0.08925), basis: .onDemand,
    offer: "aws c7i.large", region: "us-east-1", source: "AWS EC2 on-demand list price",
    observedAt: september2023)

  private static let hosted: [PriceEntry] = [
    PriceEntry(
      id: "",
      item: .model(
        id: "gpt-4o", usdPerMillionInputTokens: 2.5, usdPerMillionOutputTokens: 10),
      basis: .onDemand, offer: "openai api", source: "https://openai.com/api/pricing",
      observedAt: march2025),
    PriceEntry(
      id: "",
      item: .model(
        id: "claude-sonnet-4-5", usdPerMillionInputTokens: 3, usdPerMillionOutputTokens: 15),
      basis: .onDemand, offer: "anthropic api", source: "https://www.anthropic.com/pricing",
      observedAt: november2025),
  ]

  /// 2026-11-23.
  private static let november = WallTime(seconds: 1_795_392_000)
  /// 2025-11-25.
  private static let november2025 = WallTime(seconds: 1_764_028_800)
  /// 2025-03-25.
  private static let march2025 = WallTime(seconds: 1_742_860_800)
  /// 2024-04-04, when the instances came out.
  private static let april2024 = WallTime(seconds: 1_712_188_800)
  /// 2023-09-14, when the instances came out.
  private static let september2023 = WallTime(seconds: 1_694_649_600)
}

/// How far the spot price lies below the list price, in percent.
private struct Spot {
  let median: Double
  let low: Int
  let high: Int

  init(_ median: Double, low: Int, high: Int) {
    self.median = median
    self.low = low
    self.high = high
  }
}

/// An instance that somebody rents out.
private struct Offer {
  let accelerator: String
  let count: Int
  let name: String
  let usdPerHour: Double
  let spot: Spot?
  let observedAt: WallTime
  let proRata: [Int]

  init(
    _ accelerator: String, _ count: Int, _ name: String, _ usdPerHour: Double, spot: Spot?,
    _ observedAt: WallTime, proRata: [Int] = []
  ) {
    self.accelerator = accelerator
    self.count = count
    self.name = name
    self.usdPerHour = usdPerHour
    self.spot = spot
    self.observedAt = observedAt
    self.proRata = proRata
  }

  var entries: [PriceEntry] { ([count] + proRata).flatMap(entries(for:)) }

  private func entries(for size: Int) -> [PriceEntry] {
    let share = Double(size) / Double(count)
    let offer = size == count ? name : "\(name), \(size) of \(count) GPUs pro rata"
    func entry(_ usd: Double, _ basis: PriceBasis, _ source: String) -> PriceEntry {
      PriceEntry(
        id: "", item: .hardware(id: "\(accelerator)-x\(size)", usdPerHour: usd), basis: basis,
        offer: offer, source: source, observedAt: observedAt)
    }
    let list = entry(usdPerHour * share, .onDemand, "AWS EC2 on-demand list price")
    guard let spot else { return [list] }
    // To a hundredth of a cent, as AWS prints it.
    let usd = (usdPerHour * share * (100 - spot.median) * 100).rounded() / 10_000
    return [
      list,
      entry(
        usd, .spot,
        "AWS EC2 spot: \(Int(spot.median))% below the list price, the median over regions "
          + "(\(spot.low) to \(spot.high)%)"),
    ]
  }
}

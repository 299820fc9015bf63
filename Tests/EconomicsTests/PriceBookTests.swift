import BenchmarkDomain
import Economics
import Testing

@Suite struct PriceBookTests {
  private func price(
    _ usd: Double, _ basis: PriceBasis = .onDemand, offer: String = "aws x", region: String = "",
    day: Int64 = 20_000, id: String = ""
  ) -> PriceEntry {
    PriceEntry(
      id: id, item: .hardware(id: "h", usdPerHour: usd), basis: basis, offer: offer,
      region: region, source: "list", observedAt: WallTime(seconds: day * 86_400))
  }

  private func found(_ entries: [PriceEntry], _ basis: PriceBasis = .onDemand) -> Double? {
    PriceBook(entries).price(hardwareID: "h", basis: basis)?.usdPerHour
  }

  @Test("of one offer the newest price counts, also when it rose") func newest() {
    let old = price(2, day: 20_000)
    let new = price(3, day: 20_001)
    #expect(found([old, new]) == 3)
    #expect(found([new, old]) == 3)
  }

  @Test("of several offers and regions the cheapest counts") func cheapest() {
    let entries = [
      price(3, region: "us-east-1"), price(2.5, region: "eu-north-1"), price(2.9, offer: "gcp y"),
    ]
    #expect(found(entries) == 2.5)
    #expect(found(entries.reversed()) == 2.5)
  }

  @Test("bases are kept apart, and what has no price has none") func bases() {
    let entries = [price(3), price(1, .spot)]
    #expect(found(entries) == 3)
    #expect(found(entries, .spot) == 1)
    #expect(found([price(3)], .spot) == nil)
    #expect(PriceBook(entries).price(hardwareID: "other", basis: .onDemand) == nil)
    #expect(PriceBook(entries).price(modelID: "h") == nil)
  }

  @Test("faults of public feeds are refused by name") func faults() {
    let entries = [
      price(3), price(3, .spot), price(4, .spot, region: "us-east-1"), price(700),
      price(0), price(-1), price(.nan), price(.infinity), price(20_000),
      price(.leastNonzeroMagnitude),
      price(1, offer: ""),
    ]
    let book = PriceBook(entries)
    #expect(
      book.refused.map(\.fault.code) == [
        .spotNotBelowOnDemand, .spotNotBelowOnDemand, .placeholder, .notPositive, .notPositive,
        .notPositive, .notPositive, .implausible, .implausible, .incomplete,
      ])
    #expect(book.price(hardwareID: "h", basis: .onDemand)?.usdPerHour == 3)
    #expect(book.price(hardwareID: "h", basis: .spot) == nil)
  }

  @Test("a hosted model needs a price of its answers") func hostedFaults() {
    func model(_ input: Double, _ output: Double) -> PriceEntry {
      PriceEntry(
        id: "",
        item: .model(
          id: "m", usdPerMillionInputTokens: input, usdPerMillionOutputTokens: output),
        basis: .onDemand, offer: "api", source: "list", observedAt: WallTime(seconds: 1))
    }
    #expect(model(0, 1).fault == nil)
    #expect(model(1, 0).fault?.code == .notPositive)
    #expect(model(-1, 1).fault?.code == .notPositive)
    #expect(model(.nan, 1).fault?.code == .notPositive)
  }
}

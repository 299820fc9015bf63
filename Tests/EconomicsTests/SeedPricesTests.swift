import BenchmarkDomain
import Economics
import Testing

@Suite struct SeedPricesTests {
  private let book = PriceBook(SeedPrices.entries)

  @Test("no seeded price is faulty, and each has a source and a date") func faultless() {
    #expect(book.refused.isEmpty)
    #expect(SeedPrices.entries.allSatisfy { !$0.source.isEmpty && $0.observedAt.nanoseconds > 0 })
  }

  @Test("every seeded profile has a price on demand") func complete() {
    for hardware in SeedCatalog.hardware {
      #expect(book.price(hardwareID: hardware.id, basis: .onDemand) != nil, "\(hardware.id)")
    }
    for model in SeedCatalog.models where model.kind == .hosted {
      #expect(book.price(modelID: model.id) != nil, "\(model.id)")
    }
  }

  @Test("prices refer to the seeded catalog alone") func references() {
    let known = Set(SeedCatalog.hardware.map(\.id) + SeedCatalog.models.map(\.id))
    #expect(SeedPrices.entries.allSatisfy { known.contains($0.itemID) })
  }

  @Test("a size without its own offer is priced pro rata and says so") func proRata() throws {
    let four = try #require(book.price(hardwareID: "h100-80gb-x4", basis: .onDemand))
    #expect(four.usdPerHour == 27.52)
    #expect(four.offer == "aws p5.48xlarge, 4 of 8 GPUs pro rata")
    let eight = try #require(book.price(hardwareID: "h100-80gb-x8", basis: .spot))
    #expect(eight.usdPerHour == 14.3104)
    #expect(eight.source.contains("74% below"))
    let one = try #require(book.price(hardwareID: "l4-x1", basis: .spot))
    #expect(one.usdPerHour == 0.3623)
  }
}

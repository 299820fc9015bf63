/// How a price is paid.
package enum PriceBasis: String, Sendable, Hashable, CaseIterable {
  /// List price on demand.
  case onDemand = "on_demand"
  /// Spot or preemptible price.
  case spot
}

/// What is priced.
package enum PricedItem: Sendable, Hashable {
  /// An hour of a whole hardware profile, in US dollars.
  case hardware(id: String, usdPerHour: Double)
  /// A million tokens of a hosted model, in US dollars.
  case model(id: String, usdPerMillionInputTokens: Double, usdPerMillionOutputTokens: Double)
}

/// A price with its date and source.
package struct PriceEntry: Sendable, Hashable {
  /// Id given by the store.
  package var id: String
  /// What is priced, and the price in US dollars.
  package var item: PricedItem
  /// How it is paid.
  package var basis: PriceBasis
  /// Who sells it, e.g. "aws p5.4xlarge".
  package var offer: String
  /// Region; empty when the price is not regional.
  package var region: String
  /// Where the price was read.
  package var source: String
  /// Day on which it was read.
  package var observedAt: WallTime

  /// Makes a price.
  package init(
    id: String, item: PricedItem, basis: PriceBasis, offer: String, region: String = "",
    source: String, observedAt: WallTime
  ) {
    self.id = id
    self.item = item
    self.basis = basis
    self.offer = offer
    self.region = region
    self.source = source
    self.observedAt = observedAt
  }
}

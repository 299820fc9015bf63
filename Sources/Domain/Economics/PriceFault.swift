package import BenchmarkDomain

/// Why a price is not believed; public price feeds hold such.
package struct PriceFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of fault.
  package enum Code: String, Sendable {
    /// NaN, an infinity, zero or less.
    case notPositive
    /// 700.0, which feeds print where they have no price.
    case placeholder
    /// So low or so high that it must be a mistake.
    case implausible
    /// A spot price that is not below the same offer's price on demand.
    case spotNotBelowOnDemand
    /// No id, offer, source or date.
    case incomplete
  }

  /// What kind.
  package let code: Code
  /// One sentence for people.
  package let message: String

  /// Makes a fault.
  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The sentence.
  package var description: String { message }
}

extension PriceEntry {
  /// What feeds print where they have no price, in US dollars per hour.
  package static let placeholderUSDPerHour = 700.0
  /// Least that anything may cost, in US dollars per hour or per million tokens; below it, costs of
  /// a token lose their meaning long before they lose their digits.
  package static let lowestUSD = 1e-6
  /// Most that an hour of a profile may cost, in US dollars.
  package static let highestUSDPerHour = 10_000.0
  /// Most that a million tokens may cost, in US dollars.
  package static let highestUSDPerMillionTokens = 10_000.0

  /// The first fault of the price itself; nil when it has none.
  package var fault: PriceFault? {
    guard !itemID.isEmpty, !offer.isEmpty, !source.isEmpty, observedAt.nanoseconds > 0 else {
      return PriceFault(
        .incomplete, "a price needs what it prices, its offer, its source and its date")
    }
    switch item {
    case .hardware(_, let usdPerHour):
      if usdPerHour == PriceEntry.placeholderUSDPerHour {
        return PriceFault(
          .placeholder, "\(offer): 700.0 $/h is what feeds print where they have no price")
      }
      return fault(usdPerHour, highest: PriceEntry.highestUSDPerHour, "$/h")
    case .model(_, let input, let output):
      // Some offers take nothing for prompts; nobody gives answers away.
      if input == 0 { return fault(output, highest: PriceEntry.highestUSDPerMillionTokens, "$/M") }
      return fault(input, highest: PriceEntry.highestUSDPerMillionTokens, "$/M")
        ?? fault(output, highest: PriceEntry.highestUSDPerMillionTokens, "$/M")
    }
  }

  /// The first fault, also against what is known already: a spot price must lie below the newest
  /// price on demand of the same item and offer in the same region (or without region).
  package func fault(against known: [PriceEntry]) -> PriceFault? {
    if let fault { return fault }
    guard basis == .spot, let spot = usdPerHour else { return nil }
    let onDemand = known.filter {
      $0.basis == .onDemand && $0.itemID == itemID && $0.offer == offer && $0.fault == nil
        && ($0.region == region || $0.region.isEmpty || region.isEmpty)
    }.max { $0.observedAt < $1.observedAt }
    guard let list = onDemand?.usdPerHour, spot >= list else { return nil }
    return PriceFault(
      .spotNotBelowOnDemand, "\(offer): spot at \(spot) $/h is not below \(list) $/h on demand")
  }

  /// The id of what is priced.
  package var itemID: String {
    switch item {
    case .hardware(let id, _), .model(let id, _, _): id
    }
  }

  /// US dollars per hour of a hardware profile; nil for a hosted model.
  package var usdPerHour: Double? {
    if case .hardware(_, let usdPerHour) = item { usdPerHour } else { nil }
  }

  private func fault(_ value: Double, highest: Double, _ unit: String) -> PriceFault? {
    guard value.isFinite, value > 0 else {
      return PriceFault(.notPositive, "\(offer): \(value) \(unit) is no price")
    }
    guard value >= PriceEntry.lowestUSD else {
      return PriceFault(
        .implausible, "\(offer): \(value) \(unit) is below \(PriceEntry.lowestUSD) \(unit)")
    }
    guard value <= highest else {
      return PriceFault(.implausible, "\(offer): \(value) \(unit) is above \(highest) \(unit)")
    }
    return nil
  }
}

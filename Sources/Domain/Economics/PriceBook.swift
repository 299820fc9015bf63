package import BenchmarkDomain

/// A price that was left out of the book.
package struct RefusedPrice: Sendable, Hashable {
  /// The price.
  package let entry: PriceEntry
  /// What is wrong with it.
  package let fault: PriceFault
}

/// Prices by what they price and how it is paid.
///
/// Of each offer and region the newest price counts; of those the cheapest is taken, whatever its
/// region, since the one who asks names none; ties go to the first by offer, region and id. Faulty
/// prices are left out and listed in `refused`.
package struct PriceBook: Sendable {
  private struct Key: Hashable {
    let itemID: String
    let isModel: Bool
    let basis: PriceBasis
  }

  private let best: [Key: PriceEntry]
  /// What was left out, in the order given.
  package let refused: [RefusedPrice]

  /// Sorts prices in; their order does not matter to what is found.
  package init(_ entries: [PriceEntry]) {
    var refused: [RefusedPrice] = []
    var newest: [Key: [String: PriceEntry]] = [:]
    let onDemand = entries.filter { $0.basis == .onDemand }
    let byItem = Dictionary(grouping: onDemand, by: \.itemID)
    for entry in entries {
      if let fault = entry.fault(against: byItem[entry.itemID] ?? []) {
        refused.append(RefusedPrice(entry: entry, fault: fault))
        continue
      }
      let key = Key(
        itemID: entry.itemID, isModel: entry.usdPerHour == nil, basis: entry.basis)
      let place = "\(entry.offer)\u{0}\(entry.region)"
      if let other = newest[key]?[place], !Self.isNewer(entry, than: other) { continue }
      newest[key, default: [:]][place] = entry
    }
    best = newest.compactMapValues { offers in offers.values.min(by: Self.isCheaper) }
    self.refused = refused
  }

  /// The price of an hour of a hardware profile; nil when there is none.
  package func price(hardwareID: String, basis: PriceBasis) -> PriceEntry? {
    best[Key(itemID: hardwareID, isModel: false, basis: basis)]
  }

  /// The price of a hosted model's tokens; nil when there is none. Tokens have no spot price.
  package func price(modelID: String) -> PriceEntry? {
    best[Key(itemID: modelID, isModel: true, basis: .onDemand)]
  }

  private static func isNewer(_ entry: PriceEntry, than other: PriceEntry) -> Bool {
    (entry.observedAt, other.id) > (other.observedAt, entry.id)
  }

  private static func isCheaper(_ left: PriceEntry, _ right: PriceEntry) -> Bool {
    let (a, b) = (left.comparable, right.comparable)
    return a == b
      ? (left.offer, left.region, left.id) < (right.offer, right.region, right.id) : a < b
  }
}

extension PriceEntry {
  /// What offers are compared by: dollars per hour, or dollars per million input and output tokens
  /// together.
  fileprivate var comparable: Double {
    switch item {
    case .hardware(_, let usdPerHour): usdPerHour
    case .model(_, let input, let output): input + output
    }
  }
}

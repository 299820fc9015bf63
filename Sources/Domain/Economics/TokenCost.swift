package import BenchmarkDomain

/// What a million output tokens cost, or why nobody can say.
package enum TokenCost: Sendable, Hashable {
  /// The figure, with the price that it was computed from.
  case known(Measurement, PriceEntry)
  /// The price book has no price of the profile, or of the hosted model, paid so.
  case noPrice
  /// The result holds neither a throughput nor what one could be derived from.
  case noThroughput

  /// Definition of a cost computed from a measured throughput.
  package static let measuredDefinition = "price-book/1"
  /// Definition of a cost computed from a throughput that was derived.
  package static let derivedDefinition = "price-book/1 over derived/closed-loop/1"
  /// Definition of a hosted model's cost: the answer's price and the prompt's share.
  package static let hostedDefinition = "list-price-with-prompt/1"

  /// The figure; nil when it is not known.
  package var measurement: Measurement? {
    if case .known(let measurement, _) = self { measurement } else { nil }
  }

  /// The price that it was computed from; nil when it is not known.
  package var price: PriceEntry? {
    if case .known(_, let price) = self { price } else { nil }
  }

  /// US dollars per million output tokens of hardware at `usdPerHour` that makes
  /// `outputTokensPerSecond`: `usdPerHour / (outputTokensPerSecond * 3600) * 1,000,000`. Nil where
  /// that is no positive finite number.
  package static func usdPerMillion(
    usdPerHour: Double, outputTokensPerSecond: Double
  ) -> Double? {
    guard outputTokensPerSecond > 0 else { return nil }
    let cost = usdPerHour / (outputTokensPerSecond * 3600) * 1_000_000
    return cost.isFinite && cost > 0 ? cost : nil
  }
}

extension PriceBook {
  /// The cost of a million output tokens of a result.
  ///
  /// Self-hosted: the profile's hour over its output throughput (measured, else derived; see
  /// `BenchmarkResult.outputThroughput`); the interval is the throughput's, turned over. A hosted
  /// model, for which there is a price per token: its price of output tokens and, since an hour of
  /// hardware pays for prompts too, of the input tokens that stand before each of them.
  package func tokenCost(
    of result: BenchmarkResult, _ configuration: Configuration, basis: PriceBasis
  ) -> TokenCost {
    if let hosted = price(modelID: configuration.modelID) {
      return hostedCost(hosted, configuration.workload)
    }
    guard let price = price(hardwareID: configuration.hardwareID, basis: basis),
      let usdPerHour = price.usdPerHour
    else { return .noPrice }
    guard let throughput = result.outputThroughput(configuration.workload),
      let cost = TokenCost.usdPerMillion(
        usdPerHour: usdPerHour, outputTokensPerSecond: throughput.value)
    else { return .noThroughput }
    let isDerived = throughput.definition == Measurement.derivedThroughputDefinition
    return .known(
      Measurement(
        metric: .costPerMillionOutputTokens, statistic: .total, value: cost,
        sampleCount: throughput.sampleCount, interval: interval(throughput, usdPerHour),
        definition: isDerived ? TokenCost.derivedDefinition : TokenCost.measuredDefinition),
      price)
  }

  private func interval(_ throughput: Measurement, _ usdPerHour: Double) -> Interval? {
    guard let interval = throughput.interval,
      let low = TokenCost.usdPerMillion(
        usdPerHour: usdPerHour, outputTokensPerSecond: interval.high),
      let high = TokenCost.usdPerMillion(
        usdPerHour: usdPerHour, outputTokensPerSecond: interval.low)
    else { return nil }
    return Interval(low: low, high: high, confidence: interval.confidence)
  }

  private func hostedCost(_ price: PriceEntry, _ workload: Workload) -> TokenCost {
    guard let cost = price.usdPerMillionOutputTokens(workload) else { return .noPrice }
    return .known(
      Measurement(
        metric: .costPerMillionOutputTokens, statistic: .total, value: cost,
        definition: TokenCost.hostedDefinition),
      price)
  }
}

extension PriceEntry {
  /// US dollars per million output tokens of a hosted model, with the input tokens that stand
  /// before each of them; nil for hardware, and for a workload without output tokens.
  package func usdPerMillionOutputTokens(_ workload: Workload) -> Double? {
    guard case .model(_, let input, let output) = item, workload.outputTokens > 0 else {
      return nil
    }
    let perOutput = Double(workload.inputTokens) / Double(workload.outputTokens)
    return output + input * perOutput
  }
}

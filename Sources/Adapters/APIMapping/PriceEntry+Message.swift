package import APIBindings
package import BenchmarkDomain

extension APIBindings.PriceEntry {
  package init(_ price: BenchmarkDomain.PriceEntry) {
    self.init(
      id: price.id, basis: price.basis.wire, offer: price.offer, region: price.region,
      source: price.source, observedAt: Timestamp(price.observedAt))
    switch price.item {
    case .hardware(let id, let hourly):
      hardwareId = id
      usdPerHour = hourly
    case .model(let id, let input, let output):
      modelId = id
      usdPerMillionInputTokens = input
      usdPerMillionOutputTokens = output
    }
  }
}

extension BenchmarkDomain.PriceEntry: MessageReadable {
  package init(reading message: APIBindings.PriceEntry) throws(InvalidField) {
    self.init(
      id: try name(message.id, "id", limit: TextRule.longestID), item: try Self.item(message),
      basis: try value(message.basis, orElse: .onDemand, "basis"),
      offer: try name(message.offer, "offer"), region: try name(message.region, "region"),
      source: try name(message.source, "source"),
      observedAt: try required(message.observedAt, "observed_at"))
  }

  /// Either hardware by the hour or a hosted model by the token, never both.
  private static func item(_ message: APIBindings.PriceEntry) throws(InvalidField) -> PricedItem {
    let hourly = try figure(message.usdPerHour, "usd_per_hour")
    let input = try figure(message.usdPerMillionInputTokens, "usd_per_million_input_tokens")
    let output = try figure(message.usdPerMillionOutputTokens, "usd_per_million_output_tokens")
    let hardware = try optionalID(message.hardwareId, "hardware_id")
    let model = try optionalID(message.modelId, "model_id")
    switch (hardware, model) {
    case (let hardware?, nil):
      guard input == 0, output == 0 else {
        throw InvalidField("usd_per_million_output_tokens", "must be 0 for hardware")
      }
      return .hardware(id: hardware, usdPerHour: hourly)
    case (nil, let model?):
      guard hourly == 0 else { throw InvalidField("usd_per_hour", "must be 0 for a hosted model") }
      return .model(id: model, usdPerMillionInputTokens: input, usdPerMillionOutputTokens: output)
    case (nil, nil): throw InvalidField("hardware_id", "or model_id must be given")
    case (_?, _?): throw InvalidField("model_id", "must be empty where hardware_id is given")
    }
  }
}

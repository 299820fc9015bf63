/// What an import brings: catalog entries that may be known already, and results.
package struct ImportBundle: Sendable {
  /// Models that the results name; stored only where the id is new.
  package var models: [Model]
  /// Hardware profiles that they name; likewise.
  package var hardware: [HardwareProfile]
  /// Engines that they name; likewise.
  package var engines: [Engine]
  /// Prices that the source states; stored unless the same entry is there.
  package var prices: [PriceEntry]
  /// The results with their configurations.
  package var results: [ConfigurationResult]

  /// Makes a bundle.
  package init(
    models: [Model], hardware: [HardwareProfile], engines: [Engine], prices: [PriceEntry],
    results: [ConfigurationResult]
  ) {
    self.models = models
    self.hardware = hardware
    self.engines = engines
    self.prices = prices
    self.results = results
  }
}

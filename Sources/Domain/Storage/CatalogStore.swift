package import BenchmarkDomain

/// How a list of configurations or results is ordered; ties by id.
package struct ListOrder: Sendable, Hashable {
  /// What to order by.
  package enum Key: String, Sendable, CaseIterable {
    /// The configuration's id.
    case configurationID = "configuration_id"
    /// The model's id.
    case modelID = "model_id"
    /// The hardware profile's id.
    case hardwareID = "hardware_id"
    /// The engine's id.
    case engineID = "engine_id"
    /// The quantization's id.
    case quantizationID = "quantization_id"
    /// Requests in flight.
    case concurrency
    /// Prompt length.
    case inputTokens = "input_tokens"
    /// Answer length.
    case outputTokens = "output_tokens"
    /// When it was measured; results only, unknown times last.
    case measuredAt = "measured_at"
    /// Typical TTFT; results only, those without it last.
    case ttft
    /// Typical TPOT; results only, those without it last.
    case tpot
    /// Output throughput; results only, those without it last.
    case outputThroughput = "output_throughput"
  }

  /// What to order by.
  package var key: Key
  /// True for the largest first.
  package var isDescending: Bool

  /// Makes an order.
  package init(_ key: Key = .configurationID, descending: Bool = false) {
    self.key = key
    self.isDescending = descending
  }
}

/// Which results.
package struct ResultQuery: Sendable, Hashable {
  /// Which configurations.
  package var filter: ConfigurationFilter = ConfigurationFilter()
  /// Only results of this run.
  package var runID: String?
  /// Only results that come from there.
  package var provenance: ProvenanceKind?
  /// In which order.
  package var order: ListOrder = ListOrder()

  /// Makes a query for everything.
  package init() {}
}

/// What an import changed.
package struct ImportOutcome: Sendable, Hashable {
  /// Results stored.
  package var storedCount: Int
  /// Results that were there already with equal content.
  package var duplicateCount: Int
  /// Models that were new.
  package var newModelCount: Int
  /// Hardware profiles that were new.
  package var newHardwareCount: Int

  /// What rankings read of it: results, models and hardware profiles.
  package var movedCount: Int { storedCount + newModelCount + newHardwareCount }

  /// Makes an outcome.
  package init(storedCount: Int, duplicateCount: Int, newModelCount: Int, newHardwareCount: Int) {
    self.storedCount = storedCount
    self.duplicateCount = duplicateCount
    self.newModelCount = newModelCount
    self.newHardwareCount = newHardwareCount
  }
}

/// Everything that a ranking reads, as of one version of the data.
package struct CatalogSnapshot: Sendable {
  /// Version of the data: moves with every result, price, hardware profile and model.
  package var version: Int64
  /// Newest attempt's result of each configuration and run, and every imported one, in any order.
  package var results: [ConfigurationResult]
  /// Every hardware profile.
  package var hardware: [HardwareProfile]
  /// Every price.
  package var prices: [PriceEntry]
  /// Every model.
  package var models: [Model]

  /// Makes a snapshot.
  package init(
    version: Int64, results: [ConfigurationResult], hardware: [HardwareProfile],
    prices: [PriceEntry], models: [Model]
  ) {
    self.version = version
    self.results = results
    self.hardware = hardware
    self.prices = prices
    self.models = models
  }
}

/// What rankings read. Every call may suspend on I/O and throws `StorageError`.
package protocol RankingStore: Sendable {
  /// Version of the data: moves with every result, price, hardware profile and model.
  func dataVersion() async throws -> Int64
  /// Everything that a ranking reads, consistent at one version.
  func snapshot() async throws -> CatalogSnapshot
}

/// Models, hardware, engines, prices, configurations and results. Every call may suspend on I/O
/// and throws `StorageError`.
package protocol CatalogStore: RankingStore {
  /// Adds a model; returns the stored one when equal content is there (`createdAt` aside).
  func register(_ model: Model) async throws -> Model
  /// Returns a model, or nil.
  func model(_ id: String) async throws -> Model?
  /// Lists models by id.
  func models(kind: ModelKind?, page: PageRequest) async throws -> Page<Model>
  /// Adds a hardware profile; returns the stored one when equal content is there.
  func register(_ hardware: HardwareProfile) async throws -> HardwareProfile
  /// Returns a hardware profile, or nil.
  func hardware(_ id: String) async throws -> HardwareProfile?
  /// Lists hardware profiles by id.
  func hardware(page: PageRequest) async throws -> Page<HardwareProfile>
  /// Adds an engine; returns the stored one when equal content is there.
  func register(_ engine: Engine) async throws -> Engine
  /// Returns an engine, or nil.
  func engine(_ id: String) async throws -> Engine?
  /// Lists engines by id.
  func engines(page: PageRequest) async throws -> Page<Engine>
  /// Adds a price under a new id; returns the stored one when an equal entry is there (id aside).
  func register(_ price: PriceEntry) async throws -> PriceEntry
  /// Returns a price, or nil.
  func price(_ id: String) async throws -> PriceEntry?
  /// Lists prices by id; nil lets everything through.
  func prices(hardwareID: String?, modelID: String?, basis: PriceBasis?, page: PageRequest)
    async throws -> Page<PriceEntry>
  /// Lists configurations that are known.
  func configurations(filter: ConfigurationFilter, order: ListOrder, page: PageRequest)
    async throws -> Page<Configuration>
  /// Returns a configuration with its results, the newest first, or nil.
  func configuration(_ id: ConfigurationID) async throws -> (Configuration, [BenchmarkResult])?
  /// Lists results.
  func results(_ query: ResultQuery, page: PageRequest) async throws -> Page<ConfigurationResult>
  /// Stores an import in one transaction. A result that is there already, under
  /// whatever file's name, is counted and left; one whose id is there with other content, or a
  /// configuration id with other content, is refused as a whole with `alreadyExists`.
  func store(_ bundle: ImportBundle) async throws -> ImportOutcome
}

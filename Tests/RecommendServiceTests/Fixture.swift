import BenchmarkDomain
import Storage

@testable import RecommendService

/// A small catalog that tests fill by hand.
struct Fixture {
  var results: [ConfigurationResult] = []
  var prices: [PriceEntry] = []
  var version: Int64 = 1

  static let hardware = [
    HardwareProfile(id: "h100-80gb-x1", accelerator: "H100-80GB", memoryBytes: 80 << 30),
    HardwareProfile(
      id: "h100-80gb-x2", accelerator: "H100-80GB", acceleratorCount: 2, memoryBytes: 80 << 30),
    HardwareProfile(id: "l4-x1", accelerator: "L4", memoryBytes: 24 << 30),
  ]

  static func configuration(
    model: String = "m", hardware: String = "h100-80gb-x1", engine: String = "vllm",
    quantization: String = "fp16", input: Int32 = 512, output: Int32 = 128, concurrency: Int32 = 8
  ) -> Configuration {
    Configuration(
      modelID: model, hardwareID: hardware, engineID: engine, quantizationID: quantization,
      workload: Workload(inputTokens: input, outputTokens: output, concurrency: concurrency))
  }

  /// The first `count` configurations, by id, that differ in nothing but concurrency.
  static func configurations(_ count: Int) -> [Configuration] {
    (1...count).map { configuration(concurrency: Int32($0)) }.sorted { $0.id < $1.id }
  }

  mutating func add(
    _ configuration: Configuration, ttft: Double? = nil, tpot: Double? = nil,
    throughput: Double? = nil, kind: ProvenanceKind = .measured, measuredAt: Int64? = 1_000,
    id: String? = nil, extra: [Measurement] = []
  ) {
    var figures: [Measurement] = []
    if let ttft { figures.append(Measurement(metric: .ttft, statistic: .mean, value: ttft)) }
    if let tpot { figures.append(Measurement(metric: .tpot, statistic: .mean, value: tpot)) }
    if let throughput {
      figures.append(Measurement(metric: .outputThroughput, statistic: .total, value: throughput))
    }
    let result = BenchmarkResult(
      id: id ?? "r\(results.count)", configurationID: configuration.id,
      provenance: Provenance(kind: kind, tool: "t", toolVersion: "1", source: "s"),
      measuredAt: measuredAt.map(WallTime.init(seconds:)), requestCount: 10, errorCount: 0,
      measurements: figures + extra)
    results.append(ConfigurationResult(configuration: configuration, result: result))
  }

  mutating func price(_ hardware: String, _ usd: Double, _ basis: PriceBasis = .onDemand) {
    prices.append(
      PriceEntry(
        id: "p\(prices.count)", item: .hardware(id: hardware, usdPerHour: usd), basis: basis,
        offer: "o", source: "s", observedAt: WallTime(seconds: 1)))
  }

  var catalog: CatalogSnapshot {
    CatalogSnapshot(
      version: version, results: results, hardware: Self.hardware, prices: prices,
      models: [Model(id: "m"), Model(id: "other")])
  }

  var snapshot: RankingSnapshot { RankingSnapshot(catalog) }
}

/// TTFT and TPOT, equally.
let latencies = [WeightedFigure(FigureKey(.ttft)), WeightedFigure(FigureKey(.tpot))]

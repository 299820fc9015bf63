package import BenchmarkDomain

/// Things to store, made short. Everything has a default; tests name what matters to them.
package enum Example {
  /// A configuration.
  package static func configuration(
    model: String = "meta/llama-8b", hardware: String = "l4-x1", engine: String = "vllm",
    quantization: String = "fp16", input: Int32 = 64, output: Int32 = 32, concurrency: Int32 = 1,
    maxBatch: Int32 = 0, extra: [Dimension] = []
  ) -> Configuration {
    Configuration(
      modelID: model, hardwareID: hardware, engineID: engine, quantizationID: quantization,
      workload: Workload(
        inputTokens: input, outputTokens: output, concurrency: concurrency, maxBatch: maxBatch),
      extraDimensions: extra)
  }

  /// A result of a configuration with a mean TTFT and TPOT and a total throughput.
  package static func result(
    _ id: String, of configuration: Configuration, run: String? = nil,
    kind: ProvenanceKind = .imported, ttft: Double? = 0.25, tpot: Double? = 0.01,
    throughput: Double? = 100, measuredAt: WallTime? = WallTime(seconds: 1_770_000_000)
  ) -> BenchmarkResult {
    var measurements: [Measurement] = []
    if let ttft {
      measurements.append(
        Measurement(
          metric: .ttft, statistic: .mean, value: ttft, sampleCount: 100,
          interval: Interval(low: ttft * 0.9, high: ttft * 1.1, confidence: 0.95)))
      measurements.append(
        Measurement(
          metric: .ttft, statistic: .p95, value: ttft * 2, sampleCount: 100, certified: ttft * 3))
    }
    if let tpot { measurements.append(Measurement(metric: .tpot, statistic: .mean, value: tpot)) }
    if let throughput {
      measurements.append(
        Measurement(
          metric: .outputThroughput, statistic: .total, value: throughput,
          definition: "another-tool/2"))
    }
    return BenchmarkResult(
      id: id, configurationID: configuration.id, runID: run,
      provenance: Provenance(
        kind: kind, tool: "tool", toolVersion: "1.0", source: "file.csv", engineVersion: "0.9",
        modelRevision: "abc"),
      measuredAt: measuredAt, requestCount: 100, errorCount: 1, measurements: measurements)
  }

  /// Results with their configurations, and nothing besides.
  package static func bundle(_ results: [(Configuration, BenchmarkResult)]) -> ImportBundle {
    ImportBundle(
      models: [], hardware: [], engines: [], prices: [],
      results: results.map { ConfigurationResult(configuration: $0.0, result: $0.1) })
  }

  /// A price of a hardware profile.
  package static func price(
    hardware: String = "l4-x1", perHour: Double = 0.8, basis: PriceBasis = .onDemand
  ) -> PriceEntry {
    PriceEntry(
      id: "", item: .hardware(id: hardware, usdPerHour: perHour), basis: basis, offer: "aws g6",
      region: "us-east-1", source: "price list", observedAt: WallTime(seconds: 1_760_000_000))
  }

  /// A sample of one request.
  package static func sample(_ index: UInt32, segment: UInt32 = 0, gaps: Int = 3) -> RequestSample {
    let start = UInt64(index) * 1_000_000
    return RequestSample(
      requestIndex: index, segment: segment, outcome: .ok, httpStatus: 200, scheduled: start,
      sent: start + 10, firstByte: start + 20, firstContent: start + 30, firstVisible: start + 40,
      lastContent: start + 500, end: start + 600, inputTokens: 64, outputTokens: 32,
      tokenSource: .usage, contentChunks: 32,
      gaps: (0..<gaps).map { UInt8(truncatingIfNeeded: $0 + Int(index)) }[...])
  }

  /// What an agent has.
  package static func inventory(
    hardware: [String] = ["l4-x1"], engines: [String] = ["vllm"], models: [String] = [],
    quantizations: [String] = []
  ) -> AgentInventory {
    AgentInventory(
      hostName: "host", agentVersion: "1", hardwareIDs: hardware, engineIDs: engines,
      modelIDs: models, quantizationIDs: quantizations)
  }

  /// A run of `batches` batches of `configurations` configurations each, ready to be created.
  /// Batch i is "NAME-bi"; its execution j is "NAME-bi-ej".
  package static func run(
    _ name: String = "run", batches: Int = 1, configurations: Int = 2, requests: Int32 = 10,
    requestID: String? = nil, createdAt: WallTime = WallTime(seconds: 1_780_000_000),
    model: String = "meta/llama-8b", hardware: String = "l4-x1"
  ) -> (run: Run, batches: [Batch], executions: [Execution]) {
    let run = Run(
      id: name, name: "A run", requestID: requestID, requestsPerConfiguration: requests,
      warmupRequests: 0, seed: .max, configurationCount: Int64(batches * configurations),
      infeasibleCount: 3, batchCount: Int32(batches), createdAt: createdAt)
    var executions: [Execution] = []
    let all = (0..<batches).map { batch in
      let id = "\(name)-b\(batch)"
      for index in 0..<configurations {
        let configuration = configuration(
          model: model, hardware: hardware, input: Int32(batch + 1), concurrency: Int32(index + 1))
        executions.append(
          Execution(
            id: "\(id)-e\(index)", runID: name, batchID: id, index: Int32(index),
            configuration: configuration, requestCount: requests))
      }
      return Batch(
        id: id, runID: name, index: Int32(batch), modelID: model, hardwareID: hardware,
        engineID: "vllm", quantizationID: "fp16", configurationCount: Int32(configurations))
    }
    return (run, all, executions)
  }
}

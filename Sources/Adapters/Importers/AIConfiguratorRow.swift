import BenchmarkDomain

/// One row of aiconfigurator's measured data, as we understand it.
struct AIConfiguratorRow: Sendable {
  /// What came of a row.
  enum Reading {
    case row(AIConfiguratorRow)
    case skipped(reason: String)
  }

  /// Rows of equal identity are one measurement that was written down twice.
  struct Identity: Hashable, Sendable {
    let configurationID: ConfigurationID
    let measuredAt: WallTime?
    let workflow: Substring
    let engineVersion: String
    let firstTokenSeconds: Double
    let perTokenSeconds: Double
  }

  let configuration: Configuration
  let hardware: HardwareProfile
  let engine: Engine
  let result: BenchmarkResult
  let identity: Identity
  /// What the row calls itself.
  let rowID: String

  /// Reads a row; throws on what no row may hold.
  static func read(_ row: CSVRow, source: ImportSource) throws(ImportError) -> Reading {
    let figures = try Figures(row)
    let origin = AIConfiguratorOrigin(
      try row.name("silicon_data_source"), backendVersion: try row.name("backend_version"))
    guard let concurrency = origin.concurrency else {
      return .skipped(reason: "the concurrency is not stated")
    }
    let systemName = try row.requiredText("system")
    guard let accelerator = accelerator(systemName) else {
      return .skipped(reason: "the system \"\(systemName)\" is not known")
    }
    let engine = try engine(row)
    let layout: ParallelLayout
    switch try ParallelLayout.read(row) {
    case .layout(let read): layout = read
    case .skipped(let reason): return .skipped(reason: reason)
    }
    let configuration = Configuration(
      modelID: try row.id("model_path"),
      hardwareID: "\(accelerator.id)-x\(layout.acceleratorCount)", engineID: engine.id,
      quantizationID: try quantization(row),
      workload: Workload(
        inputTokens: try row.tokens("isl"), outputTokens: try row.tokens("osl"),
        concurrency: concurrency),
      extraDimensions: layout.dimensions)
    return .row(
      AIConfiguratorRow(
        rowID: try row.requiredText("id", limit: 500), configuration, engine,
        accelerator.profile(count: layout.acceleratorCount), figures, origin, source))
  }

  private init(
    rowID: String, _ configuration: Configuration, _ engine: Engine, _ hardware: HardwareProfile,
    _ figures: Figures, _ origin: AIConfiguratorOrigin, _ source: ImportSource
  ) {
    self.configuration = configuration
    self.hardware = hardware
    self.engine = engine
    self.rowID = rowID
    identity = Identity(
      configurationID: configuration.id, measuredAt: origin.measuredAt, workflow: origin.workflow,
      engineVersion: origin.engineVersion, firstTokenSeconds: figures.firstTokenSeconds,
      perTokenSeconds: figures.perTokenSeconds)
    let provenance = Provenance(
      kind: .imported, tool: AIConfiguratorImporter.format,
      toolVersion: source.toolVersion,
      source: "\(source.name): \(rowID); \(origin.text)", engineVersion: origin.engineVersion)
    // By what the row calls itself: the same row of another file is known already, and one with
    // other figures contradicts it.
    var hash = ContentHash()
    for text in [rowID, origin.text, origin.engineVersion, configuration.id.description] {
      hash.add(text)
    }
    result = BenchmarkResult(
      id: hash.id(prefix: "aiconfigurator-"), configurationID: configuration.id,
      provenance: provenance, measuredAt: origin.measuredAt, requestCount: 0, errorCount: 0,
      measurements: figures.measurements)
  }

  private static func accelerator(_ system: String) -> Accelerator? {
    let ids = [
      "a100_sxm": "a100-80gb", "h100_sxm": "h100-80gb", "h200_sxm": "h200", "b200_sxm": "b200",
      "b300_sxm": "b300", "gb200": "gb200", "gb300": "gb300",
    ]
    return ids[system].flatMap(ImportedAccelerators.named)
  }

  private static func engine(_ row: CSVRow) throws(ImportError) -> Engine {
    let backend = try row.requiredText("backend")
    let ids = ["trtllm": "tensorrt-llm", "sglang": "sglang", "vllm": "vllm"]
    guard let engine = SeedCatalog.engines.first(where: { $0.id == ids[backend] }) else {
      throw row.bad(
        "backend", "is \"\(backend.prefix(50))\"; aiconfigurator writes trtllm, sglang and vllm")
    }
    return engine
  }

  /// The quantization of the weights; what the row leaves open stays so.
  private static func quantization(_ row: CSVRow) throws(ImportError) -> String {
    let precision = try row.text("precision")
    switch precision {
    case "": return Quantization.unstatedID
    case "fp4": return try row.text("gemm_quant_mode") == "nvfp4" ? "nvfp4" : "fp4"
    case "bf16", "fp16", "fp8", "int8", "int4": return precision
    default: throw row.bad("precision", "is \"\(precision.prefix(50))\", which is not known")
    }
  }
}

/// A row's two figures in seconds.
private struct Figures {
  let firstTokenSeconds: Double
  let perTokenSeconds: Double

  /// Reads milliseconds; below and above these bounds no engine is, and the unit must be another.
  init(_ row: CSVRow) throws(ImportError) {
    firstTokenSeconds = try row.number("silicon_ttft_ms", in: 0.5...86_400_000) / 1_000
    perTokenSeconds = try row.number("silicon_tpot_ms", in: 0.05...3_600_000) / 1_000
  }

  var measurements: [Measurement] {
    [(Metric.ttft, firstTokenSeconds), (.tpot, perTokenSeconds)].map { metric, value in
      Measurement(
        metric: metric, statistic: .unstated, value: value,
        definition: AIConfiguratorImporter.definition)
    }
  }
}

/// What the column `silicon_data_source` says: parts between semicolons, some of them "key=value".
struct AIConfiguratorOrigin: Sendable {
  let text: String
  let concurrency: Int32?
  let measuredAt: WallTime?
  /// The workflow run, or all that names the measurement where there is none.
  let workflow: Substring
  /// The engine's version, else the tag of its image; empty when neither is stated.
  let engineVersion: String

  init(_ text: String, backendVersion: String) {
    let parts = text.split(separator: ";").map { $0.trimmed }
    func value(_ key: String) -> Substring? {
      parts.first { $0.hasPrefix("\(key)=") }?.dropFirst(key.count + 1)
    }
    self.text = text
    concurrency = value("silicon_concurrency").flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
    measuredAt = value("measured").flatMap { WallTime(isoText: $0) }
    workflow = value("workflow_run_id") ?? value("gtl_task_id") ?? ""
    let image = value("image") ?? parts.first { !$0.contains("=") && $0.contains(":") }
    let tag = image.flatMap { $0.split(separator: ":").last }
    engineVersion = backendVersion.isEmpty ? String(tag ?? "") : backendVersion
  }
}

extension CSVRow {
  fileprivate func tokens(_ name: String) throws(ImportError) -> Int32 {
    Int32(try whole(name, in: 1...10_000_000))
  }
}

extension Substring {
  /// Without spaces at both ends.
  fileprivate var trimmed: Substring {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return text
  }
}

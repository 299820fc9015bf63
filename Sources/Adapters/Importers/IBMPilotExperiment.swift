import BenchmarkDomain
import Statistics

/// The requests of one model on one hardware at one number of users.
struct IBMPilotExperiment: Sendable {
  /// What tells experiments apart.
  struct Key: Hashable, Sendable {
    let model: String
    let accelerator: String
    let acceleratorCount: Int32
    let users: Int32
    let durationSeconds: Double

    init(_ row: CSVRow) throws(ImportError) {
      model = try row.id("model")
      accelerator = try row.requiredText("gpu_type")
      acceleratorCount = Int32(try row.whole("n_gpus", in: 1...1_000))
      users = Int32(try row.whole("num_users", in: 1...10_000_000))
      durationSeconds = try row.number("experiment_duration_s", in: 1...1_000_000)
    }
  }

  /// IBM's fork of TGI, which the pilot measured.
  static let engine = Engine(
    id: "tgis", displayName: "TGIS (IBM's fork of TGI)", quantizationIDs: [],
    homepage: "https://github.com/IBM/text-generation-inference")

  let key: Key
  let firstLine: Int
  private var requests: [IBMPilotRequest] = []
  private var origin = Int64.max

  init(_ key: Key, firstLine: Int) {
    self.key = key
    self.firstLine = firstLine
  }

  var requestCount: Int { requests.count }
  var hasAnswers: Bool { requests.contains { $0.errorClass == nil } }

  /// The accelerator by the pilot's name; its A100 has 40 GB and its V100 16.
  var accelerator: Accelerator? {
    let ids = [
      "A10": "a10", "A100": "a100-40gb", "H100": "h100-80gb", "T4": "t4", "V100": "v100-16gb",
    ]
    return ids[key.accelerator].flatMap(ImportedAccelerators.named)
  }

  mutating func take(_ row: CSVRow) throws(ImportError) {
    let request = try IBMPilotRequest(row)
    origin = min(origin, request.start)
    requests.append(request)
  }

  /// Orders the requests by time, so that the order of rows decides no figure.
  mutating func order() {
    requests.sort { first, second in
      let keys = [first, second].map { [$0.start, $0.end, $0.inputTokens, $0.outputTokens] }
      return (keys[0] + first.stamps).lexicographicallyPrecedes(keys[1] + second.stamps)
    }
  }

  /// The result; call only where `hasAnswers`, behind `order()`.
  func result(
    on hardware: HardwareProfile, source: ImportSource
  ) throws(ImportError) -> ConfigurationResult {
    let configuration = configuration(on: hardware)
    let errorCount = requests.count { $0.errorClass != nil }
    return ConfigurationResult(
      configuration: configuration,
      result: BenchmarkResult(
        id: id(configuration), configurationID: configuration.id,
        provenance: Provenance(
          kind: .imported, tool: "IBM/LLM-performance-prediction",
          toolVersion: source.toolVersion, source: source.name),
        measuredAt: WallTime(nanoseconds: origin * 1_000_000),
        requestCount: Int64(requests.count), errorCount: Int64(errorCount),
        measurements: try measurements(acceleratorCount: Int(key.acceleratorCount))))
  }

  /// The pilot replays a production trace, whose lengths vary: the workload holds their means over
  /// the answered requests, and a further dimension says so. TGIS serves in 16 bits.
  private func configuration(on hardware: HardwareProfile) -> Configuration {
    let answered = requests.filter { $0.errorClass == nil }
    func mean(_ tokens: (IBMPilotRequest) -> Int64) -> Int32 {
      let sum = answered.reduce(0.0) { $0 + Double(tokens($1)) }
      return Int32(max(1, (sum / Double(max(1, answered.count))).rounded()))
    }
    return Configuration(
      modelID: key.model, hardwareID: hardware.id, engineID: Self.engine.id,
      quantizationID: "fp16",
      workload: Workload(
        inputTokens: mean(\.inputTokens), outputTokens: mean(\.outputTokens),
        concurrency: key.users),
      extraDimensions: [Dimension(name: "token_lengths", value: "trace")])
  }

  /// By the requests alone: the same ones in another file are known already.
  private func id(_ configuration: Configuration) -> String {
    var hash = ContentHash()
    hash.add(configuration.id.description)
    for request in requests {
      for value in [request.start, request.end, request.inputTokens, request.outputTokens] {
        hash.add(UInt64(value))
      }
      hash.add(request.errorClass ?? "")
      for stamp in request.stamps { hash.add(UInt64(stamp)) }
    }
    return hash.id(prefix: "ibm-pilot-")
  }

  private func measurements(acceleratorCount: Int) throws(ImportError) -> [Measurement] {
    do {
      let toEnd = try RunMetrics(
        segments: [
          requests.map { request throws(StatisticsError) in
            try request.timingToEnd(from: origin)
          }
        ], concurrency: Int(key.users)
      ).measurements(acceleratorCount: acceleratorCount)
      let toLastToken = try RunMetrics(
        segments: [
          requests.map { request throws(StatisticsError) in
            try request.timingToLastToken(from: origin)
          }
        ], concurrency: Int(key.users)
      ).measurements(acceleratorCount: acceleratorCount)
      return toEnd.filter { $0.metric == .ttft } + renamed(toEnd.filter { $0.metric == .tpot })
        + toLastToken.filter { $0.metric == .itl } + renamed(toEnd.filter { $0.metric == .e2e })
        + throughputs(acceleratorCount) + toEnd.filter { $0.metric == .errorRate }
    } catch {
      throw ImportError(
        .badValue, line: firstLine, "the experiment that begins here: \(error.message)")
    }
  }

  private func renamed(_ figures: [Measurement]) -> [Measurement] {
    figures.map { figure in
      var figure = figure
      figure.definition = IBMPilotImporter.definition
      return figure
    }
  }

  /// Tokens and requests that succeeded, over the experiment's stated duration.
  private func throughputs(_ acceleratorCount: Int) -> [Measurement] {
    let answered = requests.filter { $0.errorClass == nil }
    let output = answered.reduce(0.0) { $0 + Double($1.outputTokens) } / key.durationSeconds
    let input = answered.reduce(0.0) { $0 + Double($1.inputTokens) } / key.durationSeconds
    let figures: [(Metric, Double)] = [
      (.outputThroughput, output), (.totalThroughput, output + input),
      (.outputThroughputPerAccelerator, output / Double(acceleratorCount)),
      (.requestThroughput, Double(answered.count) / key.durationSeconds),
    ]
    return figures.map { metric, value in
      Measurement(
        metric: metric, statistic: .total, value: value, sampleCount: Int64(requests.count),
        definition: IBMPilotImporter.definition)
    }
  }
}

/// Why a configuration cannot run.
package enum InfeasibilityReason: String, Sendable, Hashable, CaseIterable {
  /// The weights alone do not fit the memory.
  case weightsDoNotFit = "weights_do_not_fit"
  /// The weights fit, but not together with the KV cache of all requests in flight.
  case kvCacheDoesNotFit = "kv_cache_does_not_fit"
  /// The engine does not serve the quantization.
  case unsupportedQuantization = "unsupported_quantization"
  /// Prompt and answer are longer than the model's context.
  case contextTooLong = "context_too_long"
  /// The model is hosted: there is nothing to run.
  case hostedModel = "hosted_model"
}

/// Tells what can run before anything is rented.
///
/// The rule: memory in use may not exceed 0.9 of the profile's memory (accelerators times the
/// memory of one); the tenth that is left holds activations, the engine and fragmentation.
///
///     weights  = parameters * bits per weight / 8
///     KV cache = 2 (keys and values) * layers * key-value heads * head dimension * 2 bytes
///                * (input tokens + output tokens) * requests held at once
///     requests held at once = concurrency, or the engine's largest batch where that is smaller
///
/// A configuration is infeasible when the weights alone, or the weights with the KV cache, are
/// above that; when the engine lists quantizations and this is none of them; when input and output
/// exceed the model's context; when the model is hosted. A figure that is unknown (0), and a model,
/// profile or engine that is unknown, is never a reason.
package struct Feasibility: Sendable {
  /// Share of the memory that weights and KV cache may take.
  package static let usableMemoryShare = 0.9
  /// Bytes of one element of the KV cache (16-bit).
  package static let keyValueElementBytes = 2.0

  private let models: [String: Model]
  private let hardware: [String: HardwareProfile]
  private let engines: [String: Engine]

  /// Takes what is registered; ids are unique.
  package init(models: [Model], hardware: [HardwareProfile], engines: [Engine]) {
    self.models = Dictionary(models.map { ($0.id, $0) }) { first, _ in first }
    self.hardware = Dictionary(hardware.map { ($0.id, $0) }) { first, _ in first }
    self.engines = Dictionary(engines.map { ($0.id, $0) }) { first, _ in first }
  }

  /// The first reason against a configuration; nil when it can run as far as is known.
  package func reason(against point: MatrixPoint) -> InfeasibilityReason? {
    prepare(point.stem).reason(against: point.workload)
  }

  /// Looks a stem up once, for all its workloads.
  package func prepare(_ stem: MatrixStem) -> StemFeasibility {
    StemFeasibility(
      stem: stem, model: models[stem.modelID], hardware: hardware[stem.hardwareID],
      engine: engines[stem.engineID])
  }
}

/// The rule of `Feasibility` for one model, hardware profile, engine and quantization.
package struct StemFeasibility: Sendable {
  private let stem: MatrixStem
  private let model: Model?
  private let engine: Engine?
  private let weightBytes: Double?
  private let usableBytes: Double?
  private let keyValueBytesPerToken: Double?

  init(stem: MatrixStem, model: Model?, hardware: HardwareProfile?, engine: Engine?) {
    self.stem = stem
    self.model = model
    self.engine = engine
    let bits = Quantization.known(stem.quantizationID)?.bitsPerWeight
    weightBytes =
      if let bits, let model, model.parameterCount > 0 {
        Double(model.parameterCount) * bits / 8
      } else { nil }
    usableBytes =
      if let hardware, hardware.memoryBytes > 0 {
        Feasibility.usableMemoryShare * Double(hardware.memoryBytes)
          * Double(max(1, hardware.acceleratorCount))
      } else { nil }
    keyValueBytesPerToken =
      if let model, model.layerCount > 0, model.keyValueHeadCount > 0, model.headDimension > 0 {
        2 * Double(model.layerCount) * Double(model.keyValueHeadCount)
          * Double(model.headDimension) * Feasibility.keyValueElementBytes
      } else { nil }
  }

  /// The first reason against a workload; nil when it can run as far as is known.
  package func reason(against workload: Workload) -> InfeasibilityReason? {
    if model?.kind == .hosted { return .hostedModel }
    if let engine, !engine.quantizationIDs.isEmpty,
      !engine.quantizationIDs.contains(stem.quantizationID)
    {
      return .unsupportedQuantization
    }
    if let model, model.contextLength > 0, tokens(workload) > Double(model.contextLength) {
      return .contextTooLong
    }
    guard let usableBytes, let weightBytes else { return nil }
    if weightBytes > usableBytes { return .weightsDoNotFit }
    if let cache = keyValueBytes(workload), weightBytes + cache > usableBytes {
      return .kvCacheDoesNotFit
    }
    return nil
  }

  /// The reason in words, with the figures of this workload.
  package func explanation(_ reason: InfeasibilityReason, _ workload: Workload) -> String {
    switch reason {
    case .hostedModel:
      "\(stem.modelID) is hosted: there is nothing to run"
    case .unsupportedQuantization:
      "\(stem.engineID) does not serve \(stem.quantizationID); it serves "
        + (engine?.quantizationIDs.joined(separator: ", ") ?? "nothing known")
    case .contextTooLong:
      "\(workload.inputTokens) + \(workload.outputTokens) tokens exceed the context of "
        + "\(model?.contextLength ?? 0)"
    case .weightsDoNotFit:
      "weights of \(gib(weightBytes)) exceed the usable \(gib(usableBytes)) of "
        + "\(stem.hardwareID) (0.9 of its memory)"
    case .kvCacheDoesNotFit:
      "weights of \(gib(weightBytes)) and a KV cache of \(gib(keyValueBytes(workload))) for "
        + "\(held(workload)) requests exceed the usable \(gib(usableBytes)) of "
        + "\(stem.hardwareID) (0.9 of its memory)"
    }
  }

  private func keyValueBytes(_ workload: Workload) -> Double? {
    keyValueBytesPerToken.map { $0 * tokens(workload) * Double(held(workload)) }
  }

  private func tokens(_ workload: Workload) -> Double {
    Double(workload.inputTokens) + Double(workload.outputTokens)
  }

  private func held(_ workload: Workload) -> Int32 {
    workload.maxBatch > 0 ? min(workload.concurrency, workload.maxBatch) : workload.concurrency
  }

  private func gib(_ bytes: Double?) -> String {
    guard let bytes else { return "an unknown size" }
    return "\((bytes / 1_073_741_824 * 10).rounded() / 10) GiB"
  }
}

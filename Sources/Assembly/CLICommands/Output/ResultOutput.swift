import APIBindings

extension Configuration {
  /// "llama.cpp q8_0".
  var engineText: String { engineId + " " + quantizationId }

  /// "64>32 x4": prompt and answer tokens, requests in flight.
  var workloadText: String {
    guard let workload else { return "" }
    let batch = workload.maxBatch > 0 ? " b\(workload.maxBatch)" : ""
    let extra = extraDimensions.map { " \($0.name)=\($0.value)" }.joined()
    return
      "\(workload.inputTokens)>\(workload.outputTokens) x\(workload.concurrency)\(batch)\(extra)"
  }

  /// As JSON.
  var json: JSONValue {
    .object([
      ("id", .string(id)), ("model_id", .string(modelId)), ("hardware_id", .string(hardwareId)),
      ("engine_id", .string(engineId)), ("quantization_id", .string(quantizationId)),
      ("input_tokens", .count(workload?.inputTokens ?? 0)),
      ("output_tokens", .count(workload?.outputTokens ?? 0)),
      ("concurrency", .count(workload?.concurrency ?? 0)),
      ("max_batch", .stated(workload?.maxBatch ?? 0)),
      ("extra_dimensions", .object(extraDimensions.map { ($0.name, .string($0.value)) })),
    ])
  }
}

extension Measurement {
  /// The figure in the unit that people use, with its definition's mark when it is not our own.
  var text: String { Format.figure(metric, value) }

  /// As JSON, with n, interval, certified value and definition.
  var json: JSONValue {
    .object([
      ("metric", .string(Names.text(metric))), ("statistic", .optional(Names.text(statistic))),
      ("value", .number(value)), ("unit", .string(metric.unit)), ("n", .integer(sampleCount)),
      (
        "interval",
        interval.map {
          .object([
            ("low", .number($0.low)), ("high", .number($0.high)),
            ("confidence", .number($0.confidence)),
          ])
        } ?? .null
      ), ("certified", certified.map { .number($0.value) } ?? .null),
      ("definition", .optional(definition)),
    ])
  }
}

extension Provenance {
  /// "imported (aiconfigurator)".
  var text: String {
    let name = Names.text(kind)
    return tool.isEmpty || tool == "benchfront" ? name : "\(name) (\(tool))"
  }

  /// As JSON, besides the kind.
  var json: JSONValue {
    .object([
      ("tool", .string(tool)), ("tool_version", .optional(toolVersion)),
      ("source", .optional(source)), ("engine_version", .optional(engineVersion)),
      ("model_revision", .optional(modelRevision)),
    ])
  }
}

extension APIBindings.Result {
  /// The figure of a metric and statistic; nil when there is none.
  func figure(_ metric: Metric, _ statistics: Statistic...) -> Measurement? {
    for statistic in statistics {
      if let found = measurements.first(where: { $0.metric == metric && $0.statistic == statistic })
      {
        return found
      }
    }
    return nil
  }

  /// The typical figure of a metric: mean, else median, else unstated, else the run's total.
  func typical(_ metric: Metric) -> Measurement? {
    figure(metric, .mean, .p50, .unstated, .total)
  }

  /// Where it comes from and how sure it is, as members of a JSON object.
  var jsonMembers: [(String, JSONValue)] {
    [
      ("result_id", .string(id)), ("run_id", .optional(runId)),
      ("provenance", .string(Names.text(provenance?.kind ?? .unspecified))),
      ("provenance_details", provenance?.json ?? .null),
      ("measured_at", .optional(Format.time(measuredAt))), ("n", .integer(requestCount)),
      ("errors", .integer(errorCount)),
    ]
  }
}

extension PriceEntry {
  /// As JSON.
  var json: JSONValue {
    .object([
      ("id", .string(id)), ("hardware_id", .optional(hardwareId)), ("model_id", .optional(modelId)),
      ("basis", .string(Names.text(basis))), ("usd_per_hour", .number(usdPerHour)),
      ("usd_per_million_input_tokens", .number(usdPerMillionInputTokens)),
      ("usd_per_million_output_tokens", .number(usdPerMillionOutputTokens)),
      ("offer", .string(offer)), ("region", .optional(region)), ("source", .string(source)),
      ("observed_at", .optional(Format.time(observedAt))),
    ])
  }
}

package import APIBindings
package import BenchmarkDomain

extension APIBindings.Provenance {
  package init(_ provenance: BenchmarkDomain.Provenance) {
    self.init(
      kind: provenance.kind.wire, tool: provenance.tool, toolVersion: provenance.toolVersion,
      source: provenance.source, engineVersion: provenance.engineVersion,
      modelRevision: provenance.modelRevision)
  }
}

extension BenchmarkDomain.Provenance: MessageReadable {
  package init(reading message: APIBindings.Provenance) throws(InvalidField) {
    self.init(
      kind: try value(message.kind, "kind"), tool: try name(message.tool, "tool"),
      toolVersion: try name(message.toolVersion, "tool_version"),
      source: try name(message.source, "source"),
      engineVersion: try name(message.engineVersion, "engine_version"),
      modelRevision: try name(message.modelRevision, "model_revision"))
  }
}

extension APIBindings.Interval {
  package init(_ interval: BenchmarkDomain.Interval) {
    self.init(low: interval.low, high: interval.high, confidence: interval.confidence)
  }
}

extension BenchmarkDomain.Interval: MessageReadable {
  package init(reading message: APIBindings.Interval) throws(InvalidField) {
    self.init(
      low: try finite(message.low, "low"), high: try finite(message.high, "high"),
      confidence: try finite(message.confidence, "confidence"))
    guard low <= high else { throw InvalidField("low", "must not be above high") }
    guard (0...1).contains(confidence) else {
      throw InvalidField("confidence", "must be from 0 to 1, not \(confidence)")
    }
  }
}

extension APIBindings.Measurement {
  package init(_ measurement: BenchmarkDomain.Measurement) {
    self.init(
      metric: measurement.metric.wire, statistic: measurement.statistic.wire,
      value: measurement.value, sampleCount: measurement.sampleCount,
      interval: measurement.interval.map { Interval($0) },
      certified: measurement.certified.map { CertifiedValue(value: $0) },
      definition: measurement.definition)
  }
}

extension BenchmarkDomain.Measurement: MessageReadable {
  package init(reading message: APIBindings.Measurement) throws(InvalidField) {
    var certified: Double?
    if let message = message.certified { certified = try figure(message.value, "certified.value") }
    self.init(
      metric: try APIMapping.value(message.metric, "metric"),
      statistic: try APIMapping.value(message.statistic, "statistic"),
      value: try figure(message.value, "value"),
      sampleCount: try count(message.sampleCount, "sample_count"),
      interval: try optional(message.interval, "interval"), certified: certified,
      definition: try name(message.definition, "definition"))
  }
}

extension APIBindings.Result {
  package init(_ result: BenchmarkResult) {
    self.init(
      id: result.id, configurationId: result.configurationID.description,
      runId: result.runID ?? "", provenance: Provenance(result.provenance),
      measuredAt: result.measuredAt.map { Timestamp($0) }, requestCount: result.requestCount,
      errorCount: result.errorCount, measurements: result.measurements.map { Measurement($0) })
  }
}

extension BenchmarkResult: MessageReadable {
  package init(reading message: APIBindings.Result) throws(InvalidField) {
    guard let configurationID = ConfigurationID(message.configurationId) else {
      throw InvalidField(
        "configuration_id", "must be \"c1-\" and 32 lower-case hexadecimal digits")
    }
    self.init(
      id: try APIMapping.id(message.id, "id"), configurationID: configurationID,
      runID: try optionalID(message.runId, "run_id"),
      provenance: try required(message.provenance, "provenance"),
      measuredAt: try optional(message.measuredAt, "measured_at"),
      requestCount: try count(message.requestCount, "request_count"),
      errorCount: try count(message.errorCount, "error_count"),
      measurements: try list(message.measurements, "measurements", limit: 1_000))
  }
}

extension APIBindings.ConfigurationResult {
  package init(_ joined: BenchmarkDomain.ConfigurationResult) {
    self.init(
      configuration: Configuration(joined.configuration),
      result: APIBindings.Result(joined.result))
  }
}

extension BenchmarkDomain.ConfigurationResult: MessageReadable {
  package init(reading message: APIBindings.ConfigurationResult) throws(InvalidField) {
    self.init(
      configuration: try required(message.configuration, "configuration"),
      result: try required(message.result, "result"))
  }
}

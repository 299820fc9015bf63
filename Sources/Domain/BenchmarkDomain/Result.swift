/// Where a figure comes from.
package enum ProvenanceKind: String, Sendable, Hashable, CaseIterable {
  /// Measured by our agent against a real engine.
  case measured
  /// Read from another tool's results.
  case imported
  /// Computed between measured neighbours.
  case interpolated
  /// Measured by our agent against the simulated engine.
  case simulated
}

/// Where a result comes from.
package struct Provenance: Sendable, Hashable {
  /// Which kind.
  package var kind: ProvenanceKind
  /// The tool that measured, e.g. "benchfront" or "aiconfigurator".
  package var tool: String
  /// The tool's version.
  package var toolVersion: String
  /// File, address or execution that holds the raw figures.
  package var source: String
  /// Version of the engine that was measured; empty when unknown.
  package var engineVersion: String
  /// Resolved commit of the model's weights; empty when unknown.
  package var modelRevision: String

  /// Makes a provenance.
  package init(
    kind: ProvenanceKind, tool: String, toolVersion: String, source: String,
    engineVersion: String = "", modelRevision: String = ""
  ) {
    self.kind = kind
    self.tool = tool
    self.toolVersion = toolVersion
    self.source = source
    self.engineVersion = engineVersion
    self.modelRevision = modelRevision
  }
}

/// An interval that holds the true value with the stated confidence.
package struct Interval: Sendable, Hashable {
  /// Lower end, in the metric's unit.
  package var low: Double
  /// Upper end, in the metric's unit.
  package var high: Double
  /// Confidence between 0 and 1.
  package var confidence: Double

  /// Makes an interval.
  package init(low: Double, high: Double, confidence: Double) {
    self.low = low
    self.high = high
    self.confidence = confidence
  }
}

/// One figure.
package struct Measurement: Sendable, Hashable {
  /// Which quantity, and so which unit.
  package var metric: Metric
  /// Which figure of its distribution.
  package var statistic: Statistic
  /// The figure, in the metric's unit; finite.
  package var value: Double
  /// Observations behind it; 0 when the source does not say.
  package var sampleCount: Int64
  /// Its interval; nil when the sample does not support one.
  package var interval: Interval?
  /// The percentile certified at 99% confidence; nil when the sample is too small.
  package var certified: Double?
  /// Definition under which it was computed, e.g. "benchfront/1".
  package var definition: String

  /// The definition under which our own code computes.
  package static let ownDefinition = "benchfront/1"

  /// Makes a figure.
  package init(
    metric: Metric, statistic: Statistic, value: Double, sampleCount: Int64 = 0,
    interval: Interval? = nil, certified: Double? = nil,
    definition: String = Measurement.ownDefinition
  ) {
    self.metric = metric
    self.statistic = statistic
    self.value = value
    self.sampleCount = sampleCount
    self.interval = interval
    self.certified = certified
    self.definition = definition
  }
}

/// The figures of one configuration from one source.
package struct BenchmarkResult: Sendable, Hashable {
  /// The execution's id, or an id made from the imported row.
  package var id: String
  /// The configuration's id.
  package var configurationID: ConfigurationID
  /// The run's id; nil when imported.
  package var runID: String?
  /// Where it comes from.
  package var provenance: Provenance
  /// When it was measured; nil when the source does not say.
  package var measuredAt: WallTime?
  /// Requests sent, errors included; 0 when the source does not say.
  package var requestCount: Int64
  /// Requests that failed.
  package var errorCount: Int64
  /// The figures, ordered by metric and statistic (declaration order).
  package var measurements: [Measurement]

  /// Makes a result.
  package init(
    id: String, configurationID: ConfigurationID, runID: String? = nil, provenance: Provenance,
    measuredAt: WallTime?, requestCount: Int64, errorCount: Int64, measurements: [Measurement]
  ) {
    self.id = id
    self.configurationID = configurationID
    self.runID = runID
    self.provenance = provenance
    self.measuredAt = measuredAt
    self.requestCount = requestCount
    self.errorCount = errorCount
    self.measurements = measurements
  }

  /// True for the same content, whatever file it was read from and whatever version of the tool was
  /// named with the file.
  package func isSameMeasurement(as other: BenchmarkResult) -> Bool {
    var other = other
    other.provenance.source = provenance.source
    other.provenance.toolVersion = provenance.toolVersion
    return self == other
  }

  /// The figure of a metric; nil when the result does not have it.
  package func measurement(_ metric: Metric, _ statistic: Statistic) -> Measurement? {
    measurements.first { $0.metric == metric && $0.statistic == statistic }
  }

  /// The typical figure of a metric: mean, else median, else unstated, else the run's total.
  package func typical(_ metric: Metric) -> Measurement? {
    for statistic in [Statistic.mean, .p50, .unstated, .total] {
      if let found = measurement(metric, statistic) { return found }
    }
    return nil
  }
}

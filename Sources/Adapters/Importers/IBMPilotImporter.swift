import BenchmarkDomain
import Statistics

/// Reads the raw files of IBM/LLM-performance-prediction's pilot: CSV with one request a row, its
/// gaps per token and time stamps in milliseconds, errors included.
///
/// The first stamp of a request is the server's event that repeats the prompt's size, the second
/// its first token: TTFT is the second stamp less the start. TTFT and ITL are our own definitions,
/// recomputed from the stamps. TPOT and E2E end with `end_timestamp`, which lies up to some
/// milliseconds behind the last token's stamp, and throughputs are tokens of successful requests
/// over the stated duration of the experiment, not over a steady window: those keep the pilot's
/// name as their definition. Failed requests count as errors alone. A row that repeats another one,
/// field for field, is no second request and is left out.
package struct IBMPilotImporter: ResultImporter {
  package static let format = "ibm-pilot"
  /// Definition of the figures that are the pilot's own.
  package static let definition = "ibm-pilot/1"
  /// Most requests of one file.
  package static let maximumRequests = 1_000_000

  package static let requiredColumns = [
    "errors", "status", "model", "num_users", "n_gpus", "gpu_type", "start_timestamp",
    "end_timestamp", "experiment_duration_s", "n_input_tokens", "n_output_tokens",
    "latency_ms_per_token", "timestamps_per_token",
  ]

  private let source: ImportSource
  private var table = CSVTable(format: Self.format, requiredColumns: Self.requiredColumns)
  private var tally = ImportTally()
  private var seen: Set<ContentHash.Digest> = []
  private var order: [IBMPilotExperiment.Key] = []
  private var experiments: [IBMPilotExperiment.Key: IBMPilotExperiment] = [:]

  /// Starts on a file.
  package init(source: ImportSource) {
    self.source = source
  }

  package static func recognises(firstLine: String) -> Bool {
    let columns = Set(firstLine.split(separator: ","))
    return columns.contains("latency_ms_per_token") && columns.contains("timestamps_per_token")
  }

  package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ImportError) {
    try take(try table.consume(bytes))
  }

  package mutating func finish() throws(ImportError) -> ImportReport {
    try take(try table.finish())
    for key in order {
      guard let experiment = experiments[key] else { continue }
      try add(experiment)
    }
    return try tally.report(format: Self.format)
  }

  private mutating func take(_ records: [CSVRecord]) throws(ImportError) {
    for record in records {
      if let row = try table.row(record) { try take(row) }
    }
  }

  private mutating func take(_ row: CSVRow) throws(ImportError) {
    tally.countRow()
    guard tally.rowCount <= Self.maximumRequests else {
      throw ImportError(
        .tooLarge, line: row.line, "more than \(Self.maximumRequests) requests")
    }
    guard seen.insert(row.digest).inserted else {
      tally.skip(line: row.line, "the row repeats another one of the file")
      return
    }
    let key = try IBMPilotExperiment.Key(row)
    if experiments[key] == nil { order.append(key) }
    try experiments[key, default: IBMPilotExperiment(key, firstLine: row.line)].take(row)
  }

  private mutating func add(_ read: IBMPilotExperiment) throws(ImportError) {
    var experiment = read
    experiment.order()
    guard let accelerator = experiment.accelerator else {
      tally.skip(
        line: experiment.firstLine, count: experiment.requestCount,
        "the accelerator \"\(experiment.key.accelerator)\" is not known")
      return
    }
    guard experiment.hasAnswers else {
      tally.skip(
        line: experiment.firstLine, count: experiment.requestCount,
        "no request of the experiment succeeded")
      return
    }
    let profile = accelerator.profile(count: experiment.key.acceleratorCount)
    try tally.add(
      try experiment.result(on: profile, source: source), model: Model(id: experiment.key.model),
      hardware: profile, engine: IBMPilotExperiment.engine, line: experiment.firstLine)
  }
}

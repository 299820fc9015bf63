import BenchmarkDomain

/// Reads the measured ("silicon") rows of ai-dynamo/aiconfigurator: CSV with TTFT and TPOT in
/// milliseconds of one configuration a row.
///
/// Whether a figure is a mean or a median the tool does not say, and neither do we
/// (`Statistic.unstated`, definition "aiconfigurator"). GPUs are tensor * pipeline * attention-data
/// parallel; of a disaggregated row those of all workers, where it states how many there are. A row
/// that cannot be placed is skipped with its reason; a row that makes no sense refuses the file.
package struct AIConfiguratorImporter: ResultImporter {
  package static let format = "aiconfigurator"
  /// Definition of the tool's figures.
  package static let definition = "aiconfigurator"

  private static let requiredColumns = [
    "id", "silicon_data_source", "backend", "backend_version", "model_path", "system", "precision",
    "mode", "isl", "osl", "gemm_quant_mode", "tp_size", "pp_size", "attention_dp_size",
    "moe_ep_size", "silicon_ttft_ms", "silicon_tpot_ms",
  ]

  private let source: ImportSource
  private var table = CSVTable(format: Self.format, requiredColumns: Self.requiredColumns)
  private var tally = ImportTally()
  private var seen: Set<AIConfiguratorRow.Identity> = []

  /// Starts on a file.
  package init(source: ImportSource) {
    self.source = source
  }

  package static func recognises(firstLine: String) -> Bool {
    let columns = Set(firstLine.split(separator: ","))
    return columns.contains("silicon_ttft_ms") && columns.contains("silicon_tpot_ms")
  }

  package mutating func consume(_ bytes: UnsafeRawBufferPointer) throws(ImportError) {
    try take(try table.consume(bytes))
  }

  package mutating func finish() throws(ImportError) -> ImportReport {
    try take(try table.finish())
    return try tally.report(format: Self.format)
  }

  private mutating func take(_ records: [CSVRecord]) throws(ImportError) {
    for record in records {
      if let row = try table.row(record) { try take(row) }
    }
  }

  private mutating func take(_ row: CSVRow) throws(ImportError) {
    tally.countRow()
    let reading = try AIConfiguratorRow.read(row, source: source)
    switch reading {
    case .skipped(let reason):
      tally.skip(line: row.line, reason)
    case .row(let read):
      guard seen.insert(read.identity).inserted else {
        tally.countDuplicate()
        return
      }
      try tally.add(
        ConfigurationResult(configuration: read.configuration, result: read.result),
        model: Model(id: read.configuration.modelID), hardware: read.hardware,
        engine: read.engine, line: row.line)
    }
  }
}

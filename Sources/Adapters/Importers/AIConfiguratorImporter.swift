import BenchmarkDomain

/// Reads the measured ("silicon") rows of ai-dynamo/aiconfigurator: CSV with TTFT and TPOT in
/// milliseconds of one configuration a row.
///
/// Whether a figure is a mean or a median the tool does not say, and neither do we
/// (`Statistic.unstated`, definition "aiconfigurator"). GPUs are tensor * pipeline * attention-data
/// parallel; of a disaggregated row those of all workers, where it states how many there are. A row
/// that cannot be placed is skipped with its reason, as are rows of one id that contradict each
/// other; a row that makes no sense refuses the file. Versions that rows state are the engine's:
/// the tool's own is the one that comes with the import.
package struct AIConfiguratorImporter: ResultImporter {
  package static let format = "aiconfigurator"
  /// Definition of the tool's figures.
  package static let definition = "aiconfigurator"

  package static let requiredColumns = [
    "id", "silicon_data_source", "backend", "backend_version", "model_path", "system", "precision",
    "mode", "isl", "osl", "gemm_quant_mode", "tp_size", "pp_size", "attention_dp_size",
    "moe_ep_size", "silicon_ttft_ms", "silicon_tpot_ms",
  ]

  private let source: ImportSource
  private var table = CSVTable(format: Self.format, requiredColumns: Self.requiredColumns)
  private var tally = ImportTally()
  private var seen: Set<AIConfiguratorRow.Identity> = []
  private var rows: [(row: AIConfiguratorRow, line: Int)] = []

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
    try addRows()
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
      guard rows.count < ImportTally.maximumResults else {
        throw ImportError(
          .tooLarge, line: row.line, "more than \(ImportTally.maximumResults) results")
      }
      rows.append((read, row.line))
    }
  }

  /// Rows of one id that differ are left out, all of them: nothing tells which is right.
  private mutating func addRows() throws(ImportError) {
    let counts = rows.reduce(into: [:]) { $0[$1.row.rowID, default: 0] += 1 }
    for (row, line) in rows {
      guard counts[row.rowID] == 1 else {
        tally.skip(line: line, "rows of the same id contradict each other")
        continue
      }
      try tally.add(
        ConfigurationResult(configuration: row.configuration, result: row.result),
        model: Model(id: row.configuration.modelID), hardware: row.hardware, engine: row.engine,
        line: line)
    }
  }
}

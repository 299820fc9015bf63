import BenchmarkDomain

/// What an importer has found so far, each catalog entry once.
struct ImportTally: Sendable {
  /// Most results of one file.
  static let maximumResults = 1_000_000

  private(set) var rowCount = 0
  private(set) var duplicateCount = 0
  private var skipped: [String: SkippedRows] = [:]
  private var models: [String: Model] = [:]
  private var hardware: [String: HardwareProfile] = [:]
  private var engines: [String: Engine] = [:]
  private var results: [ConfigurationResult] = []

  mutating func countRow() { rowCount += 1 }

  mutating func countDuplicate() { duplicateCount += 1 }

  mutating func skip(line: Int, count: Int = 1, _ reason: String) {
    skipped[reason, default: SkippedRows(reason: reason, count: 0, firstLine: line)].count += count
  }

  mutating func add(
    _ result: ConfigurationResult, model: Model, hardware profile: HardwareProfile, engine: Engine,
    line: Int
  ) throws(ImportError) {
    guard results.count < Self.maximumResults else {
      throw ImportError(.tooLarge, line: line, "more than \(Self.maximumResults) results")
    }
    models[model.id] = model
    hardware[profile.id] = profile
    engines[engine.id] = engine
    results.append(result)
  }

  /// The report; throws `empty` when there was no row.
  func report(format: String) throws(ImportError) -> ImportReport {
    guard rowCount > 0 else { throw ImportError(.empty, "the file has no row") }
    return ImportReport(
      format: format, rowCount: rowCount, duplicateCount: duplicateCount,
      skipped: skipped.values.sorted { ($0.firstLine, $0.reason) < ($1.firstLine, $1.reason) },
      bundle: ImportBundle(
        models: models.values.sorted { $0.id < $1.id },
        hardware: hardware.values.sorted { $0.id < $1.id },
        engines: engines.values.sorted { $0.id < $1.id }, prices: [], results: results))
  }
}

package import BenchmarkDomain
import Economics
package import Storage

/// Everything that a ranking reads, as a structure of arrays: one row a result, one column a
/// figure. Immutable, so that every thread reads it without a lock.
///
/// Rows are ordered by configuration id, then by preference: measured before imported before
/// interpolated before simulated, the newest first. One configuration is answered with the first
/// of its rows whose provenance is asked for, so that sources are never mixed in one figure.
package final class RankingSnapshot: Sendable {
  /// Version of the data.
  package let version: Int64
  /// Rows, ordered as above.
  package let rows: [ConfigurationResult]
  /// Number of the row's configuration; rows of one configuration are neighbours.
  let configurationNumbers: [Int32]
  /// Bit of the row's provenance, see `ProvenanceKind.bit`.
  let provenanceBits: [UInt8]
  /// The row's model, hardware, engine and quantization.
  let models, hardware, engines, quantizations: DimensionColumn
  /// When the row was measured, in nanoseconds; the least number when no source says.
  let measuredAt: [Int64]
  /// The row's workload.
  let workloads: [Workload]
  /// The profile behind a hardware number; nil when the catalog has none.
  let profiles: [HardwareProfile?]
  /// Names that the catalog knows, with results or without.
  let knownModels, knownHardware, knownAccelerators: Set<String>
  /// Stored and derived figures; NaN where a row has none. A figure without a column has no row.
  let columns: [FigureKey: [Double]]
  /// Cost by price basis; NaN likewise.
  let costs: [PriceBasis: [Double]]
  /// Why a row has no cost, by price basis.
  let costLacks: [PriceBasis: [Lack]]
  /// Prices of hardware and of hosted models.
  let prices: PriceBook
  /// What tells whether an answer still holds.
  let epochs: ModelEpochs

  /// Builds the columns; takes time in proportion to the measurements.
  package init(_ snapshot: CatalogSnapshot) {
    let rows = Self.ordered(snapshot.results)
    let hardware = DimensionColumn(rows.lazy.map(\.configuration.hardwareID))
    let catalogHardware = Dictionary(
      snapshot.hardware.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let profiles = hardware.names.map { catalogHardware[$0] }
    version = snapshot.version
    self.rows = rows
    configurationNumbers = Self.numbered(rows)
    provenanceBits = rows.map(\.result.provenance.kind.bit)
    let models = DimensionColumn(rows.lazy.map(\.configuration.modelID))
    self.models = models
    engines = DimensionColumn(rows.lazy.map(\.configuration.engineID))
    quantizations = DimensionColumn(rows.lazy.map(\.configuration.quantizationID))
    self.hardware = hardware
    workloads = rows.map(\.configuration.workload)
    measuredAt = rows.map { $0.result.measuredAt?.nanoseconds ?? .min }
    self.profiles = profiles
    knownModels = Set(snapshot.models.map(\.id)).union(models.names)
    knownHardware = Set(catalogHardware.keys).union(hardware.names)
    knownAccelerators = Set(catalogHardware.values.map(\.accelerator))
    prices = PriceBook(snapshot.prices)
    epochs = ModelEpochs(
      rows, models: models, hardware: hardware, profiles: profiles, prices: snapshot.prices)
    var builder = ColumnBuilder(
      rowCount: rows.count,
      prices: RowPrices(prices, models: models.names, hardware: hardware.names))
    let acceleratorCounts = profiles.map { $0?.acceleratorCount ?? 0 }
    for index in rows.indices {
      let hardware = Int(hardware.numbers[index])
      builder.add(
        rows[index].result.measurements, rows[index].configuration.workload, at: index,
        model: Int(models.numbers[index]), hardware: hardware,
        acceleratorCount: acceleratorCounts[hardware])
    }
    columns = builder.columns
    costs = builder.costsByBasis
    costLacks = builder.lacksByBasis
  }

  /// The column of a figure; nil when no row has it.
  func column(_ key: FigureKey, _ basis: PriceBasis) -> [Double]? {
    key.metric == .costPerMillionOutputTokens ? costs[basis] : columns[key]
  }
}

extension RankingSnapshot {
  /// The rows in the snapshot's order: see the type.
  private static func ordered(_ results: [ConfigurationResult]) -> [ConfigurationResult] {
    // Small keys are sorted, since moving a result touches every string in it.
    let keys = results.enumerated().map { index, row in
      SortKey(
        id: row.configuration.id, kind: row.result.provenance.kind.bit,
        measuredAt: row.result.measuredAt?.nanoseconds ?? .min, index: index)
    }
    let sorted = keys.sorted { left, right in
      if left.id != right.id { return left.id < right.id }
      if left.kind != right.kind { return left.kind < right.kind }
      if left.measuredAt != right.measuredAt { return left.measuredAt > right.measuredAt }
      return results[left.index].result.id < results[right.index].result.id
    }
    return sorted.map { results[$0.index] }
  }

  private struct SortKey {
    var id: ConfigurationID
    var kind: UInt8
    var measuredAt: Int64
    var index: Int
  }

  private static func numbered(_ rows: [ConfigurationResult]) -> [Int32] {
    var number: Int32 = -1
    var previous: ConfigurationID?
    return rows.map { row in
      if row.configuration.id != previous { number += 1 }
      previous = row.configuration.id
      return number
    }
  }
}

/// One dimension of every row, as numbers into a dictionary of names.
struct DimensionColumn: Sendable {
  /// The row's number.
  private(set) var numbers: [Int32] = []
  /// The name behind a number.
  private(set) var names: [String] = []

  init(_ values: some Collection<String>) {
    var known: [String: Int32] = [:]
    numbers.reserveCapacity(values.count)
    for value in values {
      if let number = known[value] {
        numbers.append(number)
      } else {
        known[value] = Int32(names.count)
        numbers.append(Int32(names.count))
        names.append(value)
      }
    }
  }

  /// Which numbers a filter lets through; nil when it lets everything through.
  func allowed(_ filter: [String]) -> [Bool]? {
    if filter.isEmpty { return nil }
    let wanted = Set(filter)
    return names.map { wanted.contains($0) }
  }
}

extension ProvenanceKind {
  /// One bit a kind; the smaller, the more it is worth.
  var bit: UInt8 {
    switch self {
    case .measured: 1
    case .imported: 2
    case .interpolated: 4
    case .simulated: 8
    }
  }
}

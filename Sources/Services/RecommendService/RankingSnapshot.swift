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
  package init(_ snapshot: consuming CatalogSnapshot) {
    // Taken out, so that they are not copied.
    var results: [ConfigurationResult] = []
    swap(&results, &snapshot.results)
    RowOrder.sort(&results)
    let rows = results
    let hardware = DimensionColumn(rows.count) { rows[$0].configuration.hardwareID }
    let catalogHardware = Dictionary(
      snapshot.hardware.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let profiles = hardware.names.map { catalogHardware[$0] }
    version = snapshot.version
    self.rows = rows
    configurationNumbers = Self.numbered(rows)
    provenanceBits = rows.indices.map { rows[$0].result.provenance.kind.bit }
    let models = DimensionColumn(rows.count) { rows[$0].configuration.modelID }
    self.models = models
    engines = DimensionColumn(rows.count) { rows[$0].configuration.engineID }
    quantizations = DimensionColumn(rows.count) { rows[$0].configuration.quantizationID }
    self.hardware = hardware
    workloads = rows.indices.map { rows[$0].configuration.workload }
    measuredAt = rows.indices.map { rows[$0].result.measuredAt?.nanoseconds ?? .min }
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
  private static func numbered(_ rows: [ConfigurationResult]) -> [Int32] {
    var number: Int32 = -1
    var previous: ConfigurationID?
    return rows.indices.map { row in
      let id = rows[row].configuration.id
      if id != previous { number += 1 }
      previous = id
      return number
    }
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

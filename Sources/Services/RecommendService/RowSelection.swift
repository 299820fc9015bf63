import BenchmarkDomain

/// Why rows did not come into question.
package struct ExclusionCount: Sendable, Hashable {
  /// The limit or the lack, in words.
  package var reason: String
  /// Rows that it excluded; a row counts under every reason that holds.
  package var count: Int
}

/// Rows of a snapshot that a question is about.
struct RowSelection {
  /// One row a configuration of the models asked for: what the bounds are taken from.
  private(set) var known: [Int32] = []
  /// Of these, the rows that match the filter.
  private(set) var considered: [Int32] = []
  /// Of these, the rows that meet every limit and have every criterion's figure.
  private(set) var feasible: [Int32] = []
  /// Why the others do not, limits first, in the question's order; at the end what was left out
  /// because it was simulated.
  private(set) var exclusions: [ExclusionCount] = []

  init(_ query: RankingQuery, in snapshot: RankingSnapshot) {
    let simulatedCount = select(query, snapshot)
    exclude(query, snapshot)
    if query.provenances == RankingQuery.defaultProvenances {
      append(Self.simulatedOnly, simulatedCount)
    }
  }

  /// Why a configuration with no other result is left out of a question that does not ask for it.
  static let simulatedOnly = "only simulated: --provenance simulated asks for it"

  /// Returns how many configurations match the question but for being simulated alone.
  private mutating func select(_ query: RankingQuery, _ snapshot: RankingSnapshot) -> Int {
    let mask = query.provenances.reduce(0) { $0 | $1.bit }
    let models = snapshot.models.allowed(query.filter.modelIDs)
    let matches = FilterMatch(query.filter, snapshot)
    var (answered, simulated) = (Int32(-1), Set<Int32>())
    for row in snapshot.rows.indices {
      if snapshot.configurationNumbers[row] == answered { continue }
      let number = snapshot.configurationNumbers[row]
      let isOfModel = models?[Int(snapshot.models.numbers[row])] ?? true
      if snapshot.provenanceBits[row] & mask == 0 {
        // A configuration's simulated rows stand behind all others.
        if snapshot.provenanceBits[row] == ProvenanceKind.simulated.bit, isOfModel, matches(row) {
          simulated.insert(number)
        }
        continue
      }
      answered = number
      if !isOfModel { continue }
      known.append(Int32(row))
      if matches(row) { considered.append(Int32(row)) }
    }
    return simulated.count
  }

  private mutating func exclude(_ query: RankingQuery, _ snapshot: RankingSnapshot) {
    var excluded = [Bool](repeating: false, count: considered.count)
    var lacking: Set<FigureKey> = []
    for limit in query.limits {
      let column = snapshot.column(limit.key, query.priceBasis)
      if lacking.insert(limit.key).inserted {
        excludeLacking(limit.key, column, query, snapshot, &excluded)
      }
      if let column { exclude(breaking: limit, column, &excluded) }
    }
    for criterion in query.criteria where lacking.insert(criterion.key).inserted {
      let column = snapshot.column(criterion.key, query.priceBasis)
      excludeLacking(criterion.key, column, query, snapshot, &excluded)
    }
    feasible.reserveCapacity(considered.count)
    for place in considered.indices where !excluded[place] { feasible.append(considered[place]) }
  }

  private mutating func exclude(
    breaking limit: Limit, _ column: [Double], _ excluded: inout [Bool]
  ) {
    var count = 0
    for place in considered.indices where limit.isBroken(by: column[Int(considered[place])]) {
      excluded[place] = true
      count += 1
    }
    append(limit.violation, count)
  }

  private mutating func excludeLacking(
    _ key: FigureKey, _ column: [Double]?, _ query: RankingQuery, _ snapshot: RankingSnapshot,
    _ excluded: inout [Bool]
  ) {
    let isCost = key.metric == .costPerMillionOutputTokens
    let lacks = isCost ? snapshot.costLacks[query.priceBasis] : nil
    var counts = [Int](repeating: 0, count: Lack.allCases.count)
    for place in considered.indices {
      let row = Int(considered[place])
      if let column, !column[row].isNaN { continue }
      excluded[place] = true
      counts[Int((lacks?[row] ?? .figure).rawValue)] += 1
    }
    for lack in Lack.allCases {
      append(lack.words(key, query.priceBasis), counts[Int(lack.rawValue)])
    }
  }

  private mutating func append(_ reason: String, _ count: Int) {
    if count > 0 { exclusions.append(ExclusionCount(reason: reason, count: count)) }
  }
}

extension Limit {
  /// True when the value is beyond the bound; a missing figure (NaN) breaks nothing.
  func isBroken(by value: Double) -> Bool {
    switch bound {
    case .atMost(let bound): value > bound
    case .atLeast(let bound): value < bound
    }
  }
}

/// Tells whether a row matches a filter, by dictionary numbers.
struct FilterMatch {
  private let snapshot: RankingSnapshot
  private let hardware, engines, quantizations: [Bool]?
  private let filter: ConfigurationFilter

  init(_ filter: ConfigurationFilter, _ snapshot: RankingSnapshot) {
    self.snapshot = snapshot
    self.filter = filter
    engines = snapshot.engines.allowed(filter.engineIDs)
    quantizations = snapshot.quantizations.allowed(filter.quantizationIDs)
    let byID = snapshot.hardware.allowed(filter.hardwareIDs)
    if filter.accelerators.isEmpty {
      hardware = byID
    } else {
      let wanted = Set(filter.accelerators)
      hardware = snapshot.profiles.enumerated().map { number, profile in
        (byID?[number] ?? true) && profile.map { wanted.contains($0.accelerator) } ?? false
      }
    }
  }

  /// True when the row matches; the model is checked by the caller.
  func callAsFunction(_ row: Int) -> Bool {
    if let hardware, !hardware[Int(snapshot.hardware.numbers[row])] { return false }
    if let engines, !engines[Int(snapshot.engines.numbers[row])] { return false }
    if let quantizations, !quantizations[Int(snapshot.quantizations.numbers[row])] { return false }
    let workload = snapshot.workloads[row]
    return workload.inputTokens >= filter.minInputTokens
      && workload.outputTokens >= filter.minOutputTokens
      && workload.concurrency >= filter.minConcurrency
      && (filter.maxInputTokens == 0 || workload.inputTokens <= filter.maxInputTokens)
      && (filter.maxOutputTokens == 0 || workload.outputTokens <= filter.maxOutputTokens)
      && (filter.maxConcurrency == 0 || workload.concurrency <= filter.maxConcurrency)
  }
}

package import BenchmarkDomain

/// A figure that must hold.
package struct Limit: Sendable, Hashable {
  /// Which end.
  package enum Bound: Sendable, Hashable {
    /// It must not be above this, in the metric's unit.
    case atMost(Double)
    /// It must not be below this, in the metric's unit.
    case atLeast(Double)

    /// The bound itself.
    package var value: Double {
      switch self {
      case .atMost(let value), .atLeast(let value): value
      }
    }
  }

  /// Which figure.
  package let key: FigureKey
  /// What it is held to.
  package let bound: Bound

  /// Makes a limit.
  package init(_ key: FigureKey, _ bound: Bound) {
    self.key = key
    self.bound = bound
  }

  /// The violation in words, e.g. "ttft p95 above 0.5 s".
  package var violation: String {
    switch bound {
    case .atMost(let value): "\(key.words) above \(key.words(value))"
    case .atLeast(let value): "\(key.words) below \(key.words(value))"
    }
  }
}

/// A figure to rank by.
package struct WeightedFigure: Sendable, Hashable {
  /// Which figure.
  package let key: FigureKey
  /// Weight, finite and 0 or more; a query divides weights by their sum.
  package let weight: Double

  /// Makes a criterion.
  package init(_ key: FigureKey, weight: Double = 1) {
    self.key = key
    self.weight = weight
  }
}

/// Why a question makes no sense; names the request's field.
package struct QueryRefusal: Error, Sendable, Hashable {
  /// The field, as the proto names it, e.g. "criteria[1].weight".
  package let field: String
  /// One sentence for people.
  package let message: String
}

/// What is asked: which rows, which limits, and by what to rank. Equal questions are equal values.
package struct RankingQuery: Sendable, Hashable {
  /// Which configurations may be answered; its lists are ordered and without repetition.
  package let filter: ConfigurationFilter
  /// Limits that every answer must meet, in the request's order.
  package let limits: [Limit]
  /// What to rank by, weights divided by their sum.
  package let criteria: [WeightedFigure]
  /// How hardware is paid.
  package let priceBasis: PriceBasis
  /// Only results that come from there.
  package let provenances: Set<ProvenanceKind>
  /// Most answers, at least 1.
  package let count: Int

  /// Most limits and criteria of one question.
  package static let maximumLimits = 32
  /// Most values of one list of the filter.
  package static let maximumFilterValues = 1_000
  /// Most criteria of one question.
  package static let maximumCriteria = 16

  /// Where results come from when a question does not say: everywhere but the simulated engine,
  /// whose figures nobody ever measured.
  package static let defaultProvenances = Set(ProvenanceKind.allCases).subtracting([.simulated])

  /// What is ranked by when nothing is named: TTFT, TPOT, output throughput per accelerator and
  /// cost, equally.
  package static let defaultCriteria = [
    WeightedFigure(FigureKey(.ttft)), WeightedFigure(FigureKey(.tpot)),
    WeightedFigure(FigureKey(.outputThroughputPerAccelerator)),
    WeightedFigure(FigureKey(.costPerMillionOutputTokens)),
  ]

  /// Checks and normalizes a question; no criteria and no provenances stand for the default ones.
  package init(
    filter: ConfigurationFilter = ConfigurationFilter(), limits: [Limit] = [],
    criteria: [WeightedFigure] = [], priceBasis: PriceBasis = .onDemand,
    provenances: Set<ProvenanceKind> = [], count: Int = 10, countRange: ClosedRange<Int> = 1...100,
    countField: String = "top_k", minimumCriteria: Int = 1, ignoringWeights: Bool = false
  ) throws(QueryRefusal) {
    guard countRange.contains(count) else {
      throw QueryRefusal(
        field: countField,
        message: "must be between \(countRange.lowerBound) and \(countRange.upperBound)")
    }
    self.filter = try Self.checked(filter)
    self.limits = try Self.checked(limits)
    self.criteria = try Self.checked(
      criteria.isEmpty ? Self.defaultCriteria : criteria, atLeast: minimumCriteria,
      ignoringWeights: ignoringWeights)
    self.priceBasis = priceBasis
    self.provenances = provenances.isEmpty ? Self.defaultProvenances : provenances
    self.count = count
  }
}

extension RankingQuery {
  private static func checked(_ limits: [Limit]) throws(QueryRefusal) -> [Limit] {
    guard limits.count <= maximumLimits else {
      throw QueryRefusal(field: "objectives", message: "must be at most \(maximumLimits)")
    }
    for (index, limit) in limits.enumerated() {
      if let contradiction = limit.key.contradiction {
        throw QueryRefusal(field: "objectives[\(index)].statistic", message: contradiction)
      }
      guard limit.bound.value.isFinite, limit.bound.value >= 0 else {
        throw QueryRefusal(
          field: "objectives[\(index)].bound", message: "must be a finite number, 0 or more")
      }
      guard limit.key.metric != .errorRate || limit.bound.value <= 1 else {
        throw QueryRefusal(
          field: "objectives[\(index)].bound", message: "must be a ratio from 0 to 1")
      }
    }
    return limits
  }

  private static func checked(
    _ criteria: [WeightedFigure], atLeast minimum: Int, ignoringWeights: Bool
  ) throws(QueryRefusal) -> [WeightedFigure] {
    guard (minimum...maximumCriteria).contains(criteria.count) else {
      throw QueryRefusal(
        field: "criteria", message: "must be between \(minimum) and \(maximumCriteria)")
    }
    var seen: Set<FigureKey> = []
    for (index, criterion) in criteria.enumerated() {
      if let contradiction = criterion.key.contradiction {
        throw QueryRefusal(field: "criteria[\(index)].statistic", message: contradiction)
      }
      guard seen.insert(criterion.key).inserted else {
        throw QueryRefusal(
          field: "criteria[\(index)]", message: "names \(criterion.key.words) a second time")
      }
      guard ignoringWeights || (criterion.weight.isFinite && criterion.weight >= 0) else {
        throw QueryRefusal(
          field: "criteria[\(index)].weight", message: "must be a finite number, 0 or more")
      }
    }
    if ignoringWeights {
      return criteria.map { WeightedFigure($0.key, weight: 1 / Double(criteria.count)) }
    }
    // Scaled by the largest first, so that no sum of finite weights overflows.
    let largest = criteria.reduce(0) { max($0, $1.weight) }
    guard largest > 0 else {
      throw QueryRefusal(field: "criteria", message: "must have a weight above 0")
    }
    let sum = criteria.reduce(0) { $0 + $1.weight / largest }
    return criteria.map { WeightedFigure($0.key, weight: $0.weight / largest / sum) }
  }

  private static func checked(
    _ filter: ConfigurationFilter
  ) throws(QueryRefusal) -> ConfigurationFilter {
    var filter = filter
    for (field, list) in [
      ("model_ids", \ConfigurationFilter.modelIDs), ("hardware_ids", \.hardwareIDs),
      ("accelerators", \.accelerators), ("engine_ids", \.engineIDs),
      ("quantization_ids", \.quantizationIDs),
    ] {
      guard filter[keyPath: list].count <= maximumFilterValues else {
        throw QueryRefusal(
          field: "filter.\(field)", message: "must be at most \(maximumFilterValues) values")
      }
      filter[keyPath: list] = Set(filter[keyPath: list]).sorted()
    }
    for (field, low, high) in [
      ("input_tokens", filter.minInputTokens, filter.maxInputTokens),
      ("output_tokens", filter.minOutputTokens, filter.maxOutputTokens),
      ("concurrency", filter.minConcurrency, filter.maxConcurrency),
    ] {
      guard low >= 0, high >= 0 else {
        throw QueryRefusal(field: "filter.min_\(field)", message: "must not be negative")
      }
      guard high == 0 || low <= high else {
        throw QueryRefusal(
          field: "filter.min_\(field)", message: "must not be above max_\(field)")
      }
    }
    return filter
  }
}

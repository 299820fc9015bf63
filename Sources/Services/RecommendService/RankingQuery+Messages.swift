import APIBindings
import APIMapping
import BenchmarkDomain
import GRPC

extension RankingQuery {
  /// Reads a ranking's question; INVALID_ARGUMENT names the field.
  init(_ request: RecommendConfigurationsRequest.View) throws {
    try self.init(
      filter: request.filter, objectives: request.objectives, criteria: request.criteria,
      basis: request.priceBasis, provenances: request.provenances
    ) { filter, limits, criteria, basis, provenances in
      try RankingQuery(
        filter: filter, limits: limits, criteria: criteria, priceBasis: basis,
        provenances: provenances, count: request.topK == 0 ? 10 : Int(request.topK))
    }
  }

  /// Reads a front's question; INVALID_ARGUMENT names the field.
  init(_ request: GetParetoFrontRequest.View) throws {
    try self.init(
      filter: request.filter, objectives: request.objectives, criteria: request.criteria,
      basis: request.priceBasis, provenances: request.provenances
    ) { filter, limits, criteria, basis, provenances in
      try RankingQuery(
        filter: filter, limits: limits, criteria: criteria, priceBasis: basis,
        provenances: provenances, count: request.maxItems == 0 ? 1_000 : Int(request.maxItems),
        countRange: 1...10_000, countField: "max_items", minimumCriteria: 2, ignoringWeights: true)
    }
  }

  private init(
    filter: APIBindings.ConfigurationFilter.View?,
    objectives: RepeatedView<APIBindings.Objective.View>,
    criteria: RepeatedView<APIBindings.Criterion.View>, basis: APIBindings.PriceBasis,
    provenances: RepeatedView<APIBindings.ProvenanceKind>,
    _ make: (
      BenchmarkDomain.ConfigurationFilter, [Limit], [WeightedFigure], BenchmarkDomain.PriceBasis,
      Set<BenchmarkDomain.ProvenanceKind>
    ) throws -> RankingQuery
  ) throws {
    let limits = try objectives.enumerated().map { try Limit($1, at: "objectives[\($0)]") }
    let weighted = try criteria.enumerated().map { index, criterion in
      WeightedFigure(
        try FigureKey(criterion.metric, criterion.statistic, at: "criteria[\(index)]"),
        weight: criterion.weight)
    }
    let kinds = try provenances.enumerated().map { index, kind in
      try BenchmarkDomain.ProvenanceKind(kind, at: "provenances[\(index)]")
    }
    do {
      self = try make(
        BenchmarkDomain.ConfigurationFilter(filter?.value, at: "filter"), limits, weighted,
        BenchmarkDomain.PriceBasis(filtering: basis, at: "price_basis") ?? .onDemand, Set(kinds))
    } catch let refusal as QueryRefusal {
      throw RPCError.invalidArgument(field: refusal.field, reason: refusal.message)
    }
  }
}

extension Limit {
  fileprivate init(_ objective: APIBindings.Objective.View, at path: String) throws {
    let key = try FigureKey(objective.metric, objective.statistic, at: path)
    switch objective.bound {
    case .atMost(let value): self.init(key, .atMost(value))
    case .atLeast(let value): self.init(key, .atLeast(value))
    case nil:
      throw RPCError.invalidArgument(field: "\(path).bound", reason: "must be at_most or at_least")
    }
  }
}

extension FigureKey {
  fileprivate init(
    _ metric: APIBindings.Metric, _ statistic: APIBindings.Statistic, at path: String
  ) throws {
    self.init(
      try BenchmarkDomain.Metric(metric, at: "\(path).metric"),
      try BenchmarkDomain.Statistic(filtering: statistic, at: "\(path).statistic"))
  }
}

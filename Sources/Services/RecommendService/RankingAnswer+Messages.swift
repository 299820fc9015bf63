import APIBindings
import APIMapping
import BenchmarkDomain

extension RecommendConfigurationsResponse {
  init(_ answer: RankingAnswer) {
    let counts = answer.counts
    self.init(
      items: answer.rows.map { RankedConfiguration($0) },
      consideredCount: Int64(counts.considered), feasibleCount: Int64(counts.feasible),
      exclusions: counts.exclusions.map { Exclusion($0) },
      bounds: answer.bounds.map { CriterionBounds($0) }, method: RankingAnswer.method,
      dataVersion: counts.dataVersion,
      newestMeasuredAt: counts.newestMeasuredAt.map { Timestamp($0) })
  }
}

extension GetParetoFrontResponse {
  init(_ answer: FrontAnswer) {
    let counts = answer.counts
    self.init(
      members: answer.rows.map { ParetoMember($0) }, consideredCount: Int64(counts.considered),
      feasibleCount: Int64(counts.feasible), exclusions: counts.exclusions.map { Exclusion($0) },
      memberCount: Int64(answer.memberCount), dataVersion: counts.dataVersion)
  }
}

extension RankedConfiguration {
  fileprivate init(_ ranked: RankedRow) {
    self.init(
      rank: Int32(ranked.rank), score: ranked.score,
      configuration: APIBindings.Configuration(ranked.row.source.configuration),
      result: APIBindings.Result(ranked.row.source.result),
      figures: ranked.row.figures.map { APIBindings.Measurement($0) },
      onParetoFront: ranked.isOnFront, price: ranked.row.price.map { APIBindings.PriceEntry($0) })
  }
}

extension ParetoMember {
  fileprivate init(_ member: FrontRow) {
    self.init(
      configuration: APIBindings.Configuration(member.row.source.configuration),
      result: APIBindings.Result(member.row.source.result),
      figures: member.row.figures.map { APIBindings.Measurement($0) },
      isDuplicate: member.isDuplicate, price: member.row.price.map { APIBindings.PriceEntry($0) })
  }
}

extension Exclusion {
  fileprivate init(_ exclusion: ExclusionCount) {
    self.init(reason: exclusion.reason, count: Int64(exclusion.count))
  }
}

extension CriterionBounds {
  fileprivate init(_ bounds: FigureBounds) {
    let key = bounds.criterion.key
    self.init(
      criterion: Criterion(
        metric: APIBindings.Metric(key.metric),
        statistic: key.statistic.map { APIBindings.Statistic($0) } ?? .unspecified,
        weight: bounds.criterion.weight),
      ideal: bounds.ideal, antiIdeal: bounds.antiIdeal)
  }
}

package import BenchmarkDomain

/// Which ends of a criterion count as best and worst.
package struct FigureBounds: Sendable, Hashable {
  /// The criterion, its weight divided by the sum.
  package var criterion: WeightedFigure
  /// Best value among everything known for the models asked for, before limits.
  package var ideal: Double
  /// Worst value likewise.
  package var antiIdeal: Double
}

/// One answer of a ranking.
package struct RankedRow: Sendable {
  /// Rank from 1; equal scores share one (1, 2, 2, 4).
  package var rank: Int
  /// TOPSIS closeness between 0 and 1.
  package var score: Double
  /// True when nothing else beats it on every criterion.
  package var isOnFront: Bool
  /// The figures behind it.
  package var row: AnsweredRow
}

/// One member of a front.
package struct FrontRow: Sendable {
  /// True when another member has the same figures.
  package var isDuplicate: Bool
  /// The figures behind it.
  package var row: AnsweredRow
}

/// A configuration with the result that answers for it.
package struct AnsweredRow: Sendable {
  /// What to run, and the result that the figures come from.
  package var source: ConfigurationResult
  /// The criteria's figures in the question's order.
  package var figures: [Measurement]
  /// Price that a cost was computed from; nil when there is none.
  package var price: PriceEntry?
}

/// What was counted on the way to an answer.
package struct RankingCounts: Sendable, Hashable {
  /// Configurations that matched the filter.
  package var considered: Int
  /// Of these, the ones that met every limit and had every criterion's figure.
  package var feasible: Int
  /// Why the others did not.
  package var exclusions: [ExclusionCount]
  /// Version of the data.
  package var dataVersion: Int64
  /// When the newest of the considered results was measured; nil when no source says.
  package var newestMeasuredAt: WallTime?
}

/// A ranking.
package struct RankingAnswer: Sendable {
  /// The answers, best first.
  package var rows: [RankedRow]
  /// What was counted.
  package var counts: RankingCounts
  /// The bounds between which each criterion was scaled; one that nothing has a figure of is left
  /// out.
  package var bounds: [FigureBounds]

  /// How it was scaled and ranked. The number moves when equal data may rank otherwise.
  package static let method = "topsis/stated-bounds/1"
  /// How answers are encoded. The number moves when the message of an equal answer may differ, so
  /// that replicas of two versions share none.
  package static let encoding = "answer/1"
}

/// A first front.
package struct FrontAnswer: Sendable {
  /// Members, the best of the first criterion first; ties by configuration id.
  package var rows: [FrontRow]
  /// What was counted.
  package var counts: RankingCounts
  /// Members in all, also those beyond the question's count.
  package var memberCount: Int
}

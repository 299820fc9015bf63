package import Telemetry

/// How quickly questions are answered, and how often the answer was there already.
package final class RankingMetrics: Sendable {
  /// Where an answer was; the raw values name it in metrics.
  enum Source: String, CaseIterable {
    case hit
    /// Another replica had it.
    case shared
    case miss
  }

  private let durations: [Source: [Bool: Histogram]]

  /// Registers them.
  package init(_ registry: MetricRegistry) {
    let family = registry.histograms(
      "benchfront_recommendation_duration_seconds",
      help: "Time to answer a ranking or a front, by where the answer was.",
      scale: .seconds, labels: ["question", "cache"])
    durations = Dictionary(
      uniqueKeysWithValues: Source.allCases.map { source in
        (
          source,
          [
            true: family.child(["front", source.rawValue]),
            false: family.child(["ranking", source.rawValue]),
          ]
        )
      })
  }

  /// A question was answered that came at `begin`.
  func answered(isFront: Bool, from source: Source, since begin: ContinuousClock.Instant) {
    let (seconds, attoseconds) = (ContinuousClock.now - begin).components
    let nanoseconds = UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    durations[source]?[isFront]?.record(nanoseconds)
  }
}

import APIBindings
import ArgumentParser

/// The limits that every answer must meet, and what to rank by.
struct ObjectiveOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: .init("Longest typical TTFT, e.g. 500ms.", valueName: "time"),
    transform: Seconds.init(parsing:))
  var maxTtft: Seconds?
  @Option(
    parsing: .unconditional, help: .init("Longest TTFT at the 95th percentile.", valueName: "time"),
    transform: Seconds.init(parsing:))
  var maxTtftP95: Seconds?
  @Option(
    parsing: .unconditional, help: .init("Longest TTFT at the 99th percentile.", valueName: "time"),
    transform: Seconds.init(parsing:))
  var maxTtftP99: Seconds?
  @Option(
    parsing: .unconditional, help: .init("Longest typical TPOT, e.g. 20ms.", valueName: "time"),
    transform: Seconds.init(parsing:))
  var maxTpot: Seconds?
  @Option(
    parsing: .unconditional, help: .init("Longest TPOT at the 95th percentile.", valueName: "time"),
    transform: Seconds.init(parsing:))
  var maxTpotP95: Seconds?
  @Option(
    parsing: .unconditional, help: .init("Longest TPOT at the 99th percentile.", valueName: "time"),
    transform: Seconds.init(parsing:))
  var maxTpotP99: Seconds?
  @Option(
    parsing: .unconditional,
    help: .init("Longest typical end-to-end time, e.g. 2s.", valueName: "time"),
    transform: Seconds.init(parsing:))
  var maxE2e: Seconds?
  @Option(
    parsing: .unconditional,
    help: .init("Longest end-to-end time at the 95th percentile.", valueName: "time"),
    transform: Seconds.init(parsing:))
  var maxE2eP95: Seconds?
  @Option(
    parsing: .unconditional,
    help: .init("Most US dollars per million output tokens.", valueName: "dollars"),
    transform: Amount.init(parsing:))
  var maxCost: Amount?
  @Option(
    parsing: .unconditional,
    help: .init("Most failed requests, as a ratio up to 1: 0.01 for 1%.", valueName: "ratio"),
    transform: Ratio.init(parsing:))
  var maxErrorRate: Ratio?
  @Option(
    parsing: .unconditional,
    help: .init("Fewest output tokens per second of an instance.", valueName: "rate"),
    transform: Amount.init(parsing:))
  var minThroughput: Amount?
  @Option(
    parsing: .unconditionalSingleValue,
    help: .init(
      """
      Any other limit: METRIC[-STATISTIC]<=VALUE or >=VALUE, e.g. "itl-p99<=50ms"; repeat for \
      several. Metrics: \(Names.all(Metric.self)). Statistics: \(Names.all(Statistic.self)).
      """, valueName: "limit"),
    transform: Limit.init(parsing:))
  var limitTo: [Limit] = []
  @Option(
    parsing: .unconditionalSingleValue,
    help: .init(
      """
      What to rank by, and how much it counts: METRIC[-STATISTIC]=WEIGHT, e.g. tpot=2; repeat for \
      several. Without any: TTFT, TPOT, throughput per accelerator and cost, equally.
      """, valueName: "weight"),
    transform: Weight.init(parsing:))
  var weight: [Weight] = []
  @Flag(help: "Count spot prices instead of on demand.") var spot = false
  @Option(
    help: .init(
      """
      Only results that come from there; repeat for several: \(Names.all(ProvenanceKind.self)). \
      Without any: all but simulated ones.
      """, valueName: "kind"))
  var provenance: [String] = []

  func validate() throws {
    for name in provenance where Names.value(name, of: ProvenanceKind.self) == nil {
      throw usageError(
        "--provenance is one of \(Names.all(ProvenanceKind.self)), not '\(name)'")
    }
  }

  /// The limits as the server takes them.
  var objectives: [Objective] {
    let seconds: [(Metric, Statistic, Seconds?)] = [
      (.ttft, .unspecified, maxTtft), (.ttft, .p95, maxTtftP95), (.ttft, .p99, maxTtftP99),
      (.tpot, .unspecified, maxTpot), (.tpot, .p95, maxTpotP95), (.tpot, .p99, maxTpotP99),
      (.e2e, .unspecified, maxE2e), (.e2e, .p95, maxE2eP95),
    ]
    var objectives = seconds.compactMap { metric, statistic, limit in
      limit.map { Objective(metric: metric, statistic: statistic, bound: .atMost($0.value)) }
    }
    if let maxCost {
      objectives.append(
        Objective(metric: .costPerMillionOutputTokens, bound: .atMost(maxCost.value)))
    }
    if let maxErrorRate {
      objectives.append(Objective(metric: .errorRate, bound: .atMost(maxErrorRate.value)))
    }
    if let minThroughput {
      objectives.append(Objective(metric: .outputThroughput, bound: .atLeast(minThroughput.value)))
    }
    return objectives + limitTo.map(\.objective)
  }

  /// What to rank by.
  var criteria: [Criterion] { weight.map(\.criterion) }

  /// How hardware is paid.
  var priceBasis: PriceBasis { spot ? .spot : .onDemand }

  /// Where results may come from.
  var provenances: [ProvenanceKind] {
    provenance.compactMap { Names.value($0, of: ProvenanceKind.self) }
  }
}

import APIBindings
import ArgumentParser

/// "500ms", "0.5s", "0.5" (seconds): a duration.
struct Seconds: ExpressibleByArgument {
  let value: Double

  init?(argument: String) {
    let units = [("ms", 1e-3), ("us", 1e-6), ("s", 1.0), ("", 1.0)]
    guard let (unit, scale) = units.first(where: { argument.hasSuffix($0.0) }),
      let number = Double(argument.dropLast(unit.count)), number.isFinite, number >= 0
    else { return nil }
    value = number * scale
  }
}

/// "ttft-p95<=500ms", "output_throughput>=100": a limit on any metric and statistic.
struct Limit: ExpressibleByArgument {
  let objective: Objective

  init?(argument: String) {
    guard let sign = argument.firstRange(of: "<=") ?? argument.firstRange(of: ">="),
      let value = Seconds(argument: String(argument[sign.upperBound...]))
    else { return nil }
    let isUpper = argument[sign].hasPrefix("<")
    let name = argument[..<sign.lowerBound].split(separator: "-")
    guard (1...2).contains(name.count), let metric = Names.value(name[0], of: Metric.self) else {
      return nil
    }
    var statistic = Statistic.unspecified
    if name.count == 2 {
      guard let found = Names.value(name[1], of: Statistic.self) else { return nil }
      statistic = found
    }
    objective = Objective(
      metric: metric, statistic: statistic,
      bound: isUpper ? .atMost(value.value) : .atLeast(value.value))
  }
}

/// "ttft=2" or "ttft-p95=2": a weight of a criterion.
struct Weight: ExpressibleByArgument {
  let criterion: Criterion

  init?(argument: String) {
    let parts = argument.split(separator: "=")
    guard parts.count == 2, let weight = Double(parts[1]), weight.isFinite else { return nil }
    let name = parts[0].split(separator: "-")
    guard (1...2).contains(name.count), let metric = Names.value(name[0], of: Metric.self) else {
      return nil
    }
    var statistic = Statistic.unspecified
    if name.count == 2 {
      guard let found = Names.value(name[1], of: Statistic.self) else { return nil }
      statistic = found
    }
    criterion = Criterion(metric: metric, statistic: statistic, weight: weight)
  }
}

/// The limits that every answer must meet, and what to rank by.
struct ObjectiveOptions: ParsableArguments {
  @Option(help: "Longest typical TTFT, e.g. 500ms.") var maxTtft: Seconds?
  @Option(help: "Longest TTFT at the 95th percentile.") var maxTtftP95: Seconds?
  @Option(help: "Longest TTFT at the 99th percentile.") var maxTtftP99: Seconds?
  @Option(help: "Longest typical TPOT, e.g. 20ms.") var maxTpot: Seconds?
  @Option(help: "Longest TPOT at the 95th percentile.") var maxTpotP95: Seconds?
  @Option(help: "Longest TPOT at the 99th percentile.") var maxTpotP99: Seconds?
  @Option(help: "Longest typical end-to-end time.") var maxE2e: Seconds?
  @Option(help: "Longest end-to-end time at the 95th percentile.") var maxE2eP95: Seconds?
  @Option(help: "Most US dollars per million output tokens.") var maxCost: Double?
  @Option(help: "Most failed requests, as a ratio, e.g. 0.01.") var maxErrorRate: Double?
  @Option(help: "Fewest output tokens per second of an instance.") var minThroughput: Double?
  @Option(help: "Any other limit: METRIC[-STATISTIC]<=VALUE or >=VALUE; repeat for several.")
  var limitTo: [Limit] = []
  @Option(help: "What to rank by: METRIC[-STATISTIC]=WEIGHT; repeat for several.")
  var weight: [Weight] = []
  @Flag(help: "Count spot prices instead of on demand.") var spot = false
  @Option(help: "Only results that come from there: measured, imported, simulated; repeatable.")
  var provenance: [String] = []

  func validate() throws {
    for name in provenance where Names.value(name, of: ProvenanceKind.self) == nil {
      throw usageError("--provenance is one of \(Names.all(ProvenanceKind.self))")
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
      objectives.append(Objective(metric: .costPerMillionOutputTokens, bound: .atMost(maxCost)))
    }
    if let maxErrorRate {
      objectives.append(Objective(metric: .errorRate, bound: .atMost(maxErrorRate)))
    }
    if let minThroughput {
      objectives.append(Objective(metric: .outputThroughput, bound: .atLeast(minThroughput)))
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

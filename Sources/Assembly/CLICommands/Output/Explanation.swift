import APIBindings

/// The sentences below and above a ranking.
enum Explanation {
  /// "TTFT" or "TTFT P95".
  static func title(_ metric: Metric, _ statistic: Statistic) -> String {
    let name = Names.text(statistic)
    return metric.title + (name.isEmpty || name == "total" ? "" : " " + name.uppercased())
  }

  /// A figure with a mark when it is not what its column says: "~" derived or unstated.
  static func cell(_ figure: Measurement) -> String {
    let isOwn = figure.definition.isEmpty || figure.definition == "benchfront/1"
    return (isOwn ? "" : "~") + figure.text
  }

  /// What was asked for.
  static func objectives(_ objectives: [Objective]) -> [String] {
    guard !objectives.isEmpty else { return [] }
    let limits = objectives.map { objective in
      let name = title(objective.metric, objective.statistic)
      switch objective.bound {
      case .atMost(let value): return "\(name) <= \(Format.figure(objective.metric, value))"
      case .atLeast(let value): return "\(name) >= \(Format.figure(objective.metric, value))"
      case nil: return name
      }
    }
    return ["Limits: " + limits.joined(separator: ", ")]
  }

  /// Why there is no answer where nothing was measured or imported, and what to do about it.
  static func nothingKnown(isFiltered: Bool, _ exclusions: [Exclusion]) -> [String] {
    [
      isFiltered
        ? "Nothing is known of what was asked for; benchfront results lists what is."
        : exclusions.isEmpty ? "Nothing is known yet." : "Nothing was measured or imported yet.",
      "Measure it with benchfront run create and an agent, or bring in other tools' results with "
        + "benchfront import.",
    ] + Self.exclusions(exclusions)
  }

  /// How the ranking came about.
  static func ranking(
    _ answer: RecommendConfigurationsResponse, _ basis: PriceBasis
  ) -> [String] {
    let criteria = answer.bounds.compactMap { bound -> String? in
      guard let criterion = bound.criterion else { return nil }
      return "\(criterion.title) \(Format.fixed(criterion.weight * 100, 0))% (best "
        + "\(Format.figure(criterion.metric, bound.ideal)), worst "
        + "\(Format.figure(criterion.metric, bound.antiIdeal)))"
    }
    let lines = [
      "SCORE: closeness to the best of each criterion, from 0 to 1 (\(answer.method)): "
        + criteria.joined(separator: ", ") + ".",
      "FRONT: nothing that meets the limits is at least as good in every criterion and better "
        + "in one.  N: requests measured; ? when the source does not say.",
      "A configuration with several results is ranked by one: measured before imported, then the "
        + "newest (benchfront results show lists them all).",
      "Prices: \(Names.text(basis) == "spot" ? "spot" : "on demand"), from the price book "
        + "(benchfront prices).",
    ]
    return lines + marks(answer.items.flatMap(\.figures)) + leader(answer)
  }

  /// What "~" means, where some of the figures have it.
  static func marks(_ figures: [Measurement]) -> [String] {
    let definitions = Set(figures.map(\.definition)).subtracting(["", "benchfront/1"]).sorted()
    guard !definitions.isEmpty else { return [] }
    return [
      "~ stands before figures by another definition: \(definitions.joined(separator: ", "))."
    ]
  }

  /// The first answer's intervals.
  private static func leader(_ answer: RecommendConfigurationsResponse) -> [String] {
    guard let first = answer.items.first else { return [] }
    let intervals = first.figures.compactMap { figure -> String? in
      guard let interval = figure.interval else { return nil }
      return "\(title(figure.metric, figure.statistic)) "
        + "\(Format.figure(figure.metric, interval.low)) to "
        + "\(Format.figure(figure.metric, interval.high)) (n=\(figure.sampleCount))"
    }
    var lines: [String] = []
    if !intervals.isEmpty {
      lines.append("#1, 95% intervals: " + intervals.joined(separator: ", ") + ".")
    }
    if let price = first.price {
      lines.append(
        "#1 is priced by \(price.offer), \(price.amountText), seen "
          + "\(Format.day(price.observedAt)) (\(price.source))"
          + (price.hardwareId.isEmpty
            ? "." : ": it stands for every \(price.hardwareId), whatever machine was measured."))
    }
    if let id = first.configuration?.id {
      lines.append("#1 in full: benchfront results show \(id)")
    }
    return lines
  }

  /// Which limit excluded how many.
  static func exclusions(_ exclusions: [Exclusion]) -> [String] {
    guard !exclusions.isEmpty else { return [] }
    var table = Table(">EXCLUDED", "BECAUSE")
    for exclusion in exclusions { table.add([Format.grouped(exclusion.count), exclusion.reason]) }
    let overlap = "What several reasons hold for counts under each of them."
    return [""] + table.lines + (exclusions.count > 1 ? [overlap] : [])
  }
}

extension Criterion {
  /// Heading of its column.
  var title: String { Explanation.title(metric, statistic) }
}

extension CriterionBounds {
  /// As JSON.
  var json: JSONValue {
    .object([
      ("metric", .string(Names.text(criterion?.metric ?? .unspecified))),
      ("statistic", .optional(Names.text(criterion?.statistic ?? .unspecified))),
      ("weight", .number(criterion?.weight ?? 0)), ("ideal", .number(ideal)),
      ("anti_ideal", .number(antiIdeal)),
    ])
  }
}

extension Exclusion {
  /// As JSON.
  var json: JSONValue { .object([("reason", .string(reason)), ("count", .integer(count))]) }
}

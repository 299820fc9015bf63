import APIBindings
import ArgumentParser

/// `benchfront recommend`: what to run.
struct RecommendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommend", abstract: "Rank what is known under limits and weights.",
    discussion: """
      Example: benchfront recommend --model meta-llama/Llama-3.1-8B-Instruct --max-ttft 500ms \
      --max-cost 2 --weight tpot=1 --weight cost_per_million_output_tokens=2

      A figure without a statistic is the typical one: the mean, else the median, else what the \
      source does not name. What lacks a figure that is limited or weighed is left out, and counted.

      A configuration with several results is ranked by one of them: a measured before an imported \
      before an interpolated before a simulated one, and of these the newest. benchfront results \
      show CONFIGURATION lists them all.
      """)
  @OptionGroup var server: ServerOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var objectives: ObjectiveOptions
  @Option(parsing: .unconditional, help: .init("Most answers, 1 to 100.", valueName: "number"))
  var top: Int32 = 10

  func validate() throws {
    guard (1...100).contains(top) else { throw usageError("--top lies between 1 and 100") }
    let criteria = objectives.criteria
    guard criteria.isEmpty || criteria.contains(where: { $0.weight > 0 }) else {
      throw usageError("at least one --weight must be above 0")
    }
  }

  func run() async throws {
    let request = RecommendConfigurationsRequest(
      filter: filter.message, objectives: objectives.objectives, criteria: objectives.criteria,
      priceBasis: objectives.priceBasis, topK: top, provenances: objectives.provenances)
    let answer = try await server.connected { services in
      try await services.ranker.recommendConfigurations(request)
    }
    if server.output == .json {
      printDocument(answer.json)
    } else {
      printLines(answer.lines(request))
    }
  }
}

extension RecommendConfigurationsResponse {
  /// The answer as a table that explains itself.
  func lines(_ request: RecommendConfigurationsRequest) -> [String] {
    guard consideredCount > 0 else {
      let isFiltered = request.filter != ConfigurationFilter() || !request.provenances.isEmpty
      return Explanation.nothingKnown(isFiltered: isFiltered, exclusions)
    }
    var lines = [
      "\(Format.grouped(feasibleCount)) of \(Format.grouped(consideredCount)) known "
        + "configurations meet every limit."
    ]
    lines += Explanation.objectives(request.objectives)
    if !items.isEmpty {
      lines.append("")
      lines += table.lines
      lines.append("")
      lines += Explanation.ranking(self, request.priceBasis)
    }
    return lines + Explanation.exclusions(exclusions)
  }

  private var table: Table {
    let criteria = bounds.compactMap(\.criterion)
    var table = Table(
      titles: [">#", ">SCORE", "FRONT", "MODEL", "HARDWARE", "ENGINE", "IN>OUT xC"]
        + criteria.map { ">" + $0.title } + [">N", "PROVENANCE", "MEASURED"])
    for item in items {
      guard let configuration = item.configuration else { continue }
      table.add(
        [
          "\(item.rank)", Format.fixed(item.score, 4), item.onParetoFront ? "yes" : "",
          configuration.modelId, configuration.hardwareId, configuration.engineText,
          configuration.workloadText,
        ] + item.figures.map(Explanation.cell) + [
          (item.result?.requestCount ?? 0) > 0
            ? Format.grouped(item.result?.requestCount ?? 0) : "?",
          item.result?.provenance?.text ?? "", Format.day(item.result?.measuredAt),
        ])
    }
    return table
  }

  /// As JSON.
  var json: JSONValue {
    .object([
      ("considered", .integer(consideredCount)), ("feasible", .integer(feasibleCount)),
      ("method", .string(method)), ("data_version", .integer(dataVersion)),
      ("newest_measured_at", .optional(Format.time(newestMeasuredAt))),
      ("bounds", .array(bounds.map(\.json))), ("exclusions", .array(exclusions.map(\.json))),
      ("items", .array(items.map(\.json))),
    ])
  }
}

extension RankedConfiguration {
  /// As JSON.
  fileprivate var json: JSONValue {
    .object(
      [
        ("rank", .count(rank)), ("score", .number(score)),
        ("on_pareto_front", .bool(onParetoFront)),
      ] + (result?.jsonMembers ?? []) + [
        ("configuration", configuration?.json ?? .null),
        ("figures", .array(figures.map(\.json))), ("price", price?.json ?? .null),
      ])
  }
}

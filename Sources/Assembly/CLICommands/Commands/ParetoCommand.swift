import APIBindings
import ArgumentParser

/// `benchfront pareto`: what nothing else beats.
struct ParetoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pareto", abstract: "Show the Pareto front: what nothing else beats.",
    discussion: """
      The front is taken over two or more figures: those that --weight names (how much each counts \
      makes no difference here), or TTFT, TPOT, throughput per accelerator and cost. Of a \
      configuration with several results one counts: see benchfront recommend --help.
      """)
  @OptionGroup var server: ServerOptions
  @OptionGroup var filter: FilterOptions
  @OptionGroup var objectives: ObjectiveOptions
  @Option(
    parsing: .unconditional,
    help: .init("Most members to print, up to 10,000; 0 for 1,000.", valueName: "number"))
  var top: Int32 = 0

  func validate() throws {
    guard (0...10_000).contains(top) else { throw usageError("--top lies between 0 and 10,000") }
    guard objectives.criteria.count != 1 else {
      throw usageError("a Pareto front needs two --weight or more, or none for the usual four")
    }
  }

  func run() async throws {
    let request = GetParetoFrontRequest(
      filter: filter.message, objectives: objectives.objectives, criteria: objectives.criteria,
      priceBasis: objectives.priceBasis, provenances: objectives.provenances, maxItems: top)
    let front = try await server.connected { services in
      try await services.ranker.getParetoFront(request)
    }
    if server.output == .json {
      printDocument(front.json)
    } else {
      printLines(front.lines(request))
    }
  }
}

extension GetParetoFrontResponse {
  fileprivate func lines(_ request: GetParetoFrontRequest) -> [String] {
    guard consideredCount > 0 else {
      let isFiltered = request.filter != ConfigurationFilter() || !request.provenances.isEmpty
      return Explanation.nothingKnown(isFiltered: isFiltered, exclusions)
    }
    var lines = [
      "\(Format.grouped(memberCount)) of \(Format.grouped(feasibleCount)) feasible configurations "
        + "(\(Format.grouped(consideredCount)) known) are on the Pareto front: nothing known is "
        + "at least as good in every column and better in one."
    ]
    lines += Explanation.objectives(request.objectives)
    if !members.isEmpty {
      lines.append("")
      lines += table.lines
    }
    return lines + Explanation.exclusions(exclusions)
  }

  private var table: Table {
    let titles = (members.first?.figures ?? []).map { figure in
      ">" + Explanation.title(figure.metric, .unspecified)
    }
    var table = Table(
      titles: ["MODEL", "HARDWARE", "ENGINE", "IN>OUT xC"] + titles + [
        ">N", "PROVENANCE", "MEASURED", "",
      ])
    for member in members {
      guard let configuration = member.configuration else { continue }
      table.add(
        [
          configuration.modelId, configuration.hardwareId, configuration.engineText,
          configuration.workloadText,
        ] + member.figures.map(Explanation.cell) + [
          (member.result?.requestCount ?? 0) > 0
            ? Format.grouped(member.result?.requestCount ?? 0) : "?",
          member.result?.provenance?.text ?? "", Format.day(member.result?.measuredAt),
          member.isDuplicate ? "same figures as another" : "",
        ])
    }
    return table
  }

  fileprivate var json: JSONValue {
    .object([
      ("considered", .integer(consideredCount)), ("feasible", .integer(feasibleCount)),
      ("member_count", .integer(memberCount)), ("data_version", .integer(dataVersion)),
      ("exclusions", .array(exclusions.map(\.json))), ("members", .array(members.map(\.json))),
    ])
  }
}

extension ParetoMember {
  fileprivate var json: JSONValue {
    .object(
      [("is_duplicate", .bool(isDuplicate))] + (result?.jsonMembers ?? []) + [
        ("configuration", configuration?.json ?? .null),
        ("figures", .array(figures.map(\.json))), ("price", price?.json ?? .null),
      ])
  }
}

import APIBindings
import ArgumentParser
import BenchmarkDomain
import GRPC
import Storage

/// `benchfront results`: what was measured or imported.
struct ResultsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results", abstract: "List results, or the raw requests behind one.",
    subcommands: [List.self, Show.self, Requests.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List results.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var list: ListOptions
    @OptionGroup var filter: FilterOptions
    @Option(help: .init("Only results of this run.", valueName: "id"))
    var run = ""
    @Option(
      help: .init(
        "Only results that come from there: \(Names.all(APIBindings.ProvenanceKind.self)).",
        valueName: "kind"))
    var provenance: String?
    @Option(
      help: .init(
        """
        Order: \(ListOrder.Key.allCases.map(\.rawValue).joined(separator: ", ")); with " desc" \
        behind it the largest first.
        """, valueName: "key"))
    var orderBy = ""

    func validate() throws {
      if let provenance, Names.value(provenance, of: APIBindings.ProvenanceKind.self) == nil {
        throw usageError(
          "--provenance is one of \(Names.all(APIBindings.ProvenanceKind.self)), not "
            + "'\(provenance)'")
      }
    }

    func run() async throws {
      let kind = provenance.flatMap { Names.value($0, of: APIBindings.ProvenanceKind.self) }
      let results = try await server.connected { services in
        // One more than is shown tells whether there are more.
        let usual = server.output == .table ? ResultTable.usualCount + 1 : 0
        let results = try await list.collect(usual: usual) { size, token in
          let page = try await services.catalog.listResults(
            ListResultsRequest(
              pageSize: size, pageToken: token, filter: filter.message, runId: run,
              provenance: kind ?? .unspecified, orderBy: orderBy))
          return (page.results, page.nextPageToken)
        }
        if results.isEmpty { try await checkNames(services) }
        return results
      }
      guard server.output == .table else {
        return printDocument(.array(results.map(\.json)))
      }
      printLines(ResultTable.lines(results, isLimited: list.limit != nil))
    }

    /// Refuses a run or a name that is not there, with NOT_FOUND.
    private func checkNames(_ services: Services) async throws {
      if !run.isEmpty { _ = try await services.control.getRun(GetRunRequest(runId: run)) }
      try await filter.checkNames(services)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a configuration with every figure of all its results.")
    @OptionGroup var server: ServerOptions
    @Argument(help: "The configuration's id, as benchfront results lists it.")
    var configuration: String

    func validate() throws {
      guard ConfigurationID(configuration) != nil else {
        throw usageError(
          "'\(configuration)' is no configuration's id: one is c1- and 32 hexadecimal digits, "
            + "and benchfront results lists them")
      }
    }

    func run() async throws {
      let found = try await server.connected { services in
        try await services.catalog.getConfiguration(
          GetConfigurationRequest(configurationId: configuration))
      }
      guard let known = found.configuration else { return }
      guard server.output == .table else {
        let entries = found.results.map {
          APIBindings.ConfigurationResult(configuration: known, result: $0).json
        }
        return printDocument(.array(entries))
      }
      printObject(known.json, as: .table)
      for result in found.results { printLines(ResultTable.details(result)) }
      if found.results.isEmpty { print("No result yet.") }
    }
  }

  struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the raw requests of one measured result.",
      discussion: "What was imported has none here: its source's raw requests are not kept.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var list: ListOptions
    @Argument(help: "The result's id, as benchfront results lists it.") var result: String

    func run() async throws {
      let samples = try await server.connected { services in
        do {
          return try await list.collect { size, token in
            let page = try await services.catalog.listRequestSamples(
              ListRequestSamplesRequest(executionId: result, pageSize: size, pageToken: token))
            return (page.samples, page.nextPageToken)
          }
        } catch let error as RPCError where error.code == .notFound {
          throw RPCError(.notFound, Self.missing(result))
        }
      }
      guard server.output == .table else {
        return printDocument(.array(samples.map(\.json)))
      }
      var table = Table(
        ">REQUEST", ">SEGMENT", "OUTCOME", ">SENT AT", ">TTFT", ">E2E", ">TOKENS IN", ">OUT",
        ">CHUNKS")
      for sample in samples {
        table.add([
          "\(sample.requestIndex)", "\(sample.segment)", Names.text(sample.outcome),
          Format.duration(Double(sample.sentNanoseconds) / 1e9),
          sample.elapsed(to: sample.firstContentNanoseconds),
          sample.elapsed(to: sample.lastContentNanoseconds), "\(sample.inputTokens)",
          "\(sample.outputTokens)", "\(sample.contentChunks)",
        ])
      }
      printLines(table.lines)
    }
  }
}

extension ResultsCommand.Requests {
  /// Why there are no requests behind an id. Measured results have UUIDs; those of imported ones
  /// are their format's name and 32 hexadecimal digits.
  static func missing(_ id: String) -> String {
    let parts = id.split(separator: "-")
    guard parts.count > 1, let hash = parts.last, hash.count == 32,
      hash.allSatisfy(\.isHexDigit), parts[0] != "c1"
    else { return "there is no measured result '\(id)'; benchfront results lists results" }
    let format = parts.dropLast().joined(separator: "-")
    return "no requests are kept of '\(id)': it was imported (\(format)), without its source's "
      + "raw requests"
  }
}

/// Tables of results.
enum ResultTable {
  /// Results of a table when nobody says how many.
  static let usualCount = 100

  /// One line a result; the first hundred, and a word of the rest, unless `isLimited` already.
  static func lines(
    _ results: [APIBindings.ConfigurationResult], isLimited: Bool = false
  ) -> [String] {
    guard !results.isEmpty else { return ["No results yet, or none that match."] }
    guard isLimited || results.count <= usualCount else {
      return lines(Array(results.prefix(usualCount)))
        + ["These are the first \(usualCount); --limit 0 prints all."]
    }
    var table = Table(
      "MODEL", "HARDWARE", "ENGINE", "IN>OUT xC", ">TTFT", ">P95", ">TPOT", ">TOK/S", ">ERRORS",
      ">N", "PROVENANCE", "MEASURED", "CONFIGURATION", "RESULT")
    for entry in results {
      guard let configuration = entry.configuration, let result = entry.result else { continue }
      table.add([
        configuration.modelId, configuration.hardwareId, configuration.engineText,
        configuration.workloadText, cell(result.typical(.ttft)),
        cell(result.figure(.ttft, .p95)), cell(result.typical(.tpot)),
        cell(result.typical(.outputThroughput)),
        result.errorCount > 0 ? Format.grouped(result.errorCount) : "",
        result.requestCount > 0 ? Format.grouped(result.requestCount) : "",
        result.provenance?.text ?? "", Format.day(result.measuredAt), configuration.id,
        result.id,
      ])
    }
    let shown = results.compactMap(\.result).flatMap { result in
      [
        result.typical(.ttft), result.figure(.ttft, .p95), result.typical(.tpot),
        result.typical(.outputThroughput),
      ].compactMap(\.self)
    }
    return table.lines + Explanation.marks(shown)
  }

  private static func cell(_ figure: APIBindings.Measurement?) -> String {
    figure.map(Explanation.cell) ?? ""
  }

  /// Every figure of one result.
  static func details(_ result: APIBindings.Result) -> [String] {
    var table = Table("METRIC", "STATISTIC", ">VALUE", "95% INTERVAL", ">CERTIFIED", ">N", "BY")
    for figure in result.measurements {
      table.add([
        figure.metric.title, Names.text(figure.statistic), figure.text,
        figure.interval.map {
          "\(Format.figure(figure.metric, $0.low)) to \(Format.figure(figure.metric, $0.high))"
        } ?? "", figure.certified.map { Format.figure(figure.metric, $0.value) } ?? "",
        figure.sampleCount > 0 ? Format.grouped(figure.sampleCount) : "", figure.definition,
      ])
    }
    let origin = [
      result.provenance?.text ?? "", result.provenance?.source ?? "",
      result.provenance?.engineVersion ?? "", Format.time(result.measuredAt),
    ].filter { !$0.isEmpty }
    return ["", "result \(result.id): " + origin.joined(separator: ", ")] + table.lines
  }
}

extension APIBindings.ConfigurationResult {
  /// As JSON.
  var json: JSONValue {
    .object(
      (result?.jsonMembers ?? []) + [
        ("configuration", configuration?.json ?? .null),
        ("measurements", .array((result?.measurements ?? []).map(\.json))),
      ])
  }
}

extension APIBindings.RequestSample {
  /// The time from sending to a stamp; empty when it never came.
  func elapsed(to stamp: UInt64) -> String {
    stamp <= sentNanoseconds ? "" : Format.duration(Double(stamp - sentNanoseconds) / 1e9)
  }

  /// As JSON; stamps in nanoseconds of the segment's clock.
  var json: JSONValue {
    .object([
      ("request_index", .count(requestIndex)), ("segment", .count(segment)),
      ("outcome", .string(Names.text(outcome))), ("http_status", .count(httpStatus)),
      ("scheduled_nanoseconds", .count(scheduledNanoseconds)),
      ("sent_nanoseconds", .count(sentNanoseconds)),
      ("first_byte_nanoseconds", .count(firstByteNanoseconds)),
      ("first_content_nanoseconds", .count(firstContentNanoseconds)),
      ("first_visible_nanoseconds", .count(firstVisibleNanoseconds)),
      ("last_content_nanoseconds", .count(lastContentNanoseconds)),
      ("end_nanoseconds", .count(endNanoseconds)), ("input_tokens", .count(inputTokens)),
      ("output_tokens", .count(outputTokens)), ("token_source", .string(Names.text(tokenSource))),
      ("content_chunks", .count(contentChunks)), ("gap_bytes", .count(gaps.count)),
    ])
  }
}

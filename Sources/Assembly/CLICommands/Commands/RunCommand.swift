import APIBindings
import APIMapping
import ArgumentParser
import GRPC

/// `benchfront run`: create, list, show and cancel runs.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Create, list, show and cancel runs.",
    subcommands: [Create.self, List.self, Show.self, Cancel.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create a run of every configuration of a matrix that can run.",
      discussion: """
        Agents measure it: benchfront-agent run. Without --watch the run is printed (with --quiet \
        its id alone) and the command leaves; benchfront watch RUN follows it later. When no agent \
        that is connected fits, standard error says so.
        """)
    @OptionGroup var server: ServerOptions
    @OptionGroup var source: MatrixSource
    @Option(help: "Name for people; without it the matrix's.") var name = ""
    @Option(
      parsing: .unconditional,
      help: .init("Requests measured for each configuration.", valueName: "number"))
    var requests: Int32 = 100
    @Option(
      parsing: .unconditional,
      help: .init(
        "Requests sent first, outside the figures; 0 for as many as the concurrency.",
        valueName: "number"))
    var warmup: Int32 = 0
    @Option(
      parsing: .unconditional,
      help: .init("Seed of the prompts; 0 lets the server choose.", valueName: "number"))
    var seed: UInt64 = 0
    @Option(
      help: .init("An id of yours: a second creation with it makes no second run.", valueName: "id")
    )
    var requestID = ""
    @Flag(help: "Watch it until it has ended.") var watch = false
    @Flag(help: "Print the run's id alone.") var quiet = false

    func validate() throws {
      guard (1...100_000).contains(requests) else {
        throw usageError("--requests lies between 1 and 100,000")
      }
      guard (0...100_000).contains(warmup) else {
        throw usageError("--warmup lies between 0 and 100,000")
      }
    }

    func run() async throws {
      let document = try source.read()
      try await server.connected { services in
        let created = try await source.naming(document) {
          // The server knows the second of two creations by the id.
          let options = CallOptions(isIdempotent: requestID.isEmpty ? nil : true)
          return try await services.control.createRun(
            CreateRunRequest(
              name: name, matrix: Matrix(document.matrix), requestsPerConfiguration: requests,
              warmupRequests: warmup, seed: seed, requestId: requestID), options: options
          ).run
        }
        guard let created else { return }
        if quiet {
          printLines([created.id])
        } else if server.output == .json {
          printDocument(created.json)
        } else {
          printLines(created.lines)
        }
        if watch {
          return try await Watcher(services: services, output: server.output)
            .follow(created.id, after: 0)
        }
        if quiet { return }
        let known = try await services.control.getRun(GetRunRequest(runId: created.id)).run
        if let waiting = known?.waitingText { printError(waiting) }
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List runs, the newest first.")
    @OptionGroup var server: ServerOptions
    @OptionGroup var list: ListOptions

    func run() async throws {
      let runs = try await server.connected { services in
        try await list.collect { size, token in
          let page = try await services.control.listRuns(
            ListRunsRequest(pageSize: size, pageToken: token))
          return (page.runs, page.nextPageToken)
        }
      }
      guard server.output == .table else { return printDocument(.array(runs.map(\.json))) }
      var table = Table("RUN", "NAME", "STATE", ">DONE", ">FAILED", ">OF", ">SAMPLES", "CREATED")
      for run in runs {
        table.add([
          run.id, run.name, Names.text(run.state), Format.grouped(run.completedCount),
          Format.grouped(run.failedCount), Format.grouped(run.configurationCount),
          Format.grouped(run.committedSampleCount), Format.time(run.createdAt),
        ])
      }
      printLines(table.isEmpty ? ["No runs yet; benchfront run create makes one."] : table.lines)
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a run with its batches.")
    @OptionGroup var server: ServerOptions
    @Argument(help: "The run's id.") var id: String

    func run() async throws {
      let (run, versions) = try await server.connected { services in
        let run = try await services.control.getRun(GetRunRequest(runId: id)).run
        let isTable = server.output == .table
        return (run, try await isTable ? EngineVersions(of: run, services) : nil)
      }
      guard let run else { return }
      guard let versions else { return printDocument(run.json) }
      printLines(run.lines)
      var table = Table(
        ">BATCH", "STATE", "MODEL", "HARDWARE", "ENGINE", "QUANTIZATION", ">ENDED", ">FAILED",
        ">OF", "AGENT", "LEASED UNTIL")
      for batch in run.batches {
        table.add([
          "\(batch.index)", Names.text(batch.state), batch.modelId, batch.hardwareId,
          ([batch.engineId] + versions.of(batch)).joined(separator: " "), batch.quantizationId,
          "\(batch.endedCount)", batch.failedCount > 0 ? "\(batch.failedCount)" : "",
          "\(batch.configurationCount)", batch.agentId,
          Format.time(batch.leaseExpiresAt),
        ])
      }
      printLines(table.lines + run.failureLines)
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cancel a run: what is committed stays, what runs is stopped.")
    @OptionGroup var server: ServerOptions
    @Argument(help: "The run's id.") var id: String

    func run() async throws {
      let run = try await server.connected { services in
        try await services.control.cancelRun(CancelRunRequest(runId: id)).run
      }
      guard let run else { return }
      if server.output == .json { printDocument(run.json) } else { printLines(run.lines) }
    }
  }
}

/// Which versions of its engines a run's results name, by model, hardware, engine and quantization.
struct EngineVersions {
  private var versions: [[String]: [String]] = [:]

  /// Asks for the results of the batches in which something has ended, once for each kind of batch.
  init(of run: Run?, _ services: Services) async throws {
    for batch in run?.batches ?? [] where batch.endedCount > 0 && versions[Self.key(batch)] == nil {
      let filter = ConfigurationFilter(
        modelIds: [batch.modelId], hardwareIds: [batch.hardwareId], engineIds: [batch.engineId],
        quantizationIds: [batch.quantizationId])
      let page = try await services.catalog.listResults(
        ListResultsRequest(pageSize: 100, filter: filter, runId: run?.id ?? ""))
      let known = Set(page.results.compactMap { $0.result?.provenance?.engineVersion })
      versions[Self.key(batch)] = known.subtracting([""]).sorted()
    }
  }

  /// The versions that measured a batch's configurations; none before its first result.
  func of(_ batch: Batch) -> [String] { versions[Self.key(batch)] ?? [] }

  private static func key(_ batch: Batch) -> [String] {
    [batch.modelId, batch.hardwareId, batch.engineId, batch.quantizationId]
  }
}

extension Run {
  /// The run in a few lines.
  var lines: [String] {
    var text =
      "run \(id) \"\(name)\": \(Names.text(state)), "
      + "\(Format.grouped(completedCount)) of \(Format.grouped(configurationCount)) "
      + "configurations done"
    if failedCount > 0 { text += ", \(Format.grouped(failedCount)) failed" }
    text += ", \(Format.counted(committedSampleCount, "sample")) committed"
    var lines = [
      text,
      "  \(Format.counted(requestsPerConfiguration, "request")) a configuration, "
        + "\(Format.counted(batchCount, "batch", "batches")), created \(Format.time(createdAt))",
    ]
    if infeasibleCount > 0 {
      lines.append("  \(Format.grouped(infeasibleCount)) infeasible configurations left out")
    }
    if let waiting = waitingText { lines.append("  " + waiting) }
    return lines
  }

  /// "3 batches wait for an agent, and none that is connected fits: h100-80gb-x1 with vllm fp16
  /// for org/model (3)"; nil when there is no such batch. Only of a run with its batches.
  var waitingText: String? {
    let waiting = batches.filter(\.lacksAgent)
    guard !waiting.isEmpty else { return nil }
    let needs = Dictionary(grouping: waiting) { batch in
      "\(batch.hardwareId) with \(batch.engineId) \(batch.quantizationId) for \(batch.modelId)"
    }.map { (need: $0.key, count: $0.value.count) }
      .sorted { ($1.count, $0.need) < ($0.count, $1.need) }
    let listed = needs.prefix(5).map { "\($0.need) (\($0.count))" }.joined(separator: ", ")
    let rest = needs.count > 5 ? " and \(needs.count - 5) more" : ""
    let (noun, verb) = waiting.count == 1 ? ("batch", "waits") : ("batches", "wait")
    return "\(Format.grouped(waiting.count)) \(noun) \(verb) for an agent, and none that is "
      + "connected fits: \(listed)\(rest)"
  }

  /// "batch 3: 6 of 6 failed, the first because: ..." for each batch with a failure. Only of a run
  /// with its batches.
  var failureLines: [String] {
    batches.filter { $0.failedCount > 0 }.map { batch in
      "batch \(batch.index): \(batch.failedCount) of \(batch.configurationCount) failed, the first "
        + "because: \(batch.firstFailure)"
    }
  }

  /// As JSON.
  var json: JSONValue {
    .object([
      ("id", .string(id)), ("name", .string(name)), ("state", .string(Names.text(state))),
      ("requests_per_configuration", .count(requestsPerConfiguration)),
      ("warmup_requests", .count(warmupRequests)), ("seed", .string(String(seed))),
      ("configuration_count", .integer(configurationCount)),
      ("completed_count", .integer(completedCount)), ("failed_count", .integer(failedCount)),
      ("infeasible_count", .integer(infeasibleCount)),
      ("committed_sample_count", .integer(committedSampleCount)),
      ("batch_count", .count(batchCount)), ("commit_number", .integer(commitNumber)),
      ("created_at", .optional(Format.time(createdAt))),
      ("started_at", .optional(Format.time(startedAt))),
      ("ended_at", .optional(Format.time(endedAt))),
      (
        "batches",
        .array(
          batches.map { batch in
            .object([
              ("id", .string(batch.id)), ("index", .count(batch.index)),
              ("state", .string(Names.text(batch.state))), ("model_id", .string(batch.modelId)),
              ("hardware_id", .string(batch.hardwareId)), ("engine_id", .string(batch.engineId)),
              ("quantization_id", .string(batch.quantizationId)),
              ("configuration_count", .count(batch.configurationCount)),
              ("ended_count", .count(batch.endedCount)),
              ("failed_count", .count(batch.failedCount)),
              ("first_failure", .optional(batch.firstFailure)),
              ("agent_id", .optional(batch.agentId)),
              ("fencing_token", .integer(batch.fencingToken)),
              ("lease_expires_at", .optional(Format.time(batch.leaseExpiresAt))),
              ("lacks_agent", .bool(batch.lacksAgent)),
            ])
          })
      ),
    ])
  }
}

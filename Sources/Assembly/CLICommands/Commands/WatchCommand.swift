import APIBindings
import ArgumentParser
import GRPC
import Glibc

/// `benchfront watch`: a run, live.
struct WatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Follow a run live, until it has ended.")
  @OptionGroup var server: ServerOptions
  @Argument(help: "The run's id.") var id: String
  @Option(
    parsing: .unconditional,
    help: .init("Only what came after this commit number.", valueName: "number"))
  var after: Int64 = 0
  @Flag(help: "Leave the samples out.") var statesOnly = false

  func validate() throws {
    guard after >= 0 else { throw usageError("--after must not be negative") }
  }

  func run() async throws {
    try await server.connected { services in
      try await Watcher(services: services, output: server.output, statesOnly: statesOnly)
        .follow(id, after: after)
    }
  }
}

/// Follows a run: one line for each execution that starts or ends, with the figures of its result,
/// and on a terminal one that counts the samples in place. As JSON, one object a line and commit.
struct Watcher {
  let services: Services
  let output: OutputFormat
  var statesOnly = false

  /// Prints every commit behind `number` until the run has ended; goes on behind the last one when
  /// the server is lost for a while. Says first, on standard error, when batches wait for an agent
  /// that is not there. Exit code 1 when the run failed.
  func follow(_ id: String, after number: Int64) async throws {
    var cursor = number
    var progress = WatchProgress(isTerminal: isatty(STDOUT_FILENO) == 1)
    var failures = 0
    var hasToldOfWaiting = false
    while true {
      do {
        if !hasToldOfWaiting, let run = try await services.control.getRun(.init(runId: id)).run {
          if let waiting = run.waitingText { printError(waiting) }
          hasToldOfWaiting = true
        }
        let request = WatchRunRequest(
          runId: id, afterCommitNumber: cursor, statesOnly: statesOnly)
        let commits = try await services.control.watchRun(request)
        while let commit = try await commits.next() {
          try await show(commit, &progress)
          cursor = commit.commitNumber
          failures = 0
        }
        break
      } catch let error as RPCError where error.code == .unavailable && failures < 30 {
        failures += 1
        if failures == 1 {
          printError("the watch was cut off (\(error.message)); watching again from \(cursor)")
        }
        try await Task.sleep(for: .seconds(1))
      }
    }
    try await finish(id, &progress)
  }

  private func show(_ commit: WatchRunResponse, _ progress: inout WatchProgress) async throws {
    // Whoever reads a pipe sees each commit when it comes.
    defer { fflush(nil) }
    if output == .json { return print(commit.json) }
    printLines(progress.lines(for: commit, result: try await result(of: commit)))
    progress.drawCounter()
  }

  /// The result of an execution that this commit completes: it was stored with it.
  private func result(of commit: WatchRunResponse) async throws -> APIBindings.Result? {
    guard case .execution(let change) = commit.event, change.state == .completed,
      let id = change.configuration?.id
    else { return nil }
    do {
      let request = GetConfigurationRequest(configurationId: id)
      return try await services.catalog.getConfiguration(request).results
        .first { $0.id == change.executionId }
    } catch let error as RPCError where error.code != .unavailable {
      // Who may watch may not read the catalog; the line stands without figures.
      return nil
    }
  }

  private func finish(_ id: String, _ progress: inout WatchProgress) async throws {
    progress.clearCounter()
    guard let run = try await services.control.getRun(GetRunRequest(runId: id)).run else { return }
    if output == .table {
      printLines(run.lines)
      if run.completedCount > 0 { print("Its figures: benchfront results --run \(id)") }
    }
    if run.state == .failed { throw ExitCode(1) }
  }
}

/// What a watcher has seen so far.
struct WatchProgress {
  let isTerminal: Bool
  private var samples = 0
  private var errors = 0
  private var configurations: [String: Configuration] = [:]
  private var isCounterDrawn = false

  init(isTerminal: Bool) { self.isTerminal = isTerminal }

  /// The lines that a commit is worth; `result` is what it completes.
  mutating func lines(
    for commit: WatchRunResponse, result: APIBindings.Result? = nil
  ) -> [String] {
    switch commit.event {
    case .samples(let watched):
      samples += watched.samples.count
      errors += watched.samples.count { $0.outcome != .ok }
      return []
    case .execution(let change):
      if let configuration = change.configuration {
        configurations[change.executionId] = configuration
      }
      return line(change, result).map { clearing([$0]) } ?? []
    case .run, nil: return []
    }
  }

  /// Rewrites the counter of what was seen in place; nothing where output is not a terminal.
  mutating func drawCounter() {
    guard isTerminal, samples > 0 else { return }
    isCounterDrawn = true
    var text = "\r\u{1B}[K  \(Format.grouped(samples)) samples seen"
    if errors > 0 { text += ", \(Format.grouped(errors)) errors" }
    print(text, terminator: "")
    fflush(nil)
  }

  /// Removes the counter.
  mutating func clearCounter() {
    guard isCounterDrawn else { return }
    print("\r\u{1B}[K", terminator: "")
    isCounterDrawn = false
  }

  private mutating func clearing(_ lines: [String]) -> [String] {
    clearCounter()
    return lines
  }

  private func line(_ change: ExecutionChange, _ result: APIBindings.Result?) -> String? {
    guard let configuration = change.configuration ?? configurations[change.executionId] else {
      return nil
    }
    let what =
      "\(configuration.modelId) \(configuration.hardwareId) \(configuration.engineText) "
      + configuration.workloadText
    switch change.state {
    case .running: return "  measuring  \(what)"
    case .completed: return "  done       \(what)" + (result.map { "  (\($0.summary))" } ?? "")
    case .failed: return "  failed     \(what): \(change.failure)"
    case .cancelled: return "  cancelled  \(what)"
    case .pending: return "  waiting    \(what)"
    default: return nil
    }
  }
}

extension APIBindings.Result {
  /// "40 requests, 2 failed: TTFT 12.3 ms, TPOT 4.56 ms, 210 TOK/S".
  fileprivate var summary: String {
    let figures = [
      typical(.ttft).map { "TTFT \($0.text)" }, typical(.tpot).map { "TPOT \($0.text)" },
      typical(.outputThroughput).map { "\($0.text) TOK/S" },
    ].compactMap(\.self)
    let failed = errorCount > 0 ? ", \(Format.grouped(errorCount)) failed" : ""
    return Format.counted(requestCount, "request") + failed + (figures.isEmpty ? "" : ": ")
      + figures.joined(separator: ", ")
  }
}

extension WatchRunResponse {
  /// As JSON on one line.
  fileprivate var json: String {
    var members: [(String, JSONValue)] = [
      ("commit_number", .integer(commitNumber)),
      ("committed_at", .string(Format.time(committedAt))),
    ]
    switch event {
    case .samples(let watched):
      members += [
        ("execution_id", .string(watched.executionId)),
        ("configuration_id", .string(watched.configurationId)),
        ("samples", .array(watched.samples.map(\.json))),
      ]
    case .execution(let change):
      members += [
        ("execution_id", .string(change.executionId)),
        ("state", .string(Names.text(change.state))), ("failure", .optional(change.failure)),
        ("agent_id", .optional(change.agentId)),
        ("configuration", change.configuration?.json ?? .null),
      ]
    case .run(let run): members.append(("run", run.json))
    case nil: break
    }
    return JSONValue.object(members).line
  }
}

package import APIBindings
import APIMapping
package import BenchmarkDomain
package import GRPC
import Scheduling
package import Storage
import Telemetry

/// `benchfront.v1.BenchmarkControl` on a store.
package final class BenchmarkController: BenchmarkControlProvider {
  /// What its sessions share.
  package let plane: ControlPlane
  let sessions = SessionRegistry()
  let agentGot: @Sendable (Principal?, String) -> Void
  private let sweeper: LeaseSweeper

  /// Makes the service; `start` begins its recovery and its sweeps. `metrics` count what it does,
  /// `relay` hears of each run that something was done to here, for the servers beside this one,
  /// `writing` of the writes of each model's results, `agentGot` of each session and each batch
  /// that an agent got, and under which name; `log` what an operator should know.
  package init(
    catalog: any CatalogStore, runs: any RunStore, settings: ControlSettings = ControlSettings(),
    version: String, clock: @escaping @Sendable () -> WallTime,
    metrics: ControlMetrics = ControlMetrics(MetricRegistry()),
    relay: @escaping @Sendable (String) -> Void = { _ in },
    writing: @escaping @Sendable (WritePhase, _ modelID: String) -> Void = { _, _ in },
    agentGot: @escaping @Sendable (Principal?, String) -> Void = { _, _ in },
    log: @escaping @Sendable (String) -> Void
  ) {
    self.agentGot = agentGot
    plane = ControlPlane(
      runs: runs, catalog: catalog, settings: settings, version: version, clock: clock,
      makeID: {
        Identifier.uuidVersion7(
          at: clock(),
          random: (UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max)))
      }, metrics: metrics, relay: relay, writing: writing, log: log)
    sweeper = LeaseSweeper(plane: plane, log: log)
  }

  /// Finishes what a crash left unfinished, and takes expired leases back from now on.
  package func start() async { await sweeper.start() }

  /// Stops the sweeps, and ends every session, watch and plan, which would last for hours: agents
  /// and watchers come back to the next server.
  package func stop() async {
    plane.planning.stop()
    await plane.signals.finish()
    await sweeper.stop()
  }

  /// Says whether the store fails as a whole: leases do not expire then.
  package func noteStore(fails: Bool) { sweeper.noteStore(fails: fails) }

  /// Wakes who follows a run: another server has done something to it.
  package func wake(run id: String) async { await plane.signals.wake(.run(id)) }

  /// Has sessions look for work and at their leases: another server may have changed them.
  package func wakeAgents() async {
    await plane.signals.wake(.work)
    await plane.signals.wake(.cancellation)
  }

  /// Wakes everybody who waits: what other servers have done meanwhile is not known.
  package func wakeAll() async { await plane.signals.wakeAll() }

  /// Says what a matrix would make.
  package func previewMatrix(
    _ request: PreviewMatrixRequest.View, _ context: ServerContext
  ) throws -> Reply<PreviewMatrixResponse> {
    let matrix = try Matrix(request.matrix?.value, at: "matrix")
    let size = try Request.number(request.sampleSize, in: 0...100, at: "sample_size")
    return later { [plane] in
      PreviewMatrixResponse(
        try await RunPlanner(plane: plane).preview(matrix, sampleSize: Int(size)))
    }
  }

  /// Creates a run.
  package func createRun(
    _ request: CreateRunRequest.View, _ context: ServerContext
  ) throws -> Reply<CreateRunResponse> {
    let wanted = try RunRequest(request)
    context.subject = "run of \(wanted.name.isEmpty ? wanted.matrix.name : wanted.name)"
    return later { [plane] in
      let run = try await RunPlanner(plane: plane).create(wanted)
      context.subject = "run \(run.id)"
      return CreateRunResponse(run: APIBindings.Run(run))
    }
  }

  /// Returns a run with its batches, which of them wait for an agent that is not there, and what
  /// failed in each.
  package func getRun(
    _ request: GetRunRequest.View, _ context: ServerContext
  ) throws -> Reply<GetRunResponse> {
    let id = try Request.id(request.runId.string, at: "run_id")
    return later { [plane, sessions] in
      guard let run = try await plane.runs.run(id) else {
        throw RPCError(.noRun(id))
      }
      let batches = try await plane.runs.batches(runID: id)
      var stranded: Set<String> = []
      if batches.contains(where: { $0.state == .pending }) {
        // Those that were heard of last come first.
        let agents = try await plane.runs.agents(page: PageRequest(size: 1_000)).items
        let connected = await sessions.connected(
          among: agents, at: plane.clock(), patience: plane.settings.leaseDuration)
        stranded = LeaseRules.stranded(batches, connected: connected.map(\.inventory))
      }
      let failures = run.failedCount > 0 ? try await plane.runs.failures(runID: id) : []
      return GetRunResponse(
        run: APIBindings.Run(run, batches: batches, withoutAgent: stranded, failures: failures))
    }
  }

  /// Lists runs.
  package func listRuns(
    _ request: ListRunsRequest.View, _ context: ServerContext
  ) throws -> Reply<ListRunsResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    let state = try RunState(filtering: request.state, at: "state")
    return later { [plane] in
      let runs = try await plane.runs.runs(state: state, page: page)
      return ListRunsResponse(
        runs: runs.items.map { APIBindings.Run($0) }, nextPageToken: runs.nextToken)
    }
  }

  /// Cancels a run, and has every session look at its leases.
  package func cancelRun(
    _ request: CancelRunRequest.View, _ context: ServerContext
  ) throws -> Reply<CancelRunResponse> {
    let id = try Request.id(request.runId.string, at: "run_id")
    context.subject = "run \(id)"
    return later { [plane] in
      guard try await plane.runs.run(id) != nil else { throw RPCError(.noRun(id)) }
      let run = try await plane.runs.cancelRun(id)
      await plane.signals.publish(.run(id))
      await plane.signals.publish(.cancellation)
      return CancelRunResponse(run: APIBindings.Run(run))
    }
  }

  /// Lists agents.
  package func listAgents(
    _ request: ListAgentsRequest.View, _ context: ServerContext
  ) throws -> Reply<ListAgentsResponse> {
    let page = try PageRequest(request.pageSize, request.pageToken.string)
    return later { [plane, sessions] in
      let agents = try await plane.runs.agents(page: page)
      let connected = await sessions.connected(
        among: agents.items, at: plane.clock(), patience: plane.settings.leaseDuration)
      let ids = Set(connected.map(\.id))
      return ListAgentsResponse(
        agents: agents.items.map {
          APIBindings.Agent($0, isConnected: ids.contains($0.id))
        }, nextPageToken: agents.nextToken)
    }
  }

  /// Follows a run.
  package func watchRun(
    _ request: WatchRunRequest.View, _ responses: ResponseStream<WatchRunResponse>
  ) async throws {
    let id = try Request.id(request.runId.string, at: "run_id")
    let number = request.afterCommitNumber
    let statesOnly = request.statesOnly
    try await translating { [plane] in
      try await RunWatch(plane: plane).follow(id, after: number) { commit in
        if statesOnly, case .samples = commit.event { return }
        try await responses.send(WatchRunResponse(commit))
      }
    }
  }

  /// Answers behind the store, with its errors as statuses.
  private func later<Response>(
    _ work: @escaping @Sendable () async throws -> Response
  ) -> Reply<Response> {
    .later { try await translating(work) }
  }
}

/// Runs `work`; turns the errors of the store, the matrix and the session into statuses.
func translating<Outcome>(_ work: () async throws -> Outcome) async throws -> Outcome {
  do {
    return try await work()
  } catch let error as StorageError {
    throw RPCError(error)
  } catch let error as MatrixError {
    throw RPCError(error, at: "matrix")
  } catch let violation as SessionViolation {
    throw RPCError(.invalidArgument, violation.message).because("SESSION_VIOLATION")
  } catch let overload as SessionOverload {
    throw RPCError(.resourceExhausted, overload.message).because("SESSION_OVERLOAD")
  } catch let overload as PlanningOverload {
    let error = RPCError(.resourceExhausted, overload.message).because("PLANNING_BUSY")
    throw
      (overload.limit.map { error.over(quota: "waiting-matrices", of: "server", value: $0) }
      ?? error).retry(after: .seconds(1))
  }
}

extension StorageError {
  /// The one sentence for a run that is not there.
  static func noRun(_ id: String) -> StorageError {
    StorageError(.notFound, "there is no run '\(id)'")
  }
}

extension RunRequest {
  /// Reads a request to create a run.
  fileprivate init(_ request: CreateRunRequest.View) throws(RPCError) {
    self.init(
      name: try Request.text(request.name.string, at: "name"),
      matrix: try Matrix(request.matrix?.value, at: "matrix"),
      requestsPerConfiguration: try Request.number(
        request.requestsPerConfiguration, in: 0...100_000, at: "requests_per_configuration"),
      warmupRequests: try Request.number(
        request.warmupRequests, in: 0...100_000, at: "warmup_requests"),
      seed: try Request.number(request.seed, in: 0...UInt64(Int64.max), at: "seed"),
      requestID: try Request.text(request.requestId.string, at: "request_id"))
  }
}

/// Checks of the fields that are no domain values.
private enum Request {
  static func number<Number: FixedWidthInteger>(
    _ value: Number, in range: ClosedRange<Number>, at field: String
  ) throws(RPCError) -> Number {
    guard range.contains(value) else {
      throw .invalidArgument(
        field: field,
        reason: "must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
    }
    return value
  }

  static func id(_ value: String, at field: String) throws(RPCError) -> String {
    guard !value.isEmpty else { throw .invalidArgument(field: field, reason: "must not be empty") }
    return try text(value, at: field)
  }

  static func text(_ value: String, at field: String) throws(RPCError) -> String {
    guard value.utf8.count <= 200, !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
      throw .invalidArgument(
        field: field, reason: "must have at most 200 bytes and no control characters")
    }
    return value
  }
}

import BenchmarkDomain
import Scheduling
import Statistics
package import Storage

/// A moment of a write: anybody may see what it writes between the two.
package enum WritePhase: Sendable {
  case begins
  case ends
}

/// Turns an execution whose requests are all committed into its result.
///
/// Runs in a second transaction behind the samples' own, and is idempotent: after a crash the
/// executions that still await their result are found and finished again.
package actor ResultWriter {
  private let runs: any RunStore
  private let catalog: any CatalogStore
  private let signals: RunSignals
  private let toolVersion: String
  private let writing: @Sendable (WritePhase, _ modelID: String) -> Void
  private var inProgress: [String: Task<Void, any Error>] = [:]

  /// Makes a writer; `toolVersion` stands in the provenance, `writing` hears when a result of a
  /// model is about to be stored, and when it is or has failed.
  package init(
    runs: any RunStore, catalog: any CatalogStore, signals: RunSignals, toolVersion: String,
    writing: @escaping @Sendable (WritePhase, _ modelID: String) -> Void
  ) {
    self.runs = runs
    self.catalog = catalog
    self.signals = signals
    self.toolVersion = toolVersion
    self.writing = writing
  }

  /// Finishes every execution that awaits its result. Those that somebody is at, here or in another
  /// transaction, are waited for, or left alone.
  package func finishAll(waits: Bool = true) async throws {
    var failure: (any Error)?
    for execution in try await runs.executionsAwaitingResult()
    where waits || inProgress[execution.id] == nil {
      // One that cannot be finished must not keep the others.
      do { try await finish(execution.id, waits: waits) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// Finishes one execution; joins another call that is at it, and does nothing when it has ended.
  package func finish(_ executionID: String) async throws {
    if let running = inProgress[executionID] {
      try await running.value
      // The other call may have left it to whoever has the run.
      guard try await runs.execution(executionID)?.awaitsResult == true else { return }
    }
    try await finish(executionID, waits: true)
  }

  private func finish(_ executionID: String, waits: Bool) async throws {
    if let running = inProgress[executionID] { return try await running.value }
    let task = Task { try await write(executionID, waits: waits) }
    inProgress[executionID] = task
    defer { inProgress[executionID] = nil }
    try await task.value
  }

  private func write(_ executionID: String, waits: Bool) async throws {
    guard let execution = try await runs.execution(executionID), execution.awaitsResult
    else { return }
    let samples = try await runs.samples(executionID: executionID)
    let ending = try await ending(of: execution, samples: samples)
    let rule: @Sendable (inout BatchAggregate) throws -> Void = { state in
      do throws(SchedulingRefusal) {
        switch ending {
        case .result(let result): _ = try ExecutionRules.complete(&state, result)
        case .failure(let reason): try ExecutionRules.fail(&state, executionID, because: reason)
        }
      } catch .executionEnded, .runEnded {
        // Somebody else ended it: nothing is left to do.
      }
    }
    let modelID = execution.configuration.modelID
    writing(.begins, modelID)
    defer { writing(.ends, modelID) }
    if waits {
      try await runs.updateBatch(execution.batchID, fence: nil, rule)
    } else {
      guard try await runs.updateFreeBatch(execution.batchID, rule) != nil else { return }
    }
    await signals.publish(.run(execution.runID))
  }

  private enum Ending {
    case result(BenchmarkResult)
    case failure(String)
  }

  private func ending(of execution: Execution, samples: [RequestSample]) async throws -> Ending {
    let errors = samples.filter { $0.outcome != .ok }
    guard errors.count < samples.count else {
      return .failure(Self.describe(errors, of: samples.count))
    }
    let profile = try await catalog.hardware(execution.configuration.hardwareID)
    let metrics: RunMetrics
    do {
      metrics = try RunMetrics(
        samples: samples, concurrency: Int(execution.configuration.workload.concurrency))
    } catch {
      return .failure("the samples contradict themselves: \(error.message)")
    }
    return .result(
      BenchmarkResult(
        id: execution.id, configurationID: execution.configuration.id, runID: execution.runID,
        provenance: Provenance(
          kind: execution.isSimulated ? .simulated : .measured, tool: "benchfront",
          toolVersion: toolVersion, source: "execution \(execution.id)",
          engineVersion: execution.engineVersion, modelRevision: execution.modelRevision),
        measuredAt: execution.startedAt, requestCount: Int64(samples.count),
        errorCount: Int64(errors.count),
        measurements: metrics.measurements(
          acceleratorCount: Int(profile?.acceleratorCount ?? 1))))
  }

  /// "all 16 requests failed: 12 connection_failed, 4 timed_out".
  private static func describe(_ errors: [RequestSample], of count: Int) -> String {
    let classes = Dictionary(grouping: errors, by: \.outcome)
      .map { ($0.value.count, $0.key.name) }
      .sorted { $0 > $1 }
      .map { "\($0.0) \($0.1)" }
    return "all \(count) requests failed: " + classes.joined(separator: ", ")
  }
}

extension Execution {
  /// True while all its requests are committed and it has no result.
  fileprivate var awaitsResult: Bool { !state.isTerminal && committed.isFull }
}

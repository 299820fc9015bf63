package import BenchmarkDomain
package import HTTPClient
import Reactor

/// Keeps a workload's concurrency in flight over a list of requests, warm-up first.
///
/// The measured requests follow the warm-up without a pause, so that the engine's batch is never
/// empty between them; none is sent before one of the warm-up has ended well. One driver runs once.
// @unchecked: after `init` every variable is touched on the client's loop alone.
package final class ClosedLoopDriver: @unchecked Sendable {
  private let client: TransferClient
  private let plan: LoadPlan
  private let requests: CompletionRequest
  private var flights: [ObjectIdentifier: Flight] = [:]
  private var nextWarmup = 0
  private var nextMeasured = 0
  private var failuresInARow = 0
  private var summary = LoadSummary()
  private var onSample: ((RequestSample) -> Void)?
  private var continuation: CheckedContinuation<LoadSummary, any Error>?
  private var isStopped = false

  /// Makes a driver that sends by `client`.
  package init(client: TransferClient, plan: LoadPlan) {
    self.client = client
    self.plan = plan
    requests = CompletionRequest(plan)
  }

  /// Sends everything and returns when all is reported, or when it was stopped.
  ///
  /// `onSample` is called on the loop as each measured request ends and must not block. Throws
  /// `LoadError`; what was reported before stays good. A cancelled task stops it.
  package func run(
    onSample: @escaping @Sendable (RequestSample) -> Void
  ) async throws -> LoadSummary {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        client.loop.perform { self.begin(onSample, continuation) }
      }
    } onCancel: {
      stop()
    }
  }

  /// Stops sending and abandons what is in flight, unreported; callable from any thread.
  package func stop() {
    client.loop.execute {
      self.isStopped = true
      self.finish(nil)
    }
  }

  private func begin(
    _ onSample: @escaping (RequestSample) -> Void,
    _ continuation: CheckedContinuation<LoadSummary, any Error>
  ) {
    precondition(self.continuation == nil && nextMeasured == 0, "a driver runs once")
    self.onSample = onSample
    self.continuation = continuation
    if isStopped { return finish(nil) }
    fill()
  }

  // MARK: The loop

  private func fill() {
    while continuation != nil, flights.count < max(1, Int(plan.workload.concurrency)) {
      if nextWarmup < plan.warmupCount, !plan.indices.isEmpty {
        nextWarmup += 1
        launch(UInt32(nextWarmup - 1), isWarmup: true)
      } else if nextMeasured < plan.indices.count, isWarm {
        nextMeasured += 1
        launch(plan.indices[nextMeasured - 1], isWarmup: false)
      } else {
        break
      }
    }
    if continuation != nil, flights.isEmpty { finish(nil) }
  }

  private var isWarm: Bool { plan.warmupCount == 0 || summary.warmupSucceeded > 0 }

  private func launch(_ index: UInt32, isWarmup: Bool) {
    let flight = Flight(
      index: index, isWarmup: isWarmup, plan: plan, now: client.loop.now(),
      onEnd: { [weak self] in self?.ended($0) })
    do throws(TransferError) {
      flights[ObjectIdentifier(flight)] = flight
      flight.transfer = try client.start(
        requests.request(index: index, isWarmup: isWarmup), flight)
    } catch {
      finish(LoadError(code: .badPlan, message: error.message))
    }
  }

  private func ended(_ flight: Flight) {
    guard flights.removeValue(forKey: ObjectIdentifier(flight)) != nil else { return }
    let outcome = flight.sample.outcome
    if let failure = flight.failure, summary.firstFailure == nil { summary.firstFailure = failure }
    failuresInARow = outcome == .connectionFailed ? failuresInARow + 1 : 0
    if flight.isWarmup {
      if outcome == .ok { summary.warmupSucceeded += 1 } else { summary.warmupFailed += 1 }
    } else {
      summary.outcomes[outcome, default: 0] += 1
      onSample?(flight.sample)
    }
    let reason = flight.failure ?? ""
    if summary.warmupSucceeded == 0, plan.warmupCount > 0, summary.warmupFailed == plan.warmupCount
    {
      finish(LoadError(code: .warmupFailed, message: "every warm-up request failed: \(reason)"))
    } else if failuresInARow >= plan.lostAfterFailures {
      finish(LoadError(code: .engineLost, message: "the engine cannot be reached: \(reason)"))
    } else {
      fill()
    }
  }

  private func finish(_ error: LoadError?) {
    guard let waiting = continuation else { return }
    continuation = nil
    onSample = nil
    let abandoned = flights
    flights = [:]
    for flight in abandoned.values { flight.transfer?.cancel() }
    summary.wasStopped = summary.reported < plan.indices.count
    if let error { waiting.resume(throwing: error) } else { waiting.resume(returning: summary) }
  }
}

package import BenchmarkDomain
package import EngineControl
import Glibc
package import HTTPClient
package import LoadGenerator
import Reactor

/// Measures on real engines: one controller for each engine, requests over HTTP.
package actor EngineRunner: ExecutionRunner {
  private let client: TransferClient
  private let controller: any EngineController
  private let api: CompletionAPI
  private let requestTimeout: Duration
  private var engine: RunningEngine?

  /// Makes a runner that sends by `client` to what `controller` brings up; a request that takes
  /// longer than `requestTimeout` is given up.
  package init(
    client: TransferClient, controller: any EngineController, api: CompletionAPI,
    requestTimeout: Duration
  ) {
    self.client = client
    self.controller = controller
    self.api = api
    self.requestTimeout = requestTimeout
  }

  /// Brings the engine up; throws `EngineError`.
  package func prepare(_ configuration: Configuration) async throws -> EngineIdentity {
    let running = try await controller.start(for: configuration)
    engine = running
    return EngineIdentity(
      version: running.version, modelRevision: running.modelRevision,
      isSimulated: running.isSimulated)
  }

  /// Measures; throws `LoadError` when the engine is lost.
  package func measure(
    _ job: MeasuringJob, onStart: @escaping @Sendable (WallTime) async -> Void,
    onSample: @escaping @Sendable (RequestSample) async -> Void
  ) async throws {
    guard let engine else { return }
    let origin = MonotonicTime.now()
    await onStart(Self.wallClock())
    var plan = LoadPlan(
      endpoint: engine.endpoint, api: api, modelName: engine.modelName,
      configuration: job.configuration, indices: job.indices.map { UInt32($0) },
      warmupRequests: Int32(job.warmupRequests), seed: job.seed, segment: job.segment,
      origin: origin)
    plan.headers = engine.headers
    plan.requestTimeout = requestTimeout
    // Samples leave the measuring loop at once and are kept in order by one reader.
    let (samples, arrivals) = AsyncStream.makeStream(of: RequestSample.self)
    let reader = Task { for await sample in samples { await onSample(sample) } }
    do {
      _ = try await ClosedLoopDriver(client: client, plan: plan).run { arrivals.yield($0) }
    } catch {
      arrivals.finish()
      await reader.value
      throw error
    }
    arrivals.finish()
    await reader.value
    try Task.checkCancellation()
  }

  /// Brings the engine down.
  package func shutDown() async { await controller.stop() }

  private static func wallClock() -> WallTime {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return WallTime(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
  }
}

import BenchmarkControlService
import BenchmarkDomain
import Foundation
import SQLiteStorage
import Storage
import Synchronization
import Telemetry
import Testing

/// A control plane on a real store in a folder of its own, with a clock that tests move and faults
/// that they make.
final class Rig: Sendable {
  let folder: String
  let store: SQLiteStore
  let faults: FaultyStore
  let plane: ControlPlane
  let clock: TestClock
  let logged: LogMemory

  init(
    settings: ControlSettings = ControlSettings(), folder: String? = nil,
    metrics: ControlMetrics = ControlMetrics(MetricRegistry())
  ) async throws {
    let clock = TestClock()
    self.clock = clock
    self.folder =
      folder
      ?? FileManager.default.temporaryDirectory
      .appending(path: "benchfront-\(UUID().uuidString)").path()
    store = try SQLiteStore(folder: self.folder, clock: { clock.now })
    faults = FaultyStore(store)
    let ids = Atomic64()
    let prefix = UUID().uuidString
    let log = LogMemory()
    logged = log
    plane = ControlPlane(
      runs: faults, catalog: store, settings: settings, version: "test", clock: { clock.now },
      makeID: { "\(prefix)-\(ids.next())" }, metrics: metrics, log: { log.add($0) })
    for model in SeedCatalog.models { _ = try await store.register(model) }
    for hardware in SeedCatalog.hardware { _ = try await store.register(hardware) }
    for engine in SeedCatalog.engines { _ = try await store.register(engine) }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A run of `concurrency.count` configurations in one batch.
  func makeRun(requests: Int32 = 4, concurrency: [Int32] = [1, 2]) async throws -> Run {
    try await RunPlanner(plane: plane).create(
      RunRequest(
        name: "", matrix: Self.matrix(concurrency: concurrency),
        requestsPerConfiguration: requests, warmupRequests: 0, seed: 7, requestID: ""))
  }

  static func matrix(concurrency: [Int32] = [1, 2]) -> Matrix {
    Matrix(
      name: "test", modelIDs: ["meta-llama/Llama-3.1-8B-Instruct"],
      hardwareIDs: ["h100-80gb-x1"], engineIDs: ["vllm"], quantizationIDs: ["fp16"],
      workloads: [
        WorkloadPattern(
          name: "chat", inputTokens: [128], outputTokens: [64], concurrency: concurrency)
      ])
  }

  static let inventory = AgentInventory(
    hostName: "h", agentVersion: "0", hardwareIDs: ["h100-80gb-x1"], engineIDs: ["vllm"])
}

/// A clock that stands until it is moved.
final class TestClock: Sendable {
  private let time = Mutex(WallTime(seconds: 1_000_000))
  var now: WallTime { time.withLock { $0 } }
  func advance(_ duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
}

/// Keeps what was logged.
final class LogMemory: Sendable {
  private let kept = Mutex<[String]>([])
  var lines: [String] { kept.withLock { $0 } }
  func add(_ line: String) { kept.withLock { $0.append(line) } }
}

/// Counts.
final class Atomic64: Sendable {
  private let value = Mutex(0)
  func next() -> Int {
    value.withLock {
      $0 += 1
      return $0
    }
  }
}

/// An agent that is driven by hand; remembers what the server says.
final class HandAgent: Sendable {
  let id: String
  let session: AgentSession

  init(_ id: String, _ rig: Rig) {
    self.id = id
    session = AgentSession(services: rig.plane)
  }

  /// Waits for the first message that `pick` accepts; every other one is passed over.
  func next<Picked>(_ pick: (ServerMessage) -> Picked?) async -> Picked? {
    for await message in session.outgoing {
      if let picked = pick(message) { return picked }
    }
    return nil
  }

  func hello(_ rig: Rig, held: [Fence] = []) async throws {
    try await session.receive(
      .hello(agentID: id, inventory: Rig.inventory, heldLeases: held))
  }

  /// Says hello, asks for a batch and returns it.
  func lease(_ rig: Rig) async throws -> GrantedLease {
    try await hello(rig)
    try await session.receive(.leaseRequest)
    return try #require(await nextLease())
  }

  func nextLease() async -> GrantedLease? {
    await next { if case .lease(let lease) = $0 { lease } else { nil } }
  }

  func nextAcknowledgement() async -> UInt64? {
    await next { if case .acknowledged(_, let sequence, _) = $0 { sequence } else { nil } }
  }

  /// So many acknowledgements, in order: those of one group may overtake one another.
  func acknowledged(_ count: Int) async -> [UInt64] {
    var sequences: [UInt64] = []
    while sequences.count < count, let sequence = await nextAcknowledgement() {
      sequences.append(sequence)
    }
    return sequences.sorted()
  }

  /// The first error beside the messages that ends the session.
  func failure() async -> (any Error)? {
    for await error in session.failures { return error }
    return nil
  }

  func nextRevocation() async -> RevocationCode? {
    await next { if case .revoked(_, let code, _) = $0 { code } else { nil } }
  }

  /// Begins a segment and sends the samples of `indices`.
  func measure(
    _ item: WorkItem, _ fence: Fence, _ indices: [UInt32], sequence: UInt64, segment: UInt32? = nil
  ) async throws {
    let segment = segment ?? item.nextSegment
    try await begin(item, fence, segment)
    try await session.receive(
      .samples(
        fence, executionID: item.executionID, sequence: sequence,
        indices.map { Self.sample($0, segment: segment) }))
  }

  /// Begins a segment.
  func begin(_ item: WorkItem, _ fence: Fence, _ segment: UInt32 = 0) async throws {
    try await session.receive(
      .segmentStarted(
        fence,
        SegmentStart(
          executionID: item.executionID, segment: segment, wallClockAnchor: WallTime(seconds: 1),
          engineVersion: "1", modelRevision: "r")))
  }

  static func sample(_ index: UInt32, segment: UInt32 = 0) -> RequestSample {
    let sent = UInt64(index) * 1_000_000_000
    return RequestSample(
      requestIndex: index, segment: segment, outcome: .ok, httpStatus: 200, scheduled: sent,
      sent: sent, firstByte: sent + 100_000_000, firstContent: sent + 100_000_000,
      firstVisible: sent + 100_000_000, lastContent: sent + 730_000_000, end: sent + 730_000_000,
      inputTokens: 128, outputTokens: 64, tokenSource: .usage, contentChunks: 64)
  }
}

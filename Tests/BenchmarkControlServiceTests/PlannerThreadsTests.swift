import BenchmarkDomain
import Glibc
import Storage
import Testing

@testable import BenchmarkControlService

@Suite("Planning")
struct PlannerThreadsTests {
  /// Computes until it is told to end.
  private static func spin(_ threads: PlannerThreads) -> Task<Void, any Error> {
    Task {
      try await threads.run { checkpoint in
        while true {
          try checkpoint()
          sched_yield()
        }
      }
    }
  }

  private static func reach(_ threads: PlannerThreads, running: Int, waiting: Int) async {
    while threads.load != (running, waiting) { await Task.yield() }
  }

  @Test("a few compute and a few wait; further ones are refused")
  func bounds() async throws {
    let threads = PlannerThreads(limit: 2, queueLimit: 1)
    let running = [Self.spin(threads), Self.spin(threads)]
    await Self.reach(threads, running: 2, waiting: 0)
    let waiting = Task { try await threads.run { _ in 7 } }
    await Self.reach(threads, running: 2, waiting: 1)
    await #expect(throws: PlanningOverload.self) { try await threads.run { _ in 8 } }
    running[0].cancel()
    await #expect(throws: CancellationError.self) { try await running[0].value }
    #expect(try await waiting.value == 7)
    running[1].cancel()
    await #expect(throws: CancellationError.self) { try await running[1].value }
    await Self.reach(threads, running: 0, waiting: 0)
    #expect(try await threads.run { _ in 9 } == 9, "a thread begins anew")
  }

  @Test("what waits and is abandoned leaves its place at once")
  func abandonedWait() async throws {
    let threads = PlannerThreads(limit: 1, queueLimit: 1)
    let running = Self.spin(threads)
    await Self.reach(threads, running: 1, waiting: 0)
    let waiting = Task { try await threads.run { _ in 7 } }
    await Self.reach(threads, running: 1, waiting: 1)
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    #expect(threads.load.waiting == 0)
    threads.stop()
    await #expect(throws: StorageError.self) { try await running.value }
  }

  /// 9.9 million combinations that 900 rules leave out, each asked for each of them: minutes.
  private static func huge() -> Matrix {
    var matrix = Rig.matrix()
    matrix.workloads[0].inputTokens = Array(1...1_100)
    matrix.workloads[0].concurrency = Array(1...9_000)
    matrix.exclude = (1...900).map { first in
      var rule = MatrixRule()
      rule.concurrency = stride(from: Int32(first), through: 9_000, by: 900).map { $0 }
      return rule
    }
    return matrix
  }

  @Test("a preview of millions ends with its caller")
  func abandonedPreview() async throws {
    let rig = try await Rig()
    let planner = RunPlanner(plane: rig.plane)
    let preview = Task { try await planner.preview(Self.huge(), sampleSize: 0) }
    await Self.reach(rig.plane.planning, running: 1, waiting: 0)
    preview.cancel()
    await #expect(throws: CancellationError.self) { try await preview.value }
  }

  @Test("a server that stops ends its previews and creations")
  func stoppedServer() async throws {
    let rig = try await Rig()
    let controller = BenchmarkController(
      catalog: rig.store, runs: rig.store, version: "test", clock: { rig.clock.now }, log: { _ in })
    let planner = RunPlanner(plane: controller.plane)
    let request = RunRequest(
      name: "", matrix: Self.huge(), requestsPerConfiguration: 0, warmupRequests: 0, seed: 0,
      requestID: "")
    let previews = (0..<2).map { _ in
      Task { try await planner.preview(Self.huge(), sampleSize: 0) }
    }
    let creation = Task { try await planner.create(request) }
    await Self.reach(controller.plane.planning, running: 2, waiting: 1)
    await controller.stop()
    for preview in previews {
      let error = await #expect(throws: StorageError.self) { try await preview.value }
      #expect(error?.code == .unavailable)
    }
    let error = await #expect(throws: StorageError.self) { try await creation.value }
    #expect(error?.code == .unavailable)
    await #expect(throws: StorageError.self) {
      try await planner.preview(Rig.matrix(), sampleSize: 0)
    }
  }

  @Test("a run of too many configurations is refused at the first that is too many")
  func creationCountsToItsLimit() async throws {
    var settings = ControlSettings()
    settings.maximumConfigurations = 10
    let rig = try await Rig(settings: settings)
    #expect(try await rig.makeRun(concurrency: Array(1...10)).configurationCount == 10)
    let error = await #expect(throws: StorageError.self) {
      try await rig.makeRun(concurrency: Array(1...10_000))
    }
    #expect(error?.code == .invalid)
    #expect(error?.message == "a run has at most 10 configurations")
  }
}

import BenchmarkControlService
import BenchmarkDomain
import Storage
import Testing

@Suite("Watching and planning")
struct WatchTests {
  @Test("a watcher gets every commit in order, and one that comes back goes on behind its number")
  func resumesByNumber() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let agent = HandAgent("a", rig)
    let lease = try await agent.lease(rig)
    try await agent.measure(lease.items[0], lease.fence, [0, 1, 2, 3], sequence: 1)
    _ = await agent.nextAcknowledgement()
    try await rig.plane.results.finishAll()
    var seen: [RunCommit] = []
    try await RunWatch(plane: rig.plane).follow(run.id, after: 0) { seen.append($0) }
    #expect(seen.map(\.number) == Array(1...Int64(seen.count)))
    let samples = seen.compactMap { commit -> [RequestSample]? in
      if case .samples(_, _, let samples) = commit.event { samples } else { nil }
    }
    #expect(samples.flatMap { $0 }.map(\.requestIndex).sorted() == [0, 1, 2, 3])
    var rest: [Int64] = []
    try await RunWatch(plane: rig.plane).follow(run.id, after: 3) { rest.append($0.number) }
    #expect(rest == Array(4...Int64(seen.count)))
  }

  @Test("a watcher of a run that is still going waits, and hears of what follows")
  func live() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let watch = Task {
      var count = 0
      try await RunWatch(plane: rig.plane).follow(run.id, after: 0) { _ in count += 1 }
      return count
    }
    _ = try await rig.store.cancelRun(run.id)
    await rig.plane.signals.publish(.run(run.id))
    #expect(try await watch.value >= 1)
  }

  @Test("what a watcher polls for wakes nobody else")
  func pollsForItself() async throws {
    var settings = ControlSettings()
    settings.watchPollInterval = .milliseconds(1)
    let rig = try await Rig(settings: settings)
    let run = try await rig.makeRun(concurrency: [1])
    let other = await rig.plane.signals.subscribe(.run(run.id))
    let reads = Atomic64()
    rig.faults.beforeReadingCommits {
      // Nobody publishes the end: only the watcher's own polls get this far, and find it.
      if reads.next() == 5 { _ = try await rig.store.cancelRun(run.id) }
    }
    try await RunWatch(plane: rig.plane).follow(run.id, after: 0) { _ in }
    await rig.plane.signals.finish()
    var wakeUps = 0
    for await _ in other { wakeUps += 1 }
    #expect(wakeUps == 0)
  }

  @Test("a watcher is told which commits are no longer kept, and goes on behind them")
  func dropped() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun(concurrency: [1])
    let ended = try await rig.store.cancelRun(run.id)
    #expect(ended.commitNumber == 2)
    rig.clock.advance(.seconds(1))
    try await rig.store.dropSamples(ofRunsEndedBefore: rig.clock.now)
    let watch = RunWatch(plane: rig.plane)
    let error = await #expect(throws: StorageError.self) {
      try await watch.follow(run.id, after: 0) { _ in }
    }
    #expect(
      error
        == StorageError(
          .failedPrecondition,
          "commits 1 to 1 of run '\(run.id)' are no longer kept: the oldest is 2, behind 1"))
    var seen: [RunCommit.Event] = []
    try await watch.follow(run.id, after: 1) { seen.append($0.event) }
    #expect(seen == [.run(ended)])
  }

  @Test("a number that the run has not reached is refused, and so is an unknown run")
  func refusesWrongNumbers() async throws {
    let rig = try await Rig()
    let run = try await rig.makeRun()
    let watch = RunWatch(plane: rig.plane)
    await #expect(throws: StorageError.self) { try await watch.follow(run.id, after: 99) { _ in } }
    await #expect(throws: StorageError.self) { try await watch.follow("no", after: 0) { _ in } }
  }

  @Test("a preview creates nothing, and counts what does not fit")
  func preview() async throws {
    let rig = try await Rig()
    var matrix = Rig.matrix()
    matrix.modelIDs = ["meta-llama/Llama-3.1-70B-Instruct"]
    let preview = try await RunPlanner(plane: rig.plane).preview(matrix, sampleSize: 5)
    #expect(preview.configurationCount == 2)
    #expect(preview.feasibleCount == 0)
    #expect(preview.infeasible.first?.reason == .weightsDoNotFit)
    #expect(try await rig.store.runs(state: nil, page: PageRequest()).items.isEmpty)
  }

  @Test("a run of nothing feasible is refused, and an unknown model is named")
  func refusals() async throws {
    let rig = try await Rig()
    var matrix = Rig.matrix()
    matrix.modelIDs = ["meta-llama/Llama-3.1-70B-Instruct"]
    let tooLarge = RunRequest(
      name: "", matrix: matrix, requestsPerConfiguration: 0, warmupRequests: 0, seed: 0,
      requestID: "")
    await #expect(throws: StorageError.self) {
      try await RunPlanner(plane: rig.plane).create(tooLarge)
    }
    matrix.modelIDs = ["no/such"]
    let unknown = matrix
    let error = await #expect(throws: MatrixError.self) {
      try await RunPlanner(plane: rig.plane).preview(unknown, sampleSize: 0)
    }
    #expect(error?.message.contains("no/such") == true)
    #expect(error?.message.contains("Qwen/Qwen2.5-7B-Instruct") == true, "what there is")
    var misspelt = Rig.matrix()
    misspelt.engineIDs = ["vllm", "lama.cpp"]
    let typo = misspelt
    let listed = await #expect(throws: MatrixError.self) {
      try await RunPlanner(plane: rig.plane).preview(typo, sampleSize: 0)
    }
    #expect(listed?.message.contains("registered are llama.cpp, ") == true, "the most alike first")
  }

  @Test("a creation that is repeated with the caller's id makes one run")
  func idempotentCreation() async throws {
    let rig = try await Rig()
    let request = RunRequest(
      name: "n", matrix: Rig.matrix(), requestsPerConfiguration: 2, warmupRequests: 0, seed: 1,
      requestID: "once")
    let planner = RunPlanner(plane: rig.plane)
    let first = try await planner.create(request)
    #expect(try await planner.create(request).id == first.id)
    #expect(try await rig.store.runs(state: nil, page: PageRequest()).items.count == 1)
  }

  @Test("the caller's id of another creation is refused, whatever differs")
  func requestIDOfAnother() async throws {
    let rig = try await Rig()
    let request = RunRequest(
      name: "", matrix: Rig.matrix(), requestsPerConfiguration: 0, warmupRequests: 0, seed: 1,
      requestID: "once")
    let planner = RunPlanner(plane: rig.plane)
    let first = try await planner.create(request)
    var defaults = request
    defaults.requestsPerConfiguration = 100
    defaults.name = request.matrix.name
    #expect(try await planner.create(defaults).id == first.id, "a default is what it stands for")
    let changes: [(inout RunRequest) -> Void] = [
      { $0.name = "other" }, { $0.requestsPerConfiguration = 5 }, { $0.warmupRequests = 1 },
      { $0.seed = 2 }, { $0.seed = 0 }, { $0.matrix.quantizationIDs = ["fp8"] },
      { $0.matrix.workloads[0].concurrency = [1] },
      {
        var rule = MatrixRule()
        rule.concurrency = [2]
        $0.matrix.exclude = [rule]
      },
    ]
    for change in changes {
      var other = request
      change(&other)
      let changed = other
      let error = await #expect(throws: StorageError.self) { try await planner.create(changed) }
      #expect(error?.code == .alreadyExists)
      #expect(error?.message.contains(first.id) == true)
    }
    #expect(try await rig.store.runs(state: nil, page: PageRequest()).items.count == 1)
  }
}

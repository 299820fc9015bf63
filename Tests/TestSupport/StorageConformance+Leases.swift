internal import BenchmarkDomain
internal import Storage

/// What a rule of the tests throws.
private struct RuleRefusal: Error, Equatable {}

extension StorageConformance {
  /// Takes a batch back from its agent, as a sweep does.
  private static func takeBack(_ test: StoreUnderTest) async throws {
    try await test.store.updateBatch("run-b0", fence: nil) { aggregate in
      aggregate.batch.state = .pending
      aggregate.batch.agentID = nil
      aggregate.batch.leaseExpiresAt = nil
    }
  }

  static let leases: [StorageConformance] = [
    StorageConformance("a batch that nobody has is changed at once, one that is not there never") {
      test in
      let (run, batches, executions) = Example.run()
      _ = try await test.store.create(run, batches: batches, executions: executions)
      let token = try await test.store.updateFreeBatch("run-b0") { aggregate in
        aggregate.batch.fencingToken += 1
        return aggregate.batch.fencingToken
      }
      try checkEqual(token, 1)
      try checkEqual(try await test.store.batches(runID: "run")[0].fencingToken, 1)
      try checkEqual(try await test.store.updateFreeBatch("none") { _ in true }, nil)
    },
    StorageConformance("pending batches are those that fit, the oldest run first") { test in
      let runs: [(String, Int64, String, String)] = [
        ("new", 30, "m", "l4-x1"), ("old", 10, "m", "l4-x1"), ("other", 5, "m", "h100-80gb-x1"),
        ("model", 20, "n", "l4-x1"),
      ]
      for (name, seconds, model, hardware) in runs {
        let (run, batches, executions) = Example.run(
          name, batches: 2, createdAt: WallTime(seconds: seconds), model: model,
          hardware: hardware)
        _ = try await test.store.create(run, batches: batches, executions: executions)
      }
      func ids(_ inventory: AgentInventory, _ limit: Int = 100) async throws -> [String] {
        try await test.store.pendingBatches(for: inventory, limit: limit).map(\.id)
      }
      try checkEqual(
        try await ids(Example.inventory()),
        ["old-b0", "old-b1", "model-b0", "model-b1", "new-b0", "new-b1"])
      try checkEqual(try await ids(Example.inventory(), 1), ["old-b0"])
      try checkEqual(
        try await ids(Example.inventory(models: ["n"])), ["model-b0", "model-b1"])
      try checkEqual(try await ids(Example.inventory(quantizations: ["int8"])), [])
      try checkEqual(try await ids(Example.inventory(engines: ["tgi"])), [])
      try checkEqual(try await ids(Example.inventory(hardware: [])), [])
      _ = try await lease(test, "old-b0", to: "a")
      _ = try await test.store.cancelRun("new")
      try checkEqual(
        try await ids(Example.inventory()), ["old-b1", "model-b0", "model-b1"])
    },
    StorageConformance("a lease that was not renewed is expired at its end") { test in
      let fence = try await start(test)
      try checkEqual(try await test.store.leasedBatches(agentID: "a").map(\.id), ["run-b0"])
      try checkEqual(try await test.store.leasedBatches(agentID: "b"), [])
      try checkEqual(try await test.store.expiredBatches(), [])
      test.clock.advance(by: .seconds(29))
      try check(
        try await test.store.renewLease(fence, for: .seconds(30), agentID: "a"), "not renewed")
      test.clock.advance(by: .seconds(29))
      try checkEqual(try await test.store.expiredBatches(), [])
      test.clock.advance(by: .seconds(1))
      try checkEqual(try await test.store.expiredBatches().map(\.id), ["run-b0"])
      try check(
        try await test.store.renewLease(fence, for: .seconds(30), agentID: "a"),
        "a lease that nobody took back was not renewed")
      try checkEqual(try await test.store.expiredBatches(), [])
      try await takeBack(test)
      try check(
        try await !test.store.renewLease(fence, for: .seconds(30), agentID: "a"),
        "a lease that was taken back was renewed")
    },
    StorageConformance("a renewal needs the newest token and its agent, and shortens nothing") {
      test in
      let fence = try await start(test)
      for (other, agent) in [
        (Fence(batchID: "run-b0", token: fence.token + 1), "a"),
        (Fence(batchID: "run-b0", token: fence.token - 1), "a"), (fence, "b"),
        (Fence(batchID: "other", token: fence.token), "a"),
      ] {
        try check(
          try await !test.store.renewLease(other, for: .seconds(30), agentID: agent),
          "\(other) was renewed")
      }
      let end = try await test.store.batches(runID: "run")[0].leaseExpiresAt
      try check(
        try await test.store.renewLease(fence, for: .seconds(1), agentID: "a"), "not renewed")
      try checkEqual(try await test.store.batches(runID: "run")[0].leaseExpiresAt, end)
    },
    StorageConformance("a rule changes a batch, its run and its executions at once") { test in
      let fence = try await start(test)
      let segment = Segment(
        executionID: "run-b0-e1", number: 0, agentID: "a", wallClockAnchor: test.clock.now)
      let before = try await test.store.batches(runID: "run")[0]
      try await test.store.updateBatch("run-b0", fence: fence) { aggregate in
        aggregate.executions[1].state = .running
        aggregate.executions[1].nextSegment = 1
        aggregate.executions[1].startedAt = aggregate.now
        aggregate.executions[1].engineVersion = "b1"
        aggregate.executions[1].modelRevision = "sha"
        aggregate.executions[1].isSimulated = true
        aggregate.newSegments = [segment]
        aggregate.batch.endedCount = 1
      }
      let execution = try present(try await test.store.execution("run-b0-e1"))
      try checkEqual(execution.state, .running)
      try checkEqual(execution.nextSegment, 1)
      try checkEqual(execution.startedAt, test.clock.now)
      try checkEqual(execution.engineVersion, "b1")
      try checkEqual(execution.modelRevision, "sha")
      try check(execution.isSimulated, "not simulated")
      try checkEqual(try await test.store.segment(0, of: "run-b0-e1"), segment)
      try checkEqual(try await test.store.segment(1, of: "run-b0-e1"), nil)
      try checkEqual(try await test.store.segment(0, of: "run-b0-e0"), nil)
      let batch = try await test.store.batches(runID: "run")[0]
      try checkEqual(batch.endedCount, 1)
      try check(batch.version > before.version, "the version stands still")
      try await checkRefused(.conflict) {
        try await test.store.updateBatch("run-b0", fence: fence) {
          $0.newSegments = [segment]
        }
      }
    },
    StorageConformance("a rule that throws changes nothing") { test in
      let fence = try await start(test)
      let run = try await test.store.run("run")
      do {
        try await test.store.updateBatch("run-b0", fence: fence) { aggregate in
          aggregate.run.state = .failed
          aggregate.executions[0].state = .failed
          throw RuleRefusal()
        }
        try check(false, "nothing was thrown")
      } catch is RuleRefusal {}
      try checkEqual(try await test.store.run("run"), run)
      try checkEqual(try await test.store.execution("run-b0-e0")?.state, .pending)
    },
    StorageConformance("a rule under a lease that is over is refused") { test in
      let old = try await start(test)
      let new = try await lease(test, "run-b0", to: "b")
      try check(new.token > old.token, "the token stands still")
      let rule: @Sendable (inout BatchAggregate) -> Void = { $0.run.state = .failed }
      try await checkRefused(.superseded) {
        try await test.store.updateBatch("run-b0", fence: old, rule)
      }
      // Past its end, but nobody has taken it back.
      test.clock.advance(by: .seconds(30))
      try await test.store.updateBatch("run-b0", fence: new) { _ in }
      try await takeBack(test)
      try await checkRefused(.superseded) {
        try await test.store.updateBatch("run-b0", fence: new, rule)
      }
      try await checkRefused(.notFound) {
        try await test.store.updateBatch("other", fence: nil, rule)
      }
      try checkEqual(try await test.store.run("run")?.state, .running)
    },
    StorageConformance("one of many that grant a batch at once is first") { test in
      let (run, batches, executions) = Example.run()
      _ = try await test.store.create(run, batches: batches, executions: executions)
      let wins = await withTaskGroup(of: Bool.self) { group in
        for agent in 0..<20 {
          group.addTask {
            let isWon = try? await test.store.updateBatch("run-b0", fence: nil) { aggregate in
              guard aggregate.batch.state == .pending else { return false }
              aggregate.batch.state = .leased
              aggregate.batch.agentID = "agent \(agent)"
              aggregate.batch.fencingToken += 1
              return true
            }
            return isWon ?? false
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      try checkEqual(wins, 1)
      try checkEqual(try await test.store.batches(runID: "run")[0].fencingToken, 1)
    },
    StorageConformance("a result is stored with its execution's end and moves the version") {
      test in
      let fence = try await start(test)
      let version = try await test.store.dataVersion()
      let execution = try present(try await test.store.execution("run-b0-e0"))
      let result = Example.result(
        "run-b0-e0", of: execution.configuration, run: "run", kind: .measured)
      for _ in 0..<2 {
        try await test.store.updateBatch("run-b0", fence: fence) { aggregate in
          aggregate.executions[0].state = .completed
          aggregate.newResults = [result]
        }
      }
      try checkEqual(try await test.store.dataVersion(), version + 1)
      try checkEqual(try await test.store.snapshot().results.map(\.result), [result])
      var query = ResultQuery()
      query.runID = "run"
      try checkEqual(
        try await test.store.results(query, page: PageRequest()).items.map(\.result), [result])
      query.runID = "other"
      try checkEqual(try await test.store.results(query, page: PageRequest()).items, [])
    },
    StorageConformance("of a configuration and run the newest attempt's result is read") { test in
      var (run, batches, executions) = Example.run(configurations: 1)
      var retry = executions[0]
      retry.id = "retry"
      retry.attempt = 2
      run.configurationCount = 1
      batches[0].configurationCount = 1
      _ = try await test.store.create(run, batches: batches, executions: executions + [retry])
      let seen = try await test.store.updateBatch("run-b0", fence: nil) { aggregate in
        aggregate.newResults = [
          Example.result("retry", of: aggregate.executions[0].configuration, run: "run")
        ]
        return aggregate.executions.map(\.id)
      }
      try checkEqual(seen, ["retry"])
      try checkEqual(try await test.store.snapshot().results.map(\.result.id), ["retry"])
    },
  ]
}

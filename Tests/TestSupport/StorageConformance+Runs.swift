internal import BenchmarkDomain
internal import Storage

extension StorageConformance {
  static let runs: [StorageConformance] = [
    StorageConformance("a run is read back with its batches and executions") { test in
      let (run, batches, executions) = Example.run(batches: 3, requests: 9, requestID: "q")
      try checkEqual(
        try await test.store.create(run, batches: batches, executions: executions), run)
      try checkEqual(try await test.store.run("run"), run)
      try checkEqual(try await test.store.batches(runID: "run"), batches)
      for execution in executions {
        try checkEqual(try await test.store.execution(execution.id), execution)
      }
      try checkEqual(try await test.store.run("other"), nil)
      try checkEqual(try await test.store.batches(runID: "other"), [])
      try checkEqual(try await test.store.execution("other"), nil)
      let known = try await test.store.configuration(executions[0].configuration.id)
      try check(known?.0 == executions[0].configuration, "the configuration is not known")
    },
    StorageConformance("a request id that is known returns its run and stores nothing") { test in
      let first = Example.run("a", requestID: "q")
      let second = Example.run("b", requestID: "q")
      _ = try await test.store.create(
        first.run, batches: first.batches, executions: first.executions)
      let found = try await test.store.create(
        second.run, batches: second.batches, executions: second.executions)
      try checkEqual(found, first.run)
      try checkEqual(try await test.store.run("b"), nil)
    },
    StorageConformance("a request id that stands for another request is refused") { test in
      var first = Example.run("a", requestID: "q")
      first.run.requestDigest = "one"
      var same = Example.run("b", requestID: "q")
      same.run.requestDigest = "one"
      var other = Example.run("c", requestID: "q")
      other.run.requestDigest = "other"
      _ = try await test.store.create(
        first.run, batches: first.batches, executions: first.executions)
      try checkEqual(
        try await test.store.create(
          same.run, batches: same.batches, executions: same.executions), first.run)
      let (run, batches, executions) = other
      try await checkRefused(.alreadyExists) {
        try await test.store.create(run, batches: batches, executions: executions)
      }
      try checkEqual(try await test.store.run("c"), nil)
    },
    StorageConformance("a run that cannot be stored whole is not stored") { test in
      let (run, batches, executions) = Example.run(batches: 2)
      try await checkRefused(.invalid) {
        try await test.store.create(run, batches: [batches[0]], executions: executions)
      }
      try checkEqual(try await test.store.run("run"), nil)
      _ = try await test.store.create(run, batches: batches, executions: executions)
      try await checkRefused(.alreadyExists) {
        try await test.store.create(run, batches: batches, executions: executions)
      }
    },
    StorageConformance("runs are counted by state, and batches that wait or are leased") { test in
      try checkEqual(
        try await test.store.counts(), RunCounts(runs: [:], pendingBatches: 0, leasedBatches: 0))
      for name in ["a", "b"] {
        let (run, batches, executions) = Example.run(name, batches: 2)
        _ = try await test.store.create(run, batches: batches, executions: executions)
      }
      let batch = try await test.store.batches(runID: "a")[0]
      try await test.store.updateBatch(batch.id, fence: nil) { state in
        state.batch.state = .leased
        state.batch.agentID = "agent"
        state.batch.fencingToken += 1
        state.batch.leaseExpiresAt = state.now.advanced(by: .seconds(9))
      }
      let first = try await test.store.counts()
      try checkEqual(first.pendingBatches, 3)
      try checkEqual(first.leasedBatches, 1)
      try checkEqual(first.runs.values.reduce(0, +), 2)
      _ = try await test.store.cancelRun("b")
      let second = try await test.store.counts()
      try checkEqual(second.pendingBatches, 1)
      try checkEqual(second.runs[.cancelled], 1)
    },
    StorageConformance("runs are listed by state, the newest first") { test in
      for (name, seconds): (String, Int64) in [("a", 10), ("b", 30), ("c", 20), ("d", 30)] {
        let (run, batches, executions) = Example.run(
          name, createdAt: WallTime(seconds: seconds))
        _ = try await test.store.create(run, batches: batches, executions: executions)
      }
      _ = try await test.store.cancelRun("c")
      let all = try await everyPage(of: 1) { try await test.store.runs(state: nil, page: $0) }
      try checkEqual(all.map(\.id), ["d", "b", "c", "a"])
      let pending = try await everyPage(of: 2) {
        try await test.store.runs(state: .pending, page: $0)
      }
      try checkEqual(pending.map(\.id), ["d", "b", "a"])
    },
    StorageConformance("cancelling stops what has not ended and leaves the rest") { test in
      let fence = try await start(test)
      try await test.store.updateBatch("run-b0", fence: fence) { aggregate in
        aggregate.executions[0].state = .failed
        aggregate.run.failedCount = 1
      }
      test.clock.advance(by: .seconds(1))
      let run = try await test.store.cancelRun("run")
      try checkEqual(run.state, .cancelled)
      try checkEqual(run.endedAt, test.clock.now)
      try checkEqual(run.failedCount, 1)
      try checkEqual(try await test.store.execution("run-b0-e0")?.state, .failed)
      try checkEqual(try await test.store.execution("run-b0-e1")?.state, .cancelled)
      let batch = try await test.store.batches(runID: "run")[0]
      try checkEqual(batch.state, .cancelled)
      try checkEqual(batch.agentID, nil)
      try checkEqual(batch.leaseExpiresAt, nil)
      let events = try await test.store.commits(runID: "run", after: 0, limit: 100)
      try checkEqual(events.map(\.number), Array(1...run.commitNumber))
      try checkEqual(events.last?.event, .run(run))
      try checkEqual(try await test.store.cancelRun("run"), run)
      let outcome = try await test.store.commit([
        SampleCommit(fence: fence, executionID: "run-b0-e1", samples: [Example.sample(0)])
      ])
      try checkEqual(outcome, [.superseded])
    },
    StorageConformance("what failed of a run is counted by batch, with the first reason") { test in
      let fence = try await start(test)
      try checkEqual(try await test.store.failures(runID: "run"), [])
      try await test.store.updateBatch("run-b0", fence: fence) { aggregate in
        for index in aggregate.executions.indices {
          aggregate.executions[index].state = .failed
          aggregate.executions[index].failure = "reason \(aggregate.executions[index].index)"
        }
      }
      let failures = try await test.store.failures(runID: "run")
      try checkEqual(failures.map(\.batchID), ["run-b0"])
      try check(failures[0].count > 1, "not every failure was counted")
      try checkEqual(failures[0].firstReason, "reason 0")
      try checkEqual(try await test.store.failures(runID: "other"), [])
    },
    StorageConformance("a run that has ended is not cancelled, nor one that is not there") { test in
      let fence = try await start(test)
      try await test.store.updateBatch("run-b0", fence: fence) { $0.run.state = .completed }
      try await checkRefused(.failedPrecondition) { try await test.store.cancelRun("run") }
      try await checkRefused(.notFound) { try await test.store.cancelRun("other") }
    },
  ]

  /// Creates a run of one batch and leases it to agent "a" for 30 seconds.
  static func start(
    _ test: StoreUnderTest, configurations: Int = 2, requests: Int32 = 10
  ) async throws -> Fence {
    let (run, batches, executions) = Example.run(
      configurations: configurations, requests: requests)
    _ = try await test.store.create(run, batches: batches, executions: executions)
    return try await lease(test, "run-b0", to: "a")
  }

  /// Leases a batch to an agent for 30 seconds, whoever has it.
  static func lease(_ test: StoreUnderTest, _ batchID: String, to agentID: String) async throws
    -> Fence
  {
    try await test.store.updateBatch(batchID, fence: nil) { aggregate in
      aggregate.batch.state = .leased
      aggregate.batch.agentID = agentID
      aggregate.batch.fencingToken += 1
      aggregate.batch.leaseExpiresAt = aggregate.now.advanced(by: .seconds(30))
      aggregate.run.state = .running
      aggregate.run.startedAt = aggregate.run.startedAt ?? aggregate.now
      return Fence(batchID: aggregate.batch.id, token: aggregate.batch.fencingToken)
    }
  }
}
